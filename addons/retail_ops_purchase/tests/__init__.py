from . import test_orders
from . import test_store_needs
