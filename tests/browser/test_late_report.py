"""A daily report that comes late, and a correction that keeps the original."""

import pytest

from tests.browser.conftest import DESKTOP
from tests.browser.steps import press
from tests.scheduled import run_now
from tests.waiting import eventually
from tests.webclient import WebClient

MISSING = "Daily reports: raise those missing at the cut-off"


@pytest.fixture
def missing(server, size):
    """Today's report of a store whose cut-off has passed; returns the login."""
    store = "0101" if size is DESKTOP else "0043"
    login = f"store{store}"
    client = WebClient(server.url, server.db, login)
    make_room_for_today(server, store)
    action = client.call("retail.store.report", "action_open_today")
    server.query(
        "UPDATE retail_store_report SET due_at = now() AT TIME ZONE 'UTC'"
        f" - interval '90 minutes' WHERE id = {action['res_id']}"
    )
    run_now(WebClient(server.url, server.db, "admin", "admin"), MISSING)
    return login


def make_room_for_today(server, code):
    """Put aside what the demo filed: its days are UTC's, the store's begin later."""
    server.query(
        "UPDATE retail_store_report SET business_date = business_date - 90"
        " FROM retail_store store WHERE store.id = store_id"
        f" AND store.code = '{code}'"
        " AND business_date >= (now() AT TIME ZONE store.tz)::date"
    )


def test_a_late_report_is_missing_then_filed_then_corrected(
    screen, picture, missing, size, photo
):
    code = missing.removeprefix("store")
    headquarters = screen("hq", DESKTOP)
    headquarters_sees(headquarters, code, "Missing")
    picture(headquarters, "report-missing")
    page = screen(missing, size)
    page.goto("/odoo/todays-report")
    page.get_by_text("The cut-off has passed").wait_for()
    picture(page, "report-overdue")
    file_report(page, photo, counted="1,250.00")
    picture(page, "report-filed-late")
    correct(page, counted="1,230.00")
    picture(page, "report-corrected")
    keeps_the_original(page, picture)
    headquarters_sees(headquarters, code, "Late")
    picture(headquarters, "report-late")


def headquarters_sees(page, code, filing):
    """Find the store in the list of filed, late and missing reports."""
    page.goto("/odoo/report-filing")
    row = page.locator(".o_data_row", has_text=code).first
    row.get_by_text(filing, exact=True).wait_for()


def count_cash(page, counted):
    """Enter what the till expects and what was counted in cash."""
    row = page.locator("[name=tender_ids] .o_data_row").first
    row.locator("td[name=expected_amount]").click()
    row.locator("[name=expected_amount] input").fill("1,250.00")
    row.locator("[name=counted_amount] input").fill(counted)
    deposit = page.locator("[name=deposit_amount] input")
    deposit.click()
    # A row that is still being left takes the keyboard back.
    page.locator(".o_selected_row").wait_for(state="detached")
    deposit.fill("1,200.00")


def all_ticked(boxes):
    """Tick what is not ticked yet; the list is drawn anew while it saves."""
    for box in boxes.all():
        if not box.is_checked():
            box.click()
    return all(box.is_checked() for box in boxes.all())


def file_report(page, photo, counted):
    count_cash(page, counted)
    page.locator("[name=deposit_reference] input").fill("BAG-7731")
    page.locator("[name=slip] input[type=file]").set_input_files(photo)
    page.locator("[name=staff_planned] input").fill("12")
    page.locator("[name=staff_present] input").fill("12")
    eventually(lambda: all_ticked(page.locator("[name=done_item_ids] input")))
    page.get_by_role("button", name="Submit").click()
    page.get_by_text("Every rule passes").wait_for()


def correct(page, counted):
    """File a new version with the reason why."""
    press(page, "Correct")
    dialog = page.locator(".modal-dialog")
    dialog.locator("[name=reason] textarea").fill("A roll of coins was counted twice")
    dialog.get_by_role("button", name="Confirm").click()
    page.get_by_text("version 2").wait_for()
    count_cash(page, counted)
    page.get_by_role("button", name="Submit").click()
    page.get_by_text("Report submitted").last.wait_for()


def keeps_the_original(page, picture):
    """Both versions stand there with their figures."""
    page.get_by_role("tab", name="Versions").click()
    page.locator("[name=version_ids]").get_by_text("Corrected", exact=True).wait_for()
    picture(page, "report-versions")
