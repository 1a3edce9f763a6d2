"""docker-compose.yml by its form: no container engine is needed to look at it."""

import configparser
import re

import pytest
import yaml


@pytest.fixture(scope="module")
def compose(repository):
    return yaml.safe_load((repository / "docker-compose.yml").read_text())


@pytest.fixture(scope="module")
def services(compose):
    return compose["services"]


@pytest.fixture(scope="module")
def dockerfile(repository):
    return (repository / "docker" / "Dockerfile").read_text()


def test_there_are_odoo_its_database_and_n8n(services):
    assert set(services) == {"odoo", "db", "n8n"}


def test_images_are_the_official_ones_with_a_version(services, dockerfile):
    assert re.search(r"^FROM odoo:19\.0$", dockerfile, re.MULTILINE)
    assert re.fullmatch(r"postgres:1[78]", services["db"]["image"])
    assert re.fullmatch(r"(\w+/)?n8nio/n8n:\d+\.\d+\.\d+", services["n8n"]["image"])


def test_every_service_says_whether_it_is_well_and_comes_back(services):
    for name, service in services.items():
        assert service["healthcheck"]["test"], name
        assert service["restart"] == "unless-stopped", name


def test_odoo_waits_for_a_healthy_database(services):
    assert services["odoo"]["depends_on"]["db"] == {"condition": "service_healthy"}


def test_odoo_uses_the_same_settings_file(services):
    mounts = [mount.split(":")[0] for mount in services["odoo"]["volumes"]]
    assert "./odoo.conf" in mounts
    assert "./addons" in mounts


def test_odoo_runs_as_in_production(services, repository):
    command = " ".join(services["odoo"]["command"])
    assert "--proxy-mode" in command
    assert int(re.search(r"--workers=(\d+)", command).group(1)) >= 4
    settings = configparser.ConfigParser(interpolation=None)
    settings.read(repository / "odoo.conf")
    assert settings.getint("options", "max_cron_threads") >= 6
    assert settings.get("options", "list_db") == "False"


def test_secrets_come_from_the_environment_and_must_be_set(services, repository):
    example = (repository / ".env.example").read_text()
    for service in services.values():
        for name, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD$|_KEY$|SECRET$", name):
                variable = re.fullmatch(r"\$\{(\w+):\?[^}]+\}", str(value))
                assert variable, f"{name} must come from the environment"
                assert f"{variable.group(1)}=" in example


def test_only_odoo_and_n8n_are_reached_from_this_machine_alone(services):
    assert "ports" not in services["db"]
    for name in ("odoo", "n8n"):
        assert all(port.startswith("127.0.0.1:") for port in services[name]["ports"])


def test_data_outlive_the_containers(compose, services):
    named = set(compose["volumes"])
    for name in services:
        mounts = [mount.split(":")[0] for mount in services[name]["volumes"]]
        assert named & set(mounts), name
