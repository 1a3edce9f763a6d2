"""./retail-ops reset: back to the state before the first run."""

import sys

from .database import BUILDING, Database
from .errors import SetupError
from .files import locked, remove


def reset(workshop, *, everything, sure):
    """Remove the database and its keys, or with `everything` the whole folder."""
    home = workshop.home
    what = (
        f"everything in {home.folder}"
        if everything
        else "the database and its demo keys"
    )
    if not sure and not agreed(f"Remove {what}? [y/N] "):
        raise SetupError("Nothing was removed: answer y, or give --yes.")
    if not home.folder.exists():
        return
    with locked(home.lock("setup"), workshop.progress):
        if everything:
            remove_everything(workshop)
        else:
            remove_database(workshop)
    workshop.progress.say(f"  ok  removed {what}")


def agreed(question):
    """Whether the person at the terminal says yes; nobody there is a no."""
    print(question, end="", flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def remove_database(workshop):
    """The database of the settings and its files; a cluster of our own goes whole."""
    workshop.home.credentials.unlink(missing_ok=True)
    if not workshop.settings.names_a_postgres:
        workshop.cluster().remove()
        remove(workshop.home.data)
    elif workshop.environment.holds("odoo"):
        with workshop.postgres() as connection:
            for name in (
                workshop.settings.database,
                workshop.settings.database + BUILDING,
            ):
                Database(workshop, connection, name).drop()


def remove_everything(workshop):
    for name in ("pgdata", "pgtest"):
        workshop.cluster(name).remove()
    remove(workshop.home.folder)
