"""Options come before the environment, that before odoo.conf, that before defaults."""

import pytest

from launcher.errors import SetupError
from launcher.settings import REPOSITORY, resolve


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "odoo.conf"
    path.write_text("[options]\nhttp_port = 7001\ndb_host = False\ndb_password = a%b\n")
    return path


def test_defaults_serve_a_demo_on_this_machine_alone(config):
    config.write_text("[options]\n")
    settings = resolve({"config": config}, {})
    assert (settings.port, settings.interface) == (8069, "127.0.0.1")
    assert settings.database == "retail_ops"
    assert settings.demo
    assert settings.home == REPOSITORY / ".retail-ops"
    assert not settings.names_a_postgres


def test_the_file_comes_before_the_default(config):
    assert resolve({"config": config}, {}).port == 7001


def test_the_environment_comes_before_the_file(config):
    assert resolve({"config": config}, {"RETAIL_OPS_PORT": "7002"}).port == 7002


def test_an_option_comes_before_the_environment(config):
    options = {"config": config, "port": "7003"}
    assert resolve(options, {"RETAIL_OPS_PORT": "7002"}).port == 7003


def test_false_in_the_file_names_no_postgres(config):
    assert not resolve({"config": config}, {}).names_a_postgres


def test_a_percent_sign_in_a_password_is_a_percent_sign(config):
    assert resolve({"config": config}, {}).db_password == "a%b"


def test_more_modules_are_a_list(config):
    settings = resolve({"config": config, "extra": "stock, purchase"}, {})
    assert settings.extra == ("stock", "purchase")


@pytest.mark.parametrize("port", ["many", "0", "65536"])
def test_a_port_that_is_none_is_refused(config, port):
    with pytest.raises(SetupError, match="HTTP port"):
        resolve({"config": config, "port": port}, {})


@pytest.mark.parametrize("text", [None, "no section\n", "[options]\n[options]\n"])
def test_a_settings_file_that_cannot_be_read_is_refused(config, text):
    config.unlink()
    if text:
        config.write_text(text)
    with pytest.raises(SetupError, match="odoo.conf"):
        resolve({"config": config}, {})
