"""./retail-ops bench: the repeatable comparisons below benchmarks/."""

import subprocess

from .errors import SetupError
from .server import Instance
from .settings import REPOSITORY

FOLDER = REPOSITORY / "benchmarks"


def names():
    """The benchmarks there are: scripts, and folders that Python can run."""
    scripts = {path.stem: path for path in FOLDER.glob("[!_]*.py")}
    folders = {path.parent.name: path.parent for path in FOLDER.glob("*/__main__.py")}
    return dict(sorted({**scripts, **folders}.items()))


def bench(workshop, name, arguments):
    """Run one benchmark with Odoo and a PostgreSQL at hand; without a name, list them.

    The script finds its PostgreSQL in RETAIL_OPS_DB_HOST, _PORT and _USER.

    :return: the script's exit code
    """
    if not name:
        print("\n".join(names()) or "There are no benchmarks yet.")
        return 0
    if name not in names():
        raise SetupError(
            f"There is no benchmark '{name}': './retail-ops bench' lists them."
        )
    workshop.prepare("test")
    with workshop.postgres("pgtest", durable=False) as connection:
        instance = Instance(workshop, connection, f"retail_ops_bench_{name}")
        place = {
            "RETAIL_OPS_DB_HOST": connection.host,
            "RETAIL_OPS_DB_PORT": str(connection.port),
            "RETAIL_OPS_DB_USER": connection.user,
            "RETAIL_OPS_HOME": str(workshop.home.folder),
        }
        command = [str(workshop.home.python), str(names()[name]), *arguments]
        return subprocess.run(
            command, cwd=REPOSITORY, env={**instance.environment, **place}, check=False
        ).returncode
