from . import test_matrix
from . import test_routing
from . import test_segregation
from . import test_write_off
