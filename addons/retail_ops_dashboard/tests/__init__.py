from . import test_control_tower
