from . import test_board_facts
from . import test_boards
from . import test_control_tower
from . import test_currencies
from . import test_tower_tiles
