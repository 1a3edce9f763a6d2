"""A copy of the database that Odoo neutralized is no danger to anybody."""

import pytest
import requests

from launcher import credentials
from launcher.commands import run
from launcher.server import free_port
from tests.webclient import discrepancy, post_event

SENDS = "SELECT DISTINCT state FROM retail_endpoint WHERE state <> 'draft'"
TAKES = "SELECT DISTINCT state FROM retail_source WHERE state <> 'draft'"
SECRETS = (
    "SELECT count(*) FROM (SELECT sealed_secret FROM retail_source_key"
    " UNION ALL SELECT sealed_secret FROM retail_endpoint_key) AS kept"
    " WHERE sealed_secret <> ''"
)
TO_SEND = "SELECT count(*) FROM retail_delivery WHERE state IN ('waiting', 'pending')"


@pytest.fixture(scope="module")
def neutralized(workshop, testbed, tmp_path_factory):
    """A served copy of the demo, its keys before, its database."""
    folder = tmp_path_factory.mktemp("neutralized")
    with (
        testbed.copy(testbed.demo(), "neutral") as database,
        workshop.progress.step("Neutralized copy") as step,
    ):
        keys = credentials.provision(database, folder / "keys.json", step)
        instance = database.instance
        run(
            instance.command(sub=("neutralize",)),
            "Neutralization",
            step=step,
            log=folder / "log",
            folder=folder,
            env=instance.environment,
        )
        port = free_port()
        with instance.serving(port, log=workshop.home.log("test-neutralized")):
            yield f"http://127.0.0.1:{port}", keys, database


def test_its_pages_say_that_it_is_a_copy(neutralized):
    page = requests.get(f"{neutralized[0]}/web/login", timeout=60)
    assert "oe_neutralize_banner" in page.text


def test_it_takes_no_event_from_who_could_send_before(neutralized):
    url, keys, database = neutralized
    answer = post_event(url, keys["source"], "copy-1", discrepancy())
    assert answer.status_code == 401, answer.text
    assert database.query(TAKES) == [["suspended"]]


def test_it_sends_nothing_and_holds_no_secret(neutralized):
    database = neutralized[2]
    assert database.query(SENDS) == [["disabled"]]
    assert database.query(TO_SEND) == [["0"]]
    assert database.query(SECRETS) == [["0"]]
