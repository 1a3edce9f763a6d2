"""Odoo as a process: its command line, its start, its health, its end."""

import contextlib
import http.client
import signal
import socket
import time

from .commands import start, stop
from .errors import SetupError

HOSTS_OF_ALL = ("", "0.0.0.0", "::")
SECONDS_TO_START = 180
SECONDS_BETWEEN_LOOKS = 0.1


class Instance:
    """An Odoo on one database.

    :param workshop: where Odoo and its Python are
    :param connection: its PostgreSQL
    :param data: its data folder (file store, sessions, secret key)
    """

    def __init__(self, workshop, connection, database, data=None):
        self.workshop = workshop
        self.connection = connection
        self.database = database
        self.data = data or workshop.home.data

    def command(self, *arguments, sub=()):
        """The whole command line; `sub` is a subcommand such as ('shell',)."""
        return [
            *(self.workshop.home.python, "-m", "odoo", *sub),
            f"--config={self.workshop.settings.config}",
            f"--database={self.database}",
            f"--addons-path={self.workshop.addons_path}",
            f"--data-dir={self.data}",
            *self.connection.options,
            *arguments,
        ]

    @property
    def environment(self):
        """Of the process; the key that opens stored secrets is outside the database."""
        key = self.data / "retail_ops" / "secret.key"
        home = self.workshop.home
        extra = {
            "RETAIL_OPS_SECRET_KEY_FILE": key,
            "PYTHONUNBUFFERED": "1",
            # No more requests at once than there are database connections for them.
            "ODOO_MAX_HTTP_THREADS": "auto",
        }
        environment = {**self.connection.environment, **extra}
        places = (environment.get("PATH", ""), home.browser / "bin", home.pdf / "bin")
        environment["PATH"] = ":".join(map(str, places))
        return {key: str(value) for key, value in environment.items()}

    @contextlib.contextmanager
    def serving(self, port, *arguments, interface="127.0.0.1", log=None, **options):
        """Run the server while the block runs; yields its process once it is healthy.

        :raises SetupError: the port is taken, or the server does not come up
        """
        check_port(port, interface)
        self._print_from(port, interface)
        log = log or self.workshop.home.log("odoo")
        place = [f"--http-interface={interface}", f"--http-port={port}"]
        process = start(
            self.command(*place, *arguments), log, env=self.environment, **options
        )
        try:
            wait_until_healthy(process, port, interface, log)
            yield process
        finally:
            stop(process, signal.SIGINT)

    def _print_from(self, port, interface):
        """Say where wkhtmltopdf, beside the server, finds the style sheets."""
        host = "127.0.0.1" if interface in HOSTS_OF_ALL else interface
        self.connection.query(
            "INSERT INTO ir_config_parameter (key, value) VALUES"
            f" ('report.url', 'http://{host}:{port}')"
            " ON CONFLICT (key) DO UPDATE SET value = excluded.value;",
            self.database,
        )


def check_port(port, interface="127.0.0.1"):
    """:raises SetupError: something listens on the port, or it may not be used"""
    try:
        with socket.create_server((interface, port)):
            return
    except PermissionError:
        problem = f"Port {port} is reserved for root"
    except OSError:
        problem = f"Port {port} on {interface} is in use by another program"
    raise SetupError(
        f"{problem}: stop that program or choose another port with --port."
    )


def free_port():
    """A TCP port that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def is_healthy(port, interface="127.0.0.1"):
    """Whether Odoo answers on a port."""
    interface = "127.0.0.1" if interface in HOSTS_OF_ALL else interface
    connection = http.client.HTTPConnection(interface, port, timeout=10)
    try:
        connection.request("GET", "/web/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def wait_until_healthy(process, port, interface, log):
    """:raises SetupError: the server ended, or does not answer in time"""
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end:
        if process.poll() is not None:
            raise SetupError(
                f"Odoo stopped while it was starting: its log {log} says why."
            )
        if is_healthy(port, interface):
            return
        time.sleep(SECONDS_BETWEEN_LOOKS)
    raise SetupError(f"Odoo does not answer on port {port}: its log {log} says why.")
