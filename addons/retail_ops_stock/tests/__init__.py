from . import test_attacks
from . import test_facts
from . import test_held_counts
from . import test_held_scraps
from . import test_paths_around
from . import test_pattern
from . import test_unusual_losses
from . import test_watch
