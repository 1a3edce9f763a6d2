"""OCA's queue_job from PyPI, to stand beside ours in one run."""

import subprocess
import sys
import zipfile
from pathlib import Path

QUEUE_JOB = "odoo-addon-queue-job==19.0.*"
# What it needs beyond Odoo's own.
LIBRARIES = ("openupgradelib==3.*", "cssselect==1.*")


def queue_job(folder):
    """Fetch it.

    :param folder: an empty folder
    :return: tuple (folder of its addons, folder of the libraries it needs)
    """
    folder = Path(folder)
    pip = [sys.executable, "-m", "pip"]
    download = [*pip, "download", "--quiet", "--no-deps", "--dest", folder]
    subprocess.run([*download, QUEUE_JOB], check=True)
    install = [*pip, "install", "--quiet", "--no-deps", "--target", folder / "lib"]
    subprocess.run([*install, *LIBRARIES], check=True)
    [wheel] = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "peer")
    return folder / "peer" / "odoo" / "addons", folder / "lib"
