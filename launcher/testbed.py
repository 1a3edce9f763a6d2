"""Databases for tests: built once, kept as templates, copied in a second."""

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
        """A template with what our addons stand on, without them and demo data."""
        return self._template("base", outside(), self._key(*outside()), demo=False)

    def demo(self):
        """A template with all our addons and their demo data."""
        return self._template("demo", suite(), self._key(source_digest()), demo=True)

    def daily(self):
        """A lasting database with our addons, brought up to date: for selections."""
        database = self.database("daily")
        if not database.exists():
            self._build(database, suite(), demo=False, template=self.base())
        elif not database.is_current(suite()):
            with self.workshop.progress.step(
                "Database for selected tests, update"
            ) as step:
                database.update(suite(), step)
        return database

    def _key(self, *parts):
        """A short hash over what a template is made of, Odoo's own build included."""
        release = self.workshop.odoo.package / "release.py"
        total = hashlib.sha256(" ".join(parts).encode() + release.read_bytes())
        return total.hexdigest()[:12]

    def _template(self, kind, modules, key, *, demo):
        database = self.database(f"{kind}_{key}")
        with locked(self.workshop.home.lock("templates"), self.workshop.progress):
            if not database.exists():
                self._drop_older(kind)
                self._build(database, modules, demo=demo)
        return database

    def _build(self, database, modules, *, demo, template=None):
        with self.workshop.progress.step(f"Database {database.name}") as step:
            database.create(modules, demo=demo, step=step, template=template)

    def _drop_older(self, kind):
        pattern = literal(f"{PREFIX}{kind}\\_%")
        sql = f"SELECT datname FROM pg_database WHERE datname LIKE {pattern};"
        for [name] in self.connection.query(sql):
            self.database(name[len(PREFIX) :]).drop()


def outside():
    """What our addons depend on outside the suite, sorted."""
    depends = {name for addon in suite() for name in manifest(addon)["depends"]}
    return sorted(depends - set(suite())) or ["base"]
