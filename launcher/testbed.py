"""Databases for tests: built once, kept as templates, copied in a second.

An addon's tests run where it and those below it are installed, and no other addon of
the suite: what stands above must not be needed, and may change what is below.
"""

import contextlib
import hashlib
import os

from .database import Database, literal, manifest, source_digest
from .files import locked
from .workshop import suite

PREFIX = "retail_ops_test_"


class Testbed:
    """Templates and copies on one PostgreSQL."""

    def __init__(self, workshop, connection):
        self.workshop = workshop
        self.connection = connection
        self.data = workshop.home.folder / "testdata"
        self.data.mkdir(exist_ok=True)

    def database(self, name):
        return Database(self.workshop, self.connection, PREFIX + name, self.data)

    @contextlib.contextmanager
    def copy(self, template, name):
        """A fresh copy of a template while the block runs."""
        database = self.database(f"{name}_{os.getpid()}")
        database.drop()
        database.copy_from(template)
        try:
            yield database
        finally:
            database.drop()

    def base(self):
        """A template with what the lowest addon stands on, without demo data."""
        modules = outside()
        return self._template("base", modules, self._key(*modules), demo=False)

    def demo(self):
        """A template with all our addons and their demo data."""
        return self._template("demo", suite(), self._key(source_digest()), demo=True)

    def stage_name(self, addon):
        return f"{addon}_{self._key(source_digest(below(addon)))}"

    def stage(self, addon):
        """A template with one addon and those below it, without demo data."""
        key = self._key(source_digest(below(addon)))
        return self._template(
            addon, below(addon), key, demo=False, template=lambda: self.before(addon)
        )

    def before(self, addon):
        """The template that an addon is installed into when it is tested."""
        lower = below(addon)[:-1]
        return self.stage(lower[-1]) if lower else self.base()

    def keep(self, database, addon):
        """Make the database in which an addon was tested its stage."""
        stage = self.database(self.stage_name(addon))
        if not stage.exists():
            self._drop_older(addon)
            database.remember_sources(below(addon))
            database.rename_to(stage)

    def daily(self, addon):
        """A lasting stage, brought up to date by an update: for selections."""
        database = self.database(f"daily_{addon}")
        if not database.exists():
            with self.workshop.progress.step(f"Database {database.name}"):
                database.copy_from(self.stage(addon))
        elif not database.is_current(below(addon)):
            with self.workshop.progress.step(f"Update of {database.name}") as step:
                database.update(below(addon), step)
        return database

    def _key(self, *parts):
        """A short hash over what a template is made of, Odoo's own build included."""
        release = self.workshop.odoo.package / "release.py"
        total = hashlib.sha256(" ".join(parts).encode() + release.read_bytes())
        return total.hexdigest()[:12]

    def _template(self, kind, modules, key, *, demo, template=None):
        database = self.database(f"{kind}_{key}")
        if database.exists():
            return database
        start = template() if template else None
        with locked(self.workshop.home.lock("templates"), self.workshop.progress):
            if not database.exists():
                self._drop_older(kind)
                with self.workshop.progress.step(f"Database {database.name}") as step:
                    database.create(modules, demo=demo, step=step, template=start)
        return database

    def _drop_older(self, kind):
        pattern = literal(f"{PREFIX}{kind}\\_%")
        sql = f"SELECT datname FROM pg_database WHERE datname LIKE {pattern};"
        for [name] in self.connection.query(sql):
            self.database(name[len(PREFIX) :]).drop()


def below(addon):
    """An addon and those of the suite that it stands on, lowest first."""
    wanted, found = {addon}, set()
    while wanted:
        name = wanted.pop()
        found.add(name)
        wanted |= set(manifest(name)["depends"]) & set(suite()) - found
    return [name for name in suite() if name in found]


def outside():
    """What the lowest addon depends on, sorted; the others bring their own."""
    lowest = suite()[:1]
    depends = {name for addon in lowest for name in manifest(addon)["depends"]}
    return sorted(depends - set(suite())) or ["base"]
