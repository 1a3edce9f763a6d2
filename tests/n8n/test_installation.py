"""What the test command says when n8n cannot be had."""

import io
from types import SimpleNamespace

import pytest

from launcher import n8n as n8n_module
from launcher.errors import SetupError
from launcher.home import Home
from launcher.progress import Progress


def test_a_registry_that_is_not_reached_is_said_in_a_sentence(
    workshop, tmp_path, monkeypatch
):
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:1/")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    home = Home(tmp_path / "home")
    home.make()
    bare = SimpleNamespace(
        home=home, environment=workshop.environment, progress=Progress(io.StringIO())
    )
    with pytest.raises(SetupError, match=r"Installation of n8n failed because the net"):
        n8n_module.ensure(bare)
    assert not home.n8n.exists()


def test_what_is_installed_is_not_installed_again(workshop, n8n):
    before = (workshop.home.n8n / ".complete").stat().st_mtime
    n8n_module.ensure(workshop)
    assert (workshop.home.n8n / ".complete").stat().st_mtime == before
