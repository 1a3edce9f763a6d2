"""`./retail-ops i18n`: what there is to translate, as Odoo exports it."""

import json
import subprocess

from .database import to_json
from .settings import REPOSITORY
from .testbed import Testbed

SCRIPT = REPOSITORY / "launcher" / "scripts" / "export_terms.py"
MARKER = "RETAIL-OPS-TERMS "


def i18n(workshop):
    """Write each addon's .pot anew and bring its languages up to it.

    :return: the exit code of what writes the files, in Odoo's own environment
    """
    workshop.prepare("test")
    with workshop.postgres("pgtest", durable=False) as connection:
        database = Testbed(workshop, connection).demo()
        with workshop.progress.step("Terms") as step:
            exported = export(database, step)
    return subprocess.run(
        [str(workshop.home.python), "-m", "launcher.scripts.terms"],
        input=json.dumps(exported),
        text=True,
        cwd=REPOSITORY,
        check=False,
    ).returncode


def export(database, step):
    """Return dict addon -> text of the .pot that Odoo exports."""
    return to_json(database.shell(SCRIPT, step), MARKER)
