from . import test_attacks
from . import test_downtime
from . import test_limits
from . import test_pack
from . import test_report_screen
from . import test_repairs
from . import test_rollout_repairs
from . import test_samples_of_maintenance
