"""The main job by clicking, as the people who do it; leaves pictures behind."""

import re
import uuid

import pytest

from tests.browser.conftest import PHONE
from tests.browser.steps import approve, open_waiting
from tests.waiting import eventually
from tests.webclient import WebClient, discrepancy, post_event


@pytest.fixture
def waiting_exception(base_url, db, keys):
    """An exception of a fresh event that waits for two approvals."""
    message_id = f"pos-{uuid.uuid4()}"
    answer = post_event(base_url, keys["source"], message_id, discrepancy())
    assert answer.status_code == 202
    store = WebClient(base_url, db, "store")

    def waits():
        found = store.find(
            "retail.exception",
            [("intake_key", "like", message_id), ("state", "=", "waiting")],
            ["name"],
        )
        return found and found[0]

    return eventually(waits)


def test_two_approvers_decide_from_their_activities(
    log_in, page, picture, errors, waiting_exception
):
    log_in("store")
    page.goto(f"/odoo/exceptions/{waiting_exception['id']}")
    page.locator(".o_form_view").wait_for()
    picture(page, "exception")
    assert page.get_by_role("button", name="Resolve", exact=True).count() == 0

    log_in("region")
    open_waiting(page, waiting_exception["name"])
    picture(page, "approval")
    approve(page, waiting_exception["name"])

    log_in("lossprevention")
    approve(page, waiting_exception["name"])
    picture(page, "approved")

    log_in("store")
    page.goto(f"/odoo/exceptions/{waiting_exception['id']}")
    page.get_by_text(re.compile("write-off approved")).first.wait_for()
    picture(page, "resolved")


def test_a_store_manager_reports_a_discrepancy_on_a_phone(
    log_in, page, picture, errors
):
    log_in("store", size=PHONE)
    page.goto("/odoo/report-exception")
    page.locator(".o_retail_report_tiles").wait_for()
    picture(page, "report-types")
    page.get_by_role("button", name="Inventory discrepancy").click()
    page.locator(".o_retail_report .o-autocomplete--input").fill("OIL-1L")
    page.locator(".o-autocomplete--dropdown-item", has_text="Olive Oil").first.click()
    page.fill("#report_expected", "12")
    page.fill("#report_counted", "7")
    picture(page, "report")
    page.get_by_role("button", name="Send").click()
    page.get_by_text("looks after it").wait_for()
    picture(page, "report-sent")
    page.get_by_role("button", name="Open it").click()
    page.get_by_text("EXC/").first.wait_for()
    picture(page, "report-opened")


def test_a_report_written_offline_is_sent_once_back_online(log_in, page, errors):
    log_in("store")
    page.goto("/odoo/report-exception")
    page.get_by_role("button", name="Equipment failure").click()
    page.fill("#report_summary", "Freezer is warm")
    page.context.set_offline(True)
    page.get_by_role("button", name="Send").click()
    page.get_by_text("kept on this device").wait_for()
    page.context.set_offline(False)
    page.get_by_text("looks after it").wait_for()
    errors.clear()  # what was tried without a line is logged


def test_headquarters_sees_the_control_tower(log_in, page, picture, errors):
    log_in("hq")
    page.goto("/odoo/dashboards")
    page.get_by_text("Control tower").first.wait_for()
    page.locator(".o-figure canvas").first.wait_for()
    page.locator(".o-dashboard-clickable-cell").first.wait_for()
    picture(page, "control-tower")


def test_each_figure_of_the_control_tower_opens_its_records(log_in, page, errors):
    log_in("hq")
    cards = [
        ("Open exceptions", "retail.exception", {"is_open"}),
        ("Overdue", "retail.exception", {"is_overdue"}),
        ("Escalated", "retail.exception", {"is_open", "escalation_level"}),
        ("Approvals waiting", "retail.approval.request", {"state"}),
        ("Events failed", "retail.event.job", {"state"}),
    ]
    for position, (title, model, filtered) in enumerate(cards):
        page.goto("/odoo/dashboards")
        domain = opened_by(page, position, model)
        assert {leaf[0] for leaf in domain if isinstance(leaf, list)} == filtered
        page.locator(".o_breadcrumb", has_text=title).wait_for()
    page.goto("/odoo/dashboards")
    page.get_by_text("Control tower").first.wait_for()
    counted = page.locator(".o-dashboard-clickable-cell").first
    counted.wait_for()
    eventually(lambda: first_count(page), seconds=90).click()
    page.locator(".o_list_view .o_data_row").first.wait_for()


def opened_by(page, position, model):
    """Press a card of a dashboard; return the domain of the list that it opens."""
    asked_for = f"/{model}/web_search_read"
    with page.expect_request(lambda sent: sent.url.endswith(asked_for)) as asked:
        page.locator(".o-figure").nth(position).click()
    return asked.value.post_data_json["params"]["kwargs"]["domain"]


def test_the_queues_card_opens_the_queue_and_not_what_failed(log_in, page, errors):
    log_in("hq")
    page.goto("/odoo/dashboards")
    page.get_by_text("Integrations", exact=True).locator("visible=true").last.click()
    page.locator(".o-figure[data-id=chart_0]").wait_for()  # the tower has no such one
    [leaf] = opened_by(page, 3, "retail.event.job")
    assert leaf == ["state", "in", ["received", "waiting", "pending", "leased"]]
    page.locator(".o_breadcrumb", has_text="Events in the queue").wait_for()


def first_count(page):
    """Return the first cell of a table that counts something: right of its labels.

    None as long as only the labels have come.
    """
    cells = page.locator(".o-dashboard-clickable-cell").all()
    places = [(cell.bounding_box(), cell) for cell in cells]
    labels = min(box["x"] for box, _cell in places)
    return next((cell for box, cell in places if box["x"] > labels), None)
