"""The demo keys: made by Odoo at install, kept in a file that only its owner reads."""

import json
import stat
from pathlib import Path

from .database import to_json
from .errors import SetupError
from .files import write_whole

SCRIPT = Path(__file__).parent / "scripts" / "provision.py"
MARKER = "RETAIL-OPS-CREDENTIALS "


def provision(database, path, step):
    """Have Odoo make new demo keys and keep them in `path`."""
    keys = to_json(database.shell(SCRIPT, step), MARKER)
    write_whole(path, json.dumps(keys, indent=2) + "\n", mode=0o600)
    return keys


def read(path):
    """The keys: {"source": {"code", "secret"}, "endpoint": {"url", "secret"}}.

    :raises SetupError: there are none yet
    """
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise SetupError(
            f"There are no demo keys in {path}: start './retail-ops run' first."
        ) from None


def is_private(path):
    """Whether nobody but the owner may read the file."""
    return not stat.S_IMODE(Path(path).stat().st_mode) & 0o077
