"""An Odoo 19: the one pointed at, the one installed, or Debian's, unpacked here."""

import ast
import importlib.util
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from .commands import clean_environment, output_of, run, space_used
from .errors import SetupError
from .files import check_room, remove, stamp_of, whole_folder
from .mirror import Mirror
from .progress import size

SERIES = 19
PACKAGE = "odoo-19"
LIBRARIES = "usr/lib/python3/dist-packages"
# The package links to these instead of holding the files.
FONTS_AND_SCRIPTS = (
    "fonts-roboto-unhinted",
    "fonts-montserrat",
    "fonts-inconsolata",
    "fonts-ocr-b",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
)
# Odoo's icons are those of release 4.7, which newer suites no longer have.
FONT_OF_STABLE = "fonts-font-awesome"
ROOM = 1_900_000_000


@dataclass(frozen=True)
class Odoo:
    """Where an Odoo is: `libraries` is the folder that holds the package `odoo`."""

    libraries: Path
    origin: str

    @property
    def package(self):
        return self.libraries / "odoo"

    @property
    def addons_path(self):
        """Odoo's own addon folders; a sibling `addons` without web files is not one."""
        beside = self.libraries / "addons"
        folders = [self.package / "addons"]
        if (beside / "web" / "static").is_dir():
            folders.append(beside)
        return folders


def version_info(package):
    """The version tuple of an `odoo` package without importing it; () when unknown."""
    try:
        text = (Path(package) / "release.py").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ()
    match = re.search(r"^version_info = \((.*)\)", text, re.MULTILINE)
    if not match:
        return ()
    return tuple(
        ast.literal_eval(part) if re.match(r"\s*(\d|'|\")", part) else part.strip()
        for part in match.group(1).split(",")
    )


def is_wanted(package):
    return version_info(package)[:2] == (SERIES, 0)


def locate(path):
    """The Odoo 19 at a path that a person named.

    :raises SetupError: no Odoo there, or not 19
    """
    path = Path(path).expanduser().absolute()
    for libraries in (path, path.parent, path / LIBRARIES):
        found = version_info(libraries / "odoo")
        if found:
            break
    else:
        raise SetupError(
            f"There is no Odoo at {path}: name with --odoo-path the folder of an Odoo "
            "19.0 "
            f"source checkout (it holds the folder 'odoo' with release.py)."
        )
    if not is_wanted(libraries / "odoo"):
        version = ".".join(str(part) for part in found[:2])
        raise SetupError(
            f"The Odoo at {path} is {version} and these addons need 19.0: "
            f"name an Odoo 19.0 with --odoo-path."
        )
    return Odoo(libraries, "--odoo-path")


def installed():
    """An Odoo 19 that this machine has already, or None."""
    spec = importlib.util.find_spec("odoo")
    places = list(spec.submodule_search_locations or ()) if spec else []
    command = shutil.which("odoo")
    if command:
        places.append(_package_behind(command))
    for place in filter(None, places):
        if is_wanted(place):
            return Odoo(Path(place).parent, "installed on this machine")
    return None


def _package_behind(command):
    """Where the Python behind the command `odoo` finds its package."""
    with open(command, "rb") as file:
        first = file.readline(200).decode(errors="replace").strip()
    if not first.startswith("#!"):
        return ""
    spec = "importlib.util.find_spec('odoo')"
    ask = f"import importlib.util; print({spec}.submodule_search_locations[0])"
    return output_of([*first[2:].split(), "-c", ask], env=clean_environment()).strip()


def unpacked(home):
    """Debian's package as an earlier start unpacked it, or None."""
    libraries = home.odoo / LIBRARIES
    if stamp_of(home.odoo) and is_wanted(libraries / "odoo"):
        return Odoo(libraries, "Debian package")
    return None


def find(settings, home):
    """The Odoo to use without fetching anything, or None.

    :raises SetupError: --odoo-path names something that is not Odoo 19
    """
    if settings.odoo_path:
        return locate(settings.odoo_path)
    return unpacked(home) or installed()


def fetch(home, progress):
    """Debian's package with its fonts, unpacked below the home folder."""
    check_room(home.folder, ROOM)
    mirror = Mirror(home.downloads / "apt", home.log("apt"))
    with progress.step("Debian's package lists") as step:
        output = mirror.update(step)
        mirror.check_offers(PACKAGE, output)
    wanted = [PACKAGE, *(f"{name}/sid" for name in FONTS_AND_SCRIPTS)]
    with progress.step("Odoo 19, download") as step:
        wanted.append(f"{FONT_OF_STABLE}/{mirror.suite}")
        archives = mirror.download(wanted, step, "Download of Odoo 19")
    unpack(archives, home.odoo, home, progress, "Odoo 19, unpacking")
    remove(home.downloads / "apt")
    return unpacked(home)


def unpack(archives, folder, home, progress, title):
    """Unpack .deb files into one folder that appears only when all are in it."""
    with progress.step(title) as step, whole_folder(folder, archives[0].name) as part:
        for archive in archives:
            run(
                ["dpkg", "-x", archive, part],
                f"Unpacking of {archive.name}",
                step=step,
                log=home.log("unpack"),
                folder=folder,
                measure=lambda: size(space_used(part)),
                env=clean_environment(),
            )


def ensure(settings, home, progress):
    """An Odoo 19, fetched when there is none.

    :raises SetupError: none can be had
    """
    return find(settings, home) or fetch(home, progress)
