"""A real n8n for the tests: installed as locked, run on this machine alone.

It takes three minutes and 2.5 GB once; afterwards it starts in seconds. Its database
stands in the tests' PostgreSQL, so nothing needs compiling.
"""

import contextlib
import http.client
import json
import shutil
import signal
import time

from .commands import clean_environment, run, space_used, start, stop
from .errors import SetupError
from .files import check_room, digest, locked, stamp_of, whole_folder
from .progress import size
from .server import free_port
from .settings import REPOSITORY

LOCKS = REPOSITORY / "requirements" / "n8n"
WORKFLOWS = REPOSITORY / "workflows" / "n8n"
ROOM = 3_500_000_000
SECONDS_TO_START = 180
SECONDS_BETWEEN_LOOKS = 0.2
NPM_OPTIONS = (
    "--legacy-peer-deps",
    "--omit=dev",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
)
# No call leaves the machine, no screen is served: what runs is the workflows.
QUIET = {
    "N8N_DIAGNOSTICS_ENABLED": "false",
    "N8N_VERSION_NOTIFICATIONS_ENABLED": "false",
    "N8N_TEMPLATES_ENABLED": "false",
    "N8N_COMMUNITY_PACKAGES_ENABLED": "false",
    "N8N_HIRING_BANNER_ENABLED": "false",
    "N8N_DYNAMIC_BANNERS_ENABLED": "false",
    "N8N_PERSONALIZATION_ENABLED": "false",
    "N8N_DISABLE_UI": "true",
    "N8N_SECURE_COOKIE": "false",
    "GENERIC_TIMEZONE": "UTC",
}


def ensure(workshop):
    """Install Node.js and n8n as locked, unless they are there.

    :raises SetupError: the registry cannot be reached, the disk is full, …
    """
    workshop.environment.ensure("node")
    folder = workshop.home.n8n
    locks = [LOCKS / "package.json", LOCKS / "package-lock.json", LOCKS / ".npmrc"]
    with locked(workshop.home.lock("n8n"), workshop.progress):
        if stamp_of(folder) != digest(*locks):
            _install(workshop, folder, locks)


def _install(workshop, folder, locks):
    check_room(workshop.home.folder, ROOM)
    with (
        workshop.progress.step("n8n (2,200 locked packages, minutes)") as step,
        whole_folder(folder, digest(*locks)) as part,
    ):
        for lock in locks:
            shutil.copy(lock, part)
        run(
            [workshop.environment.scripts / "npm", "ci", *NPM_OPTIONS],
            "Installation of n8n",
            online=True,
            step=step,
            log=workshop.home.log("npm"),
            folder=folder,
            measure=lambda: size(space_used(part)),
            cwd=part,
            env=_with_node(workshop),
        )


def _with_node(workshop, **extra):
    """The environment in which `node` is the locked one."""
    environment = clean_environment(**extra)
    environment["PATH"] = f"{workshop.environment.scripts}:{environment['PATH']}"
    return environment


class N8n:
    """An n8n on a database of its own.

    :param workshop: where Node.js and n8n are
    :param connection: the PostgreSQL that holds its database
    :param str database: name of the database, which is made empty
    :param folder: for its settings and files
    :param dict extra: more environment variables
    """

    def __init__(self, workshop, connection, database, folder, extra):
        self.workshop = workshop
        self.connection = connection
        self.database = database
        self.folder = folder
        self.port = free_port()
        self.broker_port = free_port()
        self.extra = extra
        self.log = workshop.home.log("n8n")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self):
        database = self.connection
        return _with_node(
            self.workshop,
            **QUIET,
            DB_TYPE="postgresdb",
            DB_POSTGRESDB_DATABASE=self.database,
            DB_POSTGRESDB_HOST=database.host,
            DB_POSTGRESDB_PORT=database.port,
            DB_POSTGRESDB_USER=database.user,
            DB_POSTGRESDB_PASSWORD=database.password,
            N8N_USER_FOLDER=self.folder,
            N8N_LISTEN_ADDRESS="127.0.0.1",
            N8N_PORT=self.port,
            N8N_WEBHOOK_URL=f"{self.url}/",
            N8N_RUNNERS_BROKER_PORT=self.broker_port,
            **self.extra,
        )

    def command(self, *arguments):
        """The command line of n8n's own program."""
        program = self.workshop.home.n8n / "node_modules" / "n8n" / "bin" / "n8n"
        return [self.workshop.environment.scripts / "node", program, *arguments]

    def run(self, *arguments):
        """Run one of n8n's commands to its end, such as `import:workflow`.

        :raises SetupError: it failed
        """
        with self.workshop.progress.step(f"n8n {arguments[0]}") as step:
            return run(
                self.command(*arguments),
                f"n8n's {arguments[0]}",
                step=step,
                log=self.workshop.home.log("n8n-commands"),
                folder=self.folder,
                env={**self.environment, "N8N_RUNNERS_BROKER_PORT": str(free_port())},
            )

    @contextlib.contextmanager
    def serving(self):
        """Run n8n while the block runs; yields its process once it is ready."""
        process = self.start()
        try:
            yield process
        finally:
            stop(process)

    def start(self):
        """Start n8n and wait until it is ready.

        :return: the process, the leader of a session of its own
        :raises SetupError: it ended, or does not get ready in time
        """
        with self.workshop.progress.step("n8n, start") as step:
            process = start(self.command("start"), self.log, env=self.environment)
            try:
                self._wait_until_ready(process, step)
            except BaseException:
                stop(process, signal.SIGKILL)
                raise
        return process

    def _wait_until_ready(self, process, step):
        end = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < end:
            if process.poll() is not None:
                raise SetupError(
                    f"n8n stopped while it was starting: its log {self.log} says why."
                )
            if self.is_ready():
                return
            step.tick()
            time.sleep(SECONDS_BETWEEN_LOOKS)
        raise SetupError(f"n8n does not get ready: its log {self.log} says why.")

    def is_ready(self):
        """Whether n8n answers, its database migrated."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/healthz/readiness")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def workflows():
    """The workflows of this repository, by id."""
    found = [json.loads(path.read_text("utf-8")) for path in WORKFLOWS.glob("*.json")]
    return {one["id"]: one for one in found if "nodes" in one}
