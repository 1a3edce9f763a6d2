"""A day without a mouse: who resolves, approves, oversees, and watches the doors.

What a store does without one is in test_homes.
"""

import uuid

import pytest
from playwright.sync_api import expect

from tests.browser.steps import open_first_by_key, press_by_key, reach
from tests.browser.test_accessibility import hindrances
from tests.waiting import eventually
from tests.webclient import WebClient, discrepancy, post_event

NEEDS_A_PERSON = "retail_ops_integrations.action_event_attention"
DIALOG = ".modal-dialog"


@pytest.fixture
def asked(base_url, db):
    """What a store of the East asks for, small enough for its region to decide."""
    store = WebClient(base_url, db, "store0107")
    local = [("code", "=", "local_procurement")]
    [kind] = store.find("retail.request.kind", local, ["name"])
    [place] = store.find("retail.store", [("code", "=", "0107")], ["name"])
    request = {
        "kind_id": kind["id"],
        "store_id": place["id"],
        "summary": f"A step stool {uuid.uuid4().hex[:6]}",
        "reason": "The top shelf is out of reach.",
        "amount": 60,
    }
    made = store.call("retail.request", "create", [request])
    store.call("retail.request", "action_submit", made)
    return request["summary"]


def test_an_approver_reaches_and_approves_by_keyboard(
    screen, picture, asked, base_url, db
):
    page = screen("region.useast")
    page.goto("/odoo")
    press_by_key(page, page.locator("[data-figure=approvals_all]"))
    reach(page, page.locator(".o_searchview_input"))
    page.keyboard.type(asked)
    page.locator(".o_searchview_autocomplete").wait_for()
    page.keyboard.press("Enter")
    page.locator(".o_searchview_facet", has_text=asked).wait_for()
    expect(page.locator(".o_data_row")).to_have_count(1)
    open_first_by_key(page)
    page.get_by_text(asked).first.wait_for()
    approve = page.get_by_role("button", name="Approve", exact=True)
    reach(page, approve)
    picture(page, "keyboard-approves")
    page.keyboard.press("Enter")
    approve.wait_for(state="detached")
    region = WebClient(base_url, db, "region.useast")
    granted = [("document_name", "like", asked), ("state", "=", "approved")]
    eventually(lambda: region.find("retail.approval.request", granted, ["id"]), 90)


@pytest.fixture
def gap(base_url, db):
    """A shift that nobody covered, as its store has begun to work on it."""
    store = WebClient(base_url, db, "store0203")
    [kind] = store.find("retail.exception.type", [("code", "=", "staffing_gap")], [])
    report = {"type_id": kind["id"], "summary": "Nobody for the late shift"}
    key = f"late-shift-{uuid.uuid4()}"
    case = store.call("retail.exception", "report_from_screen", report, key)["id"]
    store.call("retail.exception", "action_start", [case])
    return case


def test_a_store_resolves_an_exception_by_keyboard(screen, picture, gap, base_url, db):
    page = screen("store0203")
    page.goto(f"/odoo/my-exceptions/{gap}")
    page.locator(".o_form_view").wait_for()
    press_by_key(page, page.get_by_role("button", name="Resolve", exact=True))
    reach(page, page.locator(f"{DIALOG} [name=note] textarea"))
    page.keyboard.type("Two colleagues share the shift.")
    picture(page, "keyboard-resolves")
    press_by_key(page, page.locator(DIALOG).get_by_role("button", name="Confirm"))
    page.locator(DIALOG).wait_for(state="detached")
    store = WebClient(base_url, db, "store0203")
    done = [("id", "=", gap), ("state", "=", "resolved")]
    [case] = eventually(
        lambda: store.find("retail.exception", done, ["resolution"]), 90
    )
    assert "Two colleagues" in case["resolution"]


def test_headquarters_opens_a_figure_and_a_record_of_it_by_keyboard(screen, picture):
    page = screen("operations")
    page.goto("/odoo")
    page.locator(".o_retail_section").first.wait_for()
    figure = page.locator("button[data-figure=open]").first
    press_by_key(page, figure)
    page.locator(".o_data_row").first.wait_for()
    open_first_by_key(page)
    picture(page, "keyboard-figure")


@pytest.fixture
def stuck(base_url, db, keys):
    """An event about a store that nobody knows."""
    body = discrepancy(store="9951", product="KEYBOARD")
    answer = post_event(base_url, keys["source"], f"pos-{uuid.uuid4()}", body)
    assert answer.status_code == 202
    integrator = WebClient(base_url, db, "integrator")
    dead = [("reason", "like", "9951"), ("state", "in", ("dead", "parked"))]
    return eventually(lambda: integrator.find("retail.event.job", dead, ["id"]), 90)


def test_an_integrator_replays_what_got_stuck_by_keyboard(
    screen, picture, stuck, base_url, db
):
    page = screen("integrator")
    page.goto(f"/odoo/action-{NEEDS_A_PERSON}")
    page.locator(".o_data_row").first.get_by_text("9951").first.wait_for()
    open_first_by_key(page)
    replay = page.get_by_role("button", name="Replay", exact=True)
    press_by_key(page, replay)
    reach(page, page.locator(f"{DIALOG} [name=reason] textarea"))
    page.keyboard.type("The store opens tomorrow.")
    picture(page, "keyboard-replay")
    assert hindrances(page, "replay", DIALOG) == []
    press_by_key(page, page.locator(DIALOG).get_by_role("button", name="Go on"))
    page.locator(DIALOG).wait_for(state="detached")
    auditor = WebClient(base_url, db, "auditor")
    replayed = [("action", "=", "event.replayed")]
    newest = auditor.find("retail.audit.entry", replayed, ["res_id"])
    assert stuck[0]["id"] in [entry["res_id"] for entry in newest]
