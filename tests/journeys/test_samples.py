"""The demo's sample data goes in one step; what people made stays, and the ledger."""

from pathlib import Path

import pytest

from launcher.database import to_json

SCRIPT = Path(__file__).resolve().parent / "scripts" / "remove_samples.py"


@pytest.fixture(scope="module")
def removed(workshop, testbed):
    """What the removal told, on a database of its own: the others keep their demo."""
    with (
        testbed.copy(testbed.demo(), "samples") as database,
        workshop.progress.step("Samples") as step,
    ):
        yield to_json(database.shell(SCRIPT, step), "REMOVED ")


def test_no_sample_store_is_open_and_no_sample_case_waits_for_anybody(removed):
    # 24 stores, and the office to which belongs what lies with none of them.
    assert removed["before"]["retail.store"] == 25
    assert removed["active_stores"] == 0
    assert removed["open"] == ["Ours"]


def test_no_sample_rule_asks_for_goods_and_no_sample_machine_is_looked_after(removed):
    assert removed["before"]["stock.warehouse.orderpoint"] > 0
    assert removed["before"]["maintenance.equipment"] > 0
    assert removed["active_levels"] == 0
    assert removed["active_equipment"] == 0


def test_nobody_waits_for_goods_or_repairs_of_the_samples(removed):
    assert removed["before"]["stock.picking"] > 0
    assert removed["before"]["purchase.order"] > 0
    assert removed["open_transfers"] == 0
    assert removed["open_orders"] == 0
    assert removed["open_repairs"] == 0


def test_what_a_person_made_stays_in_a_store_that_is_archived(removed):
    assert removed["case"]
    assert removed["store"] is False


def test_no_letter_is_left_that_told_of_the_samples(removed):
    assert removed["letters"]["company"]
    assert removed["letters"]["region"]
    assert removed["letters_left"] == 0


def test_it_says_of_everything_that_stays_why(removed):
    told = dict(removed["why"])
    assert told["Approval Decision"].startswith("A decision stands")
    assert told["Store"].startswith("archived; in use: ")
    assert told["User"] == "archived"
    assert not [why for why in told.values() if "does not exist" in why]


def test_the_ledger_is_whole_afterwards(removed):
    assert removed["lost_entries"] == 0
    assert removed["ledger"]["sealed"] > 0
    assert removed["ledger"]["first_bad_entry"] is None
