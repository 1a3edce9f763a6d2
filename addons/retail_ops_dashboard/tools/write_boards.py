"""Write the dashboards that the addon ships: ``python -m tools.write_boards``."""

import json

from .board_specs import BOARDS
from .boards import build, target


def write():
    """Write each dashboard to its file."""
    for board in BOARDS:
        text = json.dumps(build(board), indent=1, ensure_ascii=False)
        target(board).write_text(text + "\n")


if __name__ == "__main__":
    write()
