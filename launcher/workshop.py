"""What a command needs, made on first use: settings, Odoo, Python, PostgreSQL."""

import contextlib
from functools import cached_property

from . import odoo
from .environment import Environment
from .files import locked, writing_to
from .home import Home
from .postgres import PROGRAMS, Cluster, named
from .progress import Progress
from .settings import REPOSITORY

ADDONS = REPOSITORY / "addons"
SUITE = (
    "retail_ops_core",
    "retail_ops_approvals",
    "retail_ops_integrations",
    "retail_ops_dashboard",
    "retail_ops_stock",
    "retail_ops_purchase",
    "retail_ops_maintenance",
)


class Workshop:
    """One start of the launcher."""

    def __init__(self, settings, progress=None):
        self.settings = settings
        self.progress = progress or Progress()
        self.home = Home(settings.home)
        self.environment = Environment(self.home, self.progress)

    def prepare(self, *sets):
        """Odoo and its Python environment, fetched where they are missing.

        :raises SetupError: something a person must mend
        """
        self.home.make()
        with (
            locked(self.home.lock("setup"), self.progress),
            writing_to(self.home.folder),
        ):
            self.odoo = odoo.ensure(self.settings, self.home, self.progress)
            self.environment.ensure(*sets)
            self.environment.see(self.odoo)

    @cached_property
    def odoo(self):
        return odoo.find(self.settings, self.home)

    @property
    def programs(self):
        """The folder of psql and its sisters."""
        return self.environment.packages / PROGRAMS

    def cluster(self, name="pgdata", durable=True):
        return Cluster(self.home, self.environment, self.progress, name, durable)

    @contextlib.contextmanager
    def postgres(self, name="pgdata", durable=True):
        """A Connection to the named PostgreSQL, or for the block to one of our own."""
        if self.settings.names_a_postgres:
            yield named(self.settings, self.programs)
        else:
            with self.cluster(name, durable).running() as connection:
                yield connection

    @property
    def addons_path(self):
        return ",".join(str(folder) for folder in [*self.odoo.addons_path, ADDONS])


def suite():
    """The addons of the suite that stand in this checkout, lowest layer first."""
    return [name for name in SUITE if (ADDONS / name / "__manifest__.py").is_file()]
