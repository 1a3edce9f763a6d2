"""Flows on a phone, and the pages of those who oversee; leaves pictures behind."""

import pytest

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.steps import press
from tests.webclient import WebClient

PAGES = [
    ("operations", "queue-ageing", ".o_pivot", "queue-ageing"),
    ("operations", "repeat-offenders", ".o_list_view", "repeat-offenders"),
    ("operations", "data-quality", ".o_list_view", "data-quality"),
    ("auditor", "controls", ".o_list_view", "controls"),
    ("operations", "kpi-figures", ".o_pivot", "kpi-figures"),
    ("auditor", "kpi-baselines", ".o_list_view", "kpi-baselines"),
    ("region", "weekly-letters", ".o_list_view", "weekly-letters"),
    ("operations", "dashboards", ".o-spreadsheet", "dashboards"),
    ("finance", "period-close", ".o_list_view, .o_view_nocontent", "period-close"),
    ("auditor", "action-retail_ops_core.action_audit_entry", ".o_list_view", "ledger"),
]


@pytest.mark.parametrize(("login", "path", "shown", "name"), PAGES)
def test_pages_of_those_who_oversee(
    log_in,
    page,
    picture,
    errors,
    login,
    path,
    shown,
    name,
):
    log_in(login, size=DESKTOP)
    page.goto(f"/odoo/{path}")
    page.locator(shown).first.wait_for()
    picture(page, f"oversight-{name}")


def test_a_complaint_with_its_category_on_a_phone(log_in, page, picture, errors):
    log_in("store", size=PHONE)
    page.goto("/odoo/report-exception")
    page.get_by_role("button", name="Customer complaint").click()
    page.fill("#report_summary", "Bread was mouldy")
    assert page.get_by_role("button", name="Send").is_disabled()
    page.select_option("#report_category", label="A product")
    picture(page, "flow-complaint")
    page.get_by_role("button", name="Send").click()
    page.get_by_text("Hana Kimura").wait_for()
    picture(page, "flow-complaint-sent")


def test_a_return_is_inspected_and_decided_on_a_phone(log_in, page, picture, errors):
    log_in("store", size=PHONE)
    page.goto("/odoo/report-exception")
    page.locator("button[data-type]", has_text="Return").first.click()
    page.fill("#report_summary", "Kettle leaks")
    page.fill("#report_amount", "39")
    page.get_by_role("button", name="Send").click()
    page.get_by_role("button", name="Open it").click()
    for outcome in ("Seal is broken", "Refund in full"):
        press(page, "Next step")
        page.locator(".modal textarea").fill(outcome)
        picture(page, f"flow-return-{outcome.split()[0].lower()}")
        page.get_by_role("button", name="Confirm").click()
        page.locator(".modal").wait_for(state="detached")
    page.get_by_role("tab", name="Steps").click()
    page.get_by_text("Refund in full").first.wait_for()
    page.locator(".o_notebook").scroll_into_view_if_needed()
    picture(page, "flow-return-steps")


def test_a_type_shows_its_definition_and_a_new_one_is_made_from_it(
    log_in, page, picture, errors
):
    page.set_viewport_size({"width": 1280, "height": 1600})
    log_in("retailadmin")
    page.goto("/odoo/action-retail_ops_core.action_exception_type")
    page.locator(".o_data_row", has_text="Cash over or short").first.click()
    page.get_by_text("Exception path").first.wait_for()
    picture(page, "oversight-definition")
    page.get_by_role("button", name="New type like this").click()
    page.locator(".modal input").first.wait_for()
    picture(page, "oversight-new-type")


def test_a_store_learns_what_keeps_it_from_going_live(
    log_in,
    page,
    picture,
    errors,
    base_url,
    db,
):
    client = WebClient(base_url, db, "retailadmin")
    [near] = client.find("retail.store", [("code", "=", "0042")], ["region_id"])
    planned = {
        "name": "Salem Harbour",
        "code": "0990",
        "region_id": near["region_id"][0],
        "state": "planned",
    }
    [store] = client.call("retail.store", "create", [planned])
    log_in("retailadmin", size=DESKTOP)
    page.goto(f"/odoo/stores/{store}")
    page.get_by_role("button", name="Go live").click()
    page.get_by_text("Choose its manager").first.wait_for()
    picture(page, "oversight-go-live")
    assert page.locator(".modal .btn-primary", has_text="Go live").count() == 0
