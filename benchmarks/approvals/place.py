"""A database of this run, with both addons installed, and an environment on it."""

import contextlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ADDONS = HERE.parents[1] / "addons"
DATABASE = "retail_ops_bench_approvals"
PEER = "odoo-addon-base_tier_validation==19.0.*"


def fetch_peer(folder):
    """Bring the peer's wheel from the package index and unpack it.

    :param folder: pathlib.Path, temporary
    :return: ``(folder of its addons, its version)``
    """
    wheels = folder / "wheels"
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    subprocess.run([*pip, "--dest", str(wheels), PEER], check=True)
    [wheel] = wheels.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "peer")
    return folder / "peer" / "odoo" / "addons", wheel.name.split("-")[1]


def options(folders, data):
    """Return the options of Odoo for this database.

    :param folders: addons folders beside Odoo's own
    :param data: folder for its files
    """
    import odoo  # found beside this Python

    standard = Path(next(iter(odoo.__path__))) / "addons"
    named = {
        "--db_host": os.environ.get("RETAIL_OPS_DB_HOST"),
        "--db_port": os.environ.get("RETAIL_OPS_DB_PORT"),
        "--db_user": os.environ.get("RETAIL_OPS_DB_USER"),
        "--database": DATABASE,
        "--addons-path": ",".join(map(str, [standard, ADDONS, *folders])),
        "--data-dir": str(data),
        "--log-level": "error",
    }
    return [f"{name}={text}" for name, text in named.items() if text]


def install(arguments, modules):
    """Install addons on the new database.

    :param arguments: what :func:`options` returns
    :param modules: list of technical names
    """
    command = [sys.executable, "-m", "odoo", *arguments, "--stop-after-init"]
    subprocess.run(
        [*command, "--no-http", f"--init={','.join(modules)}"],
        check=True,
    )


@contextlib.contextmanager
def environment(arguments):
    """Yield an odoo Environment of the superuser on the database.

    :param arguments: what :func:`options` returns
    """
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(arguments, setup_logging=True)
    registry = Registry(DATABASE)
    with registry.cursor() as cursor:
        yield api.Environment(cursor, SUPERUSER_ID, {"tracking_disable": True})
