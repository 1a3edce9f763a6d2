from . import retail_checklist_answer
from . import retail_classifier_bench
from . import retail_exception_step
from . import retail_exception_type_new
from . import retail_store_go_live
from . import retail_store_report_step
from . import retail_rollout_step
from . import retail_outlier_dismiss
