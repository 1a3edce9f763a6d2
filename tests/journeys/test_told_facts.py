"""Every kind of fact that is told to others is what its schema promises them."""

from pathlib import Path

import pytest

from launcher.database import to_json

SCRIPT = Path(__file__).resolve().parent / "scripts" / "told_facts.py"


@pytest.fixture(scope="module")
def facts(workshop, testbed):
    """The facts of the demo and one of each kind besides, on a database of its own."""
    with (
        testbed.copy(testbed.demo(), "told") as database,
        workshop.progress.step("Facts told") as step,
    ):
        yield to_json(database.shell(SCRIPT, step), "TOLD ")


def test_each_outbound_type_of_the_catalogue_is_told(facts):
    assert set(facts["told"]) == set(facts["types"])


def test_each_fact_in_the_outbox_is_as_its_schema_promises(facts):
    assert facts["wrong"] == {}


def test_a_count_and_a_delivery_are_one_row_each_for_each_thing_that_happened(facts):
    assert facts["count"] == {"stock.adjusted": 1}
    assert facts["delivery"] == {
        "stock.adjusted": 1,
        "stock.reserved": 1,
        "stock.moved": 1,
    }
