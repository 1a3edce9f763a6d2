"""The database: made whole or not at all, kept current, refused if not of Odoo 19."""

import ast
import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path

from .commands import run
from .errors import SetupError
from .files import remove
from .server import Instance
from .workshop import ADDONS, suite

BUILDING = "_building"
DIGEST = "retail_ops.source_digest"
SERIES = "19.0."
NOT_SOURCE = ("tests", "__pycache__", "readme")


class Database:
    """One Odoo database by name on one PostgreSQL."""

    def __init__(self, workshop, connection, name, data=None):
        self.workshop = workshop
        self.connection = connection
        self.name = name
        self.instance = Instance(workshop, connection, name, data)
        self.store = self.instance.data / "filestore"

    def exists(self):
        return self._exists(self.name)

    def _exists(self, name):
        question = f"SELECT 1 FROM pg_database WHERE datname = {literal(name)};"
        return bool(self.connection.query(question))

    def query(self, sql):
        return self.connection.query(sql, self.name)

    def check_version(self):
        """:raises SetupError: the database is not of Odoo 19.0"""
        if not self.query("SELECT to_regclass('ir_module_module');")[0][0]:
            raise SetupError(
                f"The database {self.name} is not one of Odoo: choose another name "
                "with "
                f"--database."
            )
        sql = "SELECT latest_version FROM ir_module_module WHERE name = 'base';"
        version = self.query(sql)[0][0]
        if not version.startswith(SERIES):
            raise SetupError(
                f"The database {self.name} is of Odoo {version or 'unknown'} and this "
                "is Odoo "
                f"19.0: upgrade it first, or choose another name with --database."
            )

    def create(self, modules, *, demo, step, template=None):
        """Install modules into a new database; it gets its name when all is done."""
        building = Database(
            self.workshop, self.connection, self.name + BUILDING, self.instance.data
        )
        building.drop()
        if template:
            building.copy_from(template)
        demo_option = "--with-demo" if demo else "--without-demo=True"
        building.odoo(step, "--init", ",".join(modules), demo_option)
        building.check_demo()
        building.remember_sources(modules)
        building.rename_to(self)

    def check_demo(self):
        """Odoo goes on without the demo data that it could not load; we do not.

        :raises SetupError: naming the modules
        """
        sql = (
            "SELECT DISTINCT module.name FROM ir_demo_failure failure"
            " JOIN ir_module_module module ON module.id = failure.module_id;"
        )
        failed = ", ".join(name for [name] in self.query(sql))
        if failed:
            raise SetupError(
                f"The demo data of {failed} could not be loaded: the log names the "
                f"record, {self.workshop.home.log('install')}."
            )

    def update(self, modules, step):
        """Install what is missing and update what is there."""
        there = self.installed()
        new = [name for name in modules if name not in there]
        old = [name for name in modules if name in there]
        options = ["--init", ",".join(new)] if new else []
        self.odoo(step, *options, *(["--update", ",".join(old)] if old else []))
        self.remember_sources(modules)

    def odoo(self, step, *arguments):
        """Run Odoo on this database to the end of its initialisation.

        :raises SetupError: it failed
        """
        log = self.workshop.home.log("install")
        before = log.stat().st_size if log.exists() else 0
        output = run(
            self.instance.command(*arguments, "--stop-after-init", "--no-http"),
            "Installation into the database",
            step=step,
            log=log,
            folder=self.instance.data,
            measure=lambda: progress_of(log, before),
            env=self.instance.environment,
        )
        return output

    def shell(self, script, step, **environment):
        """Run a Python script with `env` in `odoo shell` and return what it printed.

        The output may hold secrets: it passes through a private file that is removed.
        """
        private = Path(tempfile.mkdtemp(prefix="retail-ops-"))
        try:
            with open(script, encoding="utf-8") as text:
                output = run(
                    self.instance.command(
                        "--no-http", "--log-level=error", sub=("shell",)
                    ),
                    f"The script {script.name}",
                    step=step,
                    log=private / "shell",
                    folder=self.instance.data,
                    stdin=text,
                    env={**self.instance.environment, **environment},
                )
        finally:
            remove(private)
        return output

    def installed(self):
        """Installed modules of this suite, by name to version."""
        sql = (
            "SELECT name, latest_version FROM ir_module_module"
            " WHERE state = 'installed' AND name LIKE 'retail_ops%';"
        )
        return dict(self.query(sql))

    def is_current(self, modules):
        """Whether modules are installed as their manifests and sources stand."""
        versions = self.installed()
        behind = [
            name for name in modules if versions.get(name) != manifest(name)["version"]
        ]
        ours = [name for name in modules if name in suite()]
        return not behind and self._remembered() == source_digest(ours)

    def _remembered(self):
        sql = f"SELECT value FROM ir_config_parameter WHERE key = '{DIGEST}';"
        return "".join(value for [value] in self.query(sql))

    def remember_sources(self, modules):
        """Keep in the database what it was made from, to see when that has changed."""
        digest = source_digest([name for name in suite() if name in modules])
        self.query(
            f"INSERT INTO ir_config_parameter (key, value) VALUES"
            f" ('{DIGEST}', '{digest}')"
            f" ON CONFLICT (key) DO UPDATE SET value = excluded.value;"
        )

    def demo_logins(self):
        """Rows of (login, name, role) of the demo users, in the order made."""
        return self.query(
            "SELECT u.login, p.name, coalesce(p.function, '')"
            " FROM ir_model_data d JOIN res_users u ON u.id = d.res_id"
            " JOIN res_partner p ON p.id = u.partner_id"
            " WHERE d.model = 'res.users' AND d.name LIKE 'user\\_demo\\_%'"
            " AND d.module LIKE 'retail\\_ops%' AND u.active"
            " AND p.function <> '' ORDER BY u.id;"
        )

    def copy_from(self, template):
        """Become a copy of another database and its files; nobody may be using that."""
        self.connection.query(
            f"CREATE DATABASE {identifier(self.name)} TEMPLATE "
            f"{identifier(template.name)};"
        )
        copy_files(template.store / template.name, self.store / self.name)

    def rename_to(self, other):
        """Take another name; files first: a database without them looks complete."""
        remove(other.store / other.name)
        with contextlib.suppress(FileNotFoundError):
            (self.store / self.name).rename(other.store / other.name)
        self.connection.query(
            f"ALTER DATABASE {identifier(self.name)} RENAME TO "
            f"{identifier(other.name)};"
        )

    def drop(self):
        """Remove the database and its files; connections to it are ended."""
        self.connection.query(
            f"DROP DATABASE IF EXISTS {identifier(self.name)} WITH (FORCE);"
        )
        remove(self.store / self.name)


