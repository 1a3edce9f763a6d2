from . import test_attacks
from . import test_orders
from . import test_parts
from . import test_store_needs
from . import test_kpi
from . import test_terms
from . import test_rollout_orders
from . import test_samples_of_purchase
