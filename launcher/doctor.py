"""./retail-ops doctor: what is well, what is broken, and what mends it."""

import io
import shutil
import sys

from . import browser, credentials, odoo, pdf
from .database import Database
from .errors import SetupError
from .mirror import Mirror, find_site
from .progress import Progress
from .server import check_port, is_healthy

ROOM = 3_000_000_000
ROOM_LATER = 500_000_000
OK, FAIL, INFO = "ok", "FAIL", "--"


class Doctor:
    """Examines one workshop; changes nothing but the package lists it reads."""

    def __init__(self, workshop):
        self.workshop = workshop
        self.settings = workshop.settings
        self.home = workshop.home
        self.quiet = workshop.progress = Progress(io.StringIO())
        self.broken = 0

    def examine(self):
        """Print a line for each check.

        :return: 0 when all is well, 1 when something is broken
        """
        for name, check in self.checks():
            try:
                self._tell(OK, name, check() or "")
            except SetupError as error:
                self.broken += 1
                self._tell(FAIL, name, str(error))
                if name == "Folder":
                    break
            except Later as later:
                self._tell(INFO, name, str(later))
        return 1 if self.broken else 0

    def checks(self):
        return (
            ("Python", self.python),
            ("Folder", self.folder),
            ("Disk", self.disk),
            ("Odoo", self.odoo),
            ("Mirror", self.mirror),
            ("Packages", self.packages),
            ("PostgreSQL", self.postgres),
            ("Database", self.database),
            ("Port", self.port),
            ("Demo keys", self.keys),
            ("Browser", self.browser),
            ("PDF", self.pdf),
        )

    def _tell(self, mark, name, text):
        print(f"{mark:<5}{name:<12}{text}", flush=True)

    def python(self):
        return ".".join(map(str, sys.version_info[:3]))

    def folder(self):
        self.home.make()
        return str(self.home.folder)

    def disk(self):
        free = shutil.disk_usage(self.home.folder).free
        needed = ROOM_LATER if self._has_odoo() else ROOM
        if free < needed:
            raise SetupError(
                f"{free / 1e9:.1f} GB are free at {self.home.folder} and "
                f"{needed / 1e9:.1f} GB "
                f"are needed: free some space or choose another folder with --home."
            )
        return f"{free / 1e9:.0f} GB free"

    def odoo(self):
        found = self.workshop.odoo
        if not found:
            raise Later("none here yet: './retail-ops run' fetches it")
        if not (found.package / "addons" / "web" / "static").is_dir():
            beside = found.libraries / "addons" / "web" / "static"
            if not beside.is_dir():
                raise SetupError(
                    f"The Odoo at {found.libraries} lacks its web files: "
                    f"'./retail-ops reset --all' and start again."
                )
        version = ".".join(map(str, odoo.version_info(found.package)[:2]))
        return f"{version}, {found.origin}"

    def mirror(self):
        """Only asked when Odoo is still to be fetched."""
        if self._has_odoo() or self.settings.odoo_path:
            raise Later("not needed, Odoo comes from elsewhere")
        site, release = find_site()
        mirror = Mirror(self.home.downloads / "apt", self.home.log("apt"))
        with self.quiet.step("Mirror") as step:
            mirror.check_offers(odoo.PACKAGE, mirror.update(step))
        return f"{site} offers {odoo.PACKAGE}"

    def packages(self):
        environment = self.workshop.environment
        if not self.home.venv.exists():
            raise Later("not installed yet: './retail-ops run' does it")
        if not environment.holds("odoo"):
            raise SetupError(
                "The Python packages are not those of requirements/odoo.txt: "
                "'./retail-ops run' installs them again."
            )
        environment.check_imports()
        return "as locked, importable"

    def postgres(self):
        if not self.workshop.environment.holds("odoo"):
            raise Later("comes with the Python packages")
        if self.settings.names_a_postgres:
            with self.workshop.postgres() as connection:
                return f"{connection.host}, version {version_of(connection)}"
        cluster = self.workshop.cluster()
        cluster.check_folder()
        if not cluster.folder.exists():
            raise Later("the embedded one starts with './retail-ops run'")
        with self.workshop.postgres() as connection:
            return f"embedded, version {version_of(connection)}"

    def database(self):
        if not self._has_postgres():
            raise Later("made by './retail-ops run'")
        with self.workshop.postgres() as connection:
            database = Database(self.workshop, connection, self.settings.database)
            if not database.exists():
                raise Later(f"{database.name} is made by './retail-ops run'")
            database.check_version()
            return f"{database.name}, Odoo 19.0"

    def port(self):
        try:
            check_port(self.settings.port, self.settings.interface)
        except SetupError:
            if is_healthy(self.settings.port, self.settings.interface):
                return f"{self.settings.port}, Odoo answers there"
            raise
        return f"{self.settings.port} is free"

    def keys(self):
        path = self.home.credentials
        if not path.exists():
            raise Later("made by './retail-ops run'")
        credentials.read(path)
        if not credentials.is_private(path):
            raise SetupError(f"Others may read {path}: run 'chmod 600 {path}'.")
        return str(path)

    def browser(self):
        found = browser.find(self.home)
        if not found:
            raise Later("none here: './retail-ops test' fetches one")
        return str(found)

    def pdf(self):
        found = pdf.find(self.home)
        if not found:
            raise Later("reports open as pages: './retail-ops run' fetches wkhtmltopdf")
        return str(found)

    def _has_odoo(self):
        try:
            return bool(self.workshop.odoo)
        except SetupError:
            return False

    def _has_postgres(self):
        if not self.workshop.environment.holds("odoo"):
            return False
        return self.settings.names_a_postgres or self.workshop.cluster().folder.exists()


class Later(Exception):
    """Not there yet, and nothing wrong with that; says when it comes."""


def version_of(connection):
    return connection.query("SHOW server_version;")[0][0]