def copy_files(source, target):
    """Copy a file store by hard links: Odoo never changes a stored file in place."""
    if source.is_dir():
        shutil.copytree(source, target, copy_function=os.link, dirs_exist_ok=True)


def identifier(name):
    return '"' + name.replace('"', '""') + '"'


def literal(text):
    return "'" + text.replace("'", "''") + "'"


def manifest(name):
    """The manifest of one of our addons as a dict."""
    text = (ADDONS / name / "__manifest__.py").read_text(encoding="utf-8")
    return ast.literal_eval(text)


def source_digest(addons=None):
    """A hash over all that an update would load: our addons without their tests."""
    total = hashlib.sha256()
    for name in suite() if addons is None else addons:
        for path in sorted((ADDONS / name).rglob("*")):
            parts = path.relative_to(ADDONS).parts
            if path.is_file() and not set(parts) & set(NOT_SOURCE):
                total.update("/".join(parts).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def progress_of(log, offset):
    """How many modules Odoo's log says are loaded, e.g. 'module 12 of 40'."""
    with open(log, "rb") as file:
        file.seek(offset)
        found = [line for line in file.read().splitlines() if b"Loading module" in line]
    if not found:
        return ""
    words = found[-1].split()
    return f"module {words[-1].strip(b'()').decode().replace('/', ' of ')}"


def to_json(text, marker):
    """The JSON that a shell script printed behind a marker.

    :raises SetupError: it printed none
    """
    for line in text.splitlines():
        if line.startswith(marker):
            return json.loads(line[len(marker) :])
    raise SetupError(
        "Odoo's shell gave no answer: './retail-ops doctor' says what is wrong."
    )
