"""A region works what was escalated to it: sees why, takes, hands over, assigns."""

import uuid

import pytest

from tests.browser.conftest import DESKTOP
from tests.browser.steps import choose, confirm, press
from tests.scheduled import run_now
from tests.webclient import WebClient

ESCALATE = "Store exceptions: escalate what passed its deadline"


@pytest.fixture
def late(server):
    """Three exceptions of a store, a day, an hour and ten minutes past the deadline."""
    store = WebClient(server.url, server.db, "store0106")
    marks = {age: f"Freezer {age} {uuid.uuid4().hex[:6]}" for age in (1440, 60, 10)}
    for age, summary in marks.items():
        raise_late(server, store, summary, age)
    run_now(WebClient(server.url, server.db, "admin", "admin"), ESCALATE)
    return list(marks.values())


def raise_late(server, store, summary, minutes):
    """Raise an equipment failure whose deadlines passed some minutes ago."""
    [kind] = store.find(
        "retail.exception.type", [("code", "=", "equipment_failure")], ["name"]
    )
    raised = store.call(
        "retail.exception",
        "report_from_screen",
        {"type_id": kind["id"], "summary": summary},
        uuid.uuid4().hex,
    )
    server.query(
        "UPDATE retail_exception SET resolve_due = passed, effective_due = passed,"
        " next_escalation_at = passed FROM (SELECT date_trunc('second',"
        f" now() AT TIME ZONE 'UTC' - interval '{minutes} minutes') AS passed) AS late"
        f" WHERE id = {raised['id']}"
    )


def test_a_region_works_its_escalations(screen, picture, late, size):
    page = screen("region.useast", size)
    page.goto("/odoo/escalated-exceptions")
    cards = page.locator(".o_data_row, .o_kanban_record:not(.o_kanban_ghost)")
    cards.filter(has_text=late[0]).wait_for()
    picture(page, "escalations")
    texts = cards.all_text_contents()
    places = [
        next(place for place, text in enumerate(texts) if summary in text)
        for summary in late
    ]
    assert places == sorted(places)
    assert "overdue by" in texts[places[0]]
    assert "at level 1" in texts[places[0]]
    hand_over_one(page, picture, late[0])
    take_back(page, picture)


def hand_over_one(page, picture, summary):
    """Open one and hand it to the store's manager with a word of why."""
    page.get_by_text(summary).first.click()
    page.locator(".o_form_view").wait_for()
    picture(page, "escalation-form")
    press(page, "Hand over")
    say_to_whom(page, "Henry Moreau", "You are on site: call the technician now")
    picture(page, "escalation-handed-over")


def take_back(page, picture):
    """Take it over again; nobody else is asked."""
    press(page, "Take over")
    page.get_by_role("button", name="Take over").wait_for(state="detached")
    picture(page, "escalation-taken")


def say_to_whom(page, person, note):
    """Fill in the dialog of a hand-over and confirm it."""
    choose(page, page.locator(".modal-dialog").first, "user_id", person)
    confirm(page, note=note)
    page.locator("[name=user_id]", has_text=person).first.wait_for()


def test_a_region_assigns_several_at_once(screen, picture, late, base_url, db):
    page = screen("region.useast", DESKTOP)
    page.goto("/odoo/escalated-exceptions")
    for summary in late[1:]:
        row = page.locator(".o_data_row", has_text=summary)
        row.locator(".o_list_record_selector input").click()
    picture(page, "escalations-selected")
    page.locator(".o_control_panel").get_by_role("button", name="Hand over").click()
    say_to_whom(page, "Henry Moreau", "Both freezers are yours today")
    page.locator(".o_data_row.o_data_row_selected").first.wait_for(state="detached")
    picture(page, "escalations-assigned")
    store = WebClient(base_url, db, "store0106")
    found = store.find("retail.exception", [("summary", "in", late)], ["user_id"])
    names = sorted(one["user_id"][1] for one in found)
    assert names == ["Grace Holloway", "Henry Moreau", "Henry Moreau"]
