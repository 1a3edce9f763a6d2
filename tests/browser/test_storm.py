"""Five hundred like events: one group, one notice, and the members inside."""

import json
import uuid

import pytest

from tests.browser.conftest import DESKTOP, PHONE
from tests.waiting import eventually
from tests.webclient import WebClient, discrepancy, post_event

EVENTS = 500
BATCH = 100


def like_events(count):
    """Return the bytes of a batch of CloudEvents: products miscounted in one store."""
    event = json.loads(discrepancy(store="0048", unit_cost=2.9))
    attributes = {
        "specversion": "1.0",
        "source": "/pos/0048",
        "type": event["type"],
        "time": event["timestamp"],
    }
    marks = [uuid.uuid4().hex for _event in range(count)]
    return json.dumps(
        [
            {"id": mark, "data": {**event["data"], "product": mark[:8]}, **attributes}
            for mark in marks
        ]
    ).encode()


@pytest.fixture(scope="module")
def storm(server):
    """A storm of like events in one store, all worked off; returns its record."""
    for _batch in range(EVENTS // BATCH):
        answer = post_event(
            server.url,
            server.keys["source"],
            uuid.uuid4().hex,
            like_events(BATCH),
            Content_Type="application/cloudevents-batch+json",
        )
        assert answer.status_code == 202
    headquarters = WebClient(server.url, server.db, "operations")

    def grouped():
        found = headquarters.find(
            "retail.storm",
            [("store_id.code", "=", "0048")],
            ["name", "member_count", "activity_ids"],
        )
        return found and found[0]["member_count"] >= EVENTS and found

    [storm] = eventually(grouped, seconds=240)
    return storm


def test_a_storm_is_one_group_with_one_notice(storm):
    assert storm["member_count"] == EVENTS
    assert len(storm["activity_ids"]) == 1


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_storm_is_worked_as_one(screen, picture, storm, size):
    page = screen("operations", size)
    page.goto("/odoo/storms")
    page.get_by_text(storm["name"]).first.click()
    page.locator(".o_form_view").wait_for()
    members = page.locator("[name=member_ids]")
    members.locator(".o_data_row, .o_kanban_record").first.wait_for()
    picture(page, "storm")
    if size is DESKTOP:
        assert members.locator(".o_pager_limit").text_content() == str(EVENTS)
