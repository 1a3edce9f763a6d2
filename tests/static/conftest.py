"""What static rules look at."""

import ast
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
ADDONS = REPOSITORY / "addons"
BINARY = {".xz", ".png", ".ico", ".svg", ".woff2", ".jpg", ".xlsx", ".pdf", ".mo"}


def tracked_files():
    """Files of the repository: committed, or new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return [path for path in map(REPOSITORY.joinpath, sorted(listed)) if path.is_file()]


def text_files():
    return [path for path in tracked_files() if path.suffix not in BINARY]


def python_files():
    return [path for path in tracked_files() if path.suffix == ".py"]


def manifests():
    """Addon names to manifests."""
    return {
        path.parent.name: ast.literal_eval(path.read_text(encoding="utf-8"))
        for path in sorted(ADDONS.glob("*/__manifest__.py"))
    }


@pytest.fixture(scope="session")
def repository():
    return REPOSITORY


@pytest.fixture(scope="session")
def files():
    return text_files()


@pytest.fixture(scope="session")
def modules():
    """Python files with their syntax trees."""
    return {
        path: ast.parse(path.read_text(encoding="utf-8"), str(path))
        for path in python_files()
    }


@pytest.fixture(scope="session")
def addons():
    return manifests()
