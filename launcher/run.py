"""./retail-ops run: from nothing, or from what is there, to a server in the browser."""

import subprocess
import time

from . import credentials, pdf
from .database import Database
from .errors import SetupError
from .server import HOSTS_OF_ALL, check_port
from .workshop import suite


def run(workshop):
    """Start the server and stay until Ctrl-C; everything stops with it."""
    check_port(workshop.settings.port, workshop.settings.interface)
    workshop.prepare()
    pdf.offer(workshop.home, workshop.progress)
    with workshop.postgres() as connection:
        database = ready_database(workshop, connection)
        serve(workshop, database)


def ready_database(workshop, connection):
    """The database of the settings: made, brought up to date, with its demo keys.

    :raises SetupError: it is not ours to use, or an installation failed
    """
    settings = workshop.settings
    database = Database(workshop, connection, settings.database)
    modules = [*suite(), *settings.extra]
    workshop.home.data.mkdir(exist_ok=True)
    keys = workshop.home.credentials
    if not database.exists():
        keys.unlink(missing_ok=True)
        with workshop.progress.step(f"Database {database.name}") as step:
            database.create(modules, demo=settings.demo, step=step)
    database.check_version()
    if not database.is_current(suite()):
        with workshop.progress.step(f"Database {database.name}, update") as step:
            database.update(modules, step)
    if settings.demo and not keys.exists():
        with workshop.progress.step("Demo keys") as step:
            credentials.provision(database, keys, step)
    return database


def serve(workshop, database):
    """Run Odoo in the foreground until it ends or Ctrl-C."""
    settings = workshop.settings
    options = [f"--dev={settings.dev}"] if settings.dev else []
    terminal = {"stdout": None, "stderr": None} if settings.verbose else {}
    began = time.monotonic()
    serving = database.instance.serving(
        settings.port, *options, interface=settings.interface, **terminal
    )
    try:
        with serving as process:
            workshop.progress.say(
                f"  ok  Odoo is up ({time.monotonic() - began:.1f} s)"
            )
            welcome(workshop, database)
            process.wait()
            raise SetupError(
                f"Odoo stopped by itself: its log {workshop.home.log('odoo')} says why."
            )
    except KeyboardInterrupt:
        workshop.progress.say("\n  ok  Odoo stopped")


def welcome(workshop, database):
    """Say where to go and who may log in."""
    settings = workshop.settings
    host = "localhost" if settings.interface in HOSTS_OF_ALL else settings.interface
    say = workshop.progress.say
    say(f"\nRetail Ops is ready: http://{host}:{settings.port}\n")
    logins = database.demo_logins()
    if logins:
        say("Demo logins, password 'demo' (the administrator is admin / admin):")
        for login, name, role in logins:
            say(f"  {login:<16}{name}{f', {role}' if role else ''}")
        say()
    if workshop.home.credentials.exists():
        say("In other terminals: './retail-ops listen', then './retail-ops send'.")
    say(f"The server's log is {workshop.home.log('odoo')}. Ctrl-C stops everything.")


def shell(workshop):
    """Odoo's Python shell on the database, in the foreground."""
    workshop.prepare()
    with workshop.postgres() as connection:
        database = Database(workshop, connection, workshop.settings.database)
        if not database.exists():
            raise SetupError(
                "There is no database yet: start './retail-ops run' first."
            )
        command = database.instance.command("--no-http", sub=("shell",))
        return subprocess.run(
            list(map(str, command)), env=database.instance.environment, check=False
        ).returncode
