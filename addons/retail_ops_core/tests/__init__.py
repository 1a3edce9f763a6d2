from . import test_classification
from . import test_intake
from . import test_ledger
from . import test_access
from . import test_network
from . import test_sla
from . import test_transitions
