from . import retail_approval_reject
from . import retail_approval_dialog
from . import retail_approval_preview
from . import retail_approval_import
