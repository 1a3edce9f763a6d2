from . import test_held_counts
from . import test_held_scraps
from . import test_paths_around
