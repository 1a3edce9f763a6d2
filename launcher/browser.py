"""A Chromium for tests: the machine's own, or Debian's unpacked without root."""

import glob
import os
import platform
import shutil
from pathlib import Path

from .commands import output_of
from .errors import SetupError
from .files import write_whole
from .mirror import Mirror
from .odoo import unpack

NAMES = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-dejavu-core")
INSTALL = (
    "install Chromium (on Debian: apt-get install chromium) and run the tests again"
)


def find(home):
    """The path of a browser that starts, or None."""
    own = home.browser / "bin" / "chromium"
    candidates = [own, *filter(None, map(shutil.which, NAMES))]
    return next((path for path in candidates if works(path)), None)


def works(path):
    """Whether a browser starts as far as telling its version."""
    return bool(
        Path(path).exists() and output_of([path, "--version", "--no-sandbox"]).strip()
    )


def ensure(home, progress):
    """A browser, fetched when there is none.

    :raises SetupError: none can be had
    """
    return find(home) or fetch(home, progress)


def fetch(home, progress):
    """Unpack Debian's Chromium with what it needs below the home folder."""
    mirror = Mirror(home.downloads / "browser", home.log("apt"))
    with progress.step("Debian's package lists") as step:
        mirror.check_offers("chromium", mirror.update(step))
    packages = mirror.closure(PACKAGES)
    if not packages:
        raise SetupError(f"Chromium does not fit this machine's packages: {INSTALL}.")
    with progress.step(f"Chromium, download of {len(packages)} packages") as step:
        archives = mirror.download(packages, step, "Download of Chromium")
    unpack(archives, home.browser, home, progress, "Chromium, unpacking")
    write_starter(home.browser)
    shutil.rmtree(mirror.folder)
    found = find(home)
    if not found:
        raise SetupError(f"The unpacked Chromium does not start: {INSTALL}.")
    return found


def write_starter(folder):
    """A command `chromium` that finds the libraries and fonts beside it."""
    triplet = f"{platform.machine()}-linux-gnu"
    places = [
        folder / "usr/lib" / triplet,
        folder / "lib" / triplet,
        folder / "usr/lib",
    ]
    places += [
        Path(path).parent for path in glob.glob(f"{folder}/usr/lib/{triplet}/*/*.so*")
    ]
    libraries = ":".join(dict.fromkeys(str(place) for place in places))
    starter = folder / "bin" / "chromium"
    starter.parent.mkdir(exist_ok=True)
    write_whole(
        starter,
        "#!/bin/sh\n"
        f'export LD_LIBRARY_PATH="{libraries}"\n'
        f'export XDG_DATA_DIRS="{folder}/usr/share:/usr/local/share:/usr/share"\n'
        f'exec "{folder}/usr/lib/chromium/chromium" "$@"\n',
        mode=0o755,
    )
    os.chmod(starter, 0o755)
