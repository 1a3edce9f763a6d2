"""Approvals by clicking: a policy from draft to force, and decisions of all sorts.

Each test keeps to stores of its own, since all share one database.
"""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.steps import saved
from tests.browser.test_accessibility import hindrances
from tests.prints import check_printed
from tests.scheduled import run_now
from tests.webclient import WebClient

POLICY = "retail_ops_approvals.report_policy"
ESCALATE = "Approvals: escalate what passed its deadline"


@pytest.fixture
def client(base_url, db):
    """The web client's own calls as a user: `client("store")`."""
    return lambda login, password="demo": WebClient(base_url, db, login, password)


def press(page, name):
    """Press a button of the form or dialog on top."""
    page.get_by_role("button", name=name, exact=True).locator(
        "visible=true"
    ).last.click()


def press_behind_dots(page, name):
    """Press a button of the form that a phone keeps behind the three dots."""
    page.locator(".o_statusbar_buttons .o-dropdown").last.click()
    page.locator(".o-dropdown--menu button", has_text=name).first.click()


def fill(page, field, text):
    """Write into a field of the form or dialog on top."""
    page.locator(f"[name={field}]").locator("input, textarea").last.fill(text)


def choose(page, field, text):
    """Choose a record in a many2one of the form or dialog on top."""
    box = page.locator(f"[name={field}] input").last
    box.click()
    if page.viewport_size["width"] < 600:  # a phone opens a dialog of cards
        page.locator(".modal .o_kanban_record", has_text=text).first.click()
        page.locator(".modal").wait_for(state="detached")
        return
    box.fill(text)
    page.locator(".o-autocomplete--dropdown-item", has_text=text).first.click()


def ask(page, kind, summary, reason, amount):
    """Write a store request on the screen and ask for approval."""
    page.goto("/odoo/store-requests/new")
    page.locator(".o_form_view").wait_for()
    choose(page, "kind_id", kind)
    fill(page, "summary", summary)
    fill(page, "amount", amount)
    fill(page, "reason", reason)
    saved(page)


def open_approval(page, text):
    """Open a request from the list of what the user decides."""
    page.goto("/odoo/my-approvals")
    page.get_by_text(text).locator("visible=true").first.click()
    page.locator(".o_form_view").wait_for()


def decided(page, name):
    """Press a button that decides and wait until it is gone."""
    press(page, name)
    page.get_by_role("button", name=name, exact=True).locator("visible=true").wait_for(
        state="detached"
    )


def test_an_author_drafts_and_tries_a_policy_and_a_second_person_publishes(
    page, log_in, client, picture, errors
):
    before = in_force(client)
    log_in("retailadmin", size=DESKTOP)
    page.goto("/odoo/approval-policies")
    page.get_by_text("Standard approval policy").first.click()
    press(page, "New version")
    page.locator(".o_arrow_button_current", has_text="Draft").wait_for()
    fill(page, "change_reason", "Stores in the East lost most: a lower limit there.")
    vary_in_the_east(page, picture)
    saved(page)
    page.get_by_text("two rows cover").first.wait_for()
    picture(page, "approvals-draft")
    page.get_by_role("tab", name="Region variants").click()
    picture(page, "approvals-draft-variants")
    press(page, "Back-test")
    press(page, "Run")
    page.get_by_text("Money that passes unseen").wait_for()
    picture(page, "approvals-back-test")
    report = page.url
    press(page, "Publish this version")
    page.locator(".modal").get_by_role("button", name="Ok").click()
    page.get_by_text("You wrote at this version").wait_for()
    picture(page, "approvals-author-refused")
    errors.clear()  # the refusal is logged

    log_in("admin", "admin", size=DESKTOP)
    page.goto(report)
    press(page, "Publish this version")
    page.locator(".modal").get_by_role("button", name="Ok").click()
    page.get_by_role("button", name="Publish this version").wait_for(state="detached")
    picture(page, "approvals-published")
    page.goto("/odoo/approval-overrides")
    page.get_by_text("40.00 and more instead of 50.00 and more").wait_for()
    picture(page, "approvals-overrides")
    page.goto("/odoo/policy-register")
    page.get_by_text("Stays manual").first.wait_for()
    picture(page, "approvals-register")
    restore(page, client, picture, before)


def in_force(client):
    """Return the version of the standard policy that decides now."""
    named = [("name", "=", "Standard approval policy"), ("state", "=", "published")]
    [policy] = client("auditor").find("retail.approval.policy", named, ["version"])
    return policy


def restore(page, client, picture, old):
    """Take a replaced version up again: a draft, put aside here in the end."""
    page.goto(f"/odoo/approval-policies/{old['id']}")
    picture(page, "approvals-replaced")
    press(page, "Restore this version")
    page.locator(".o_arrow_button_current", has_text="Draft").wait_for()
    reason = page.locator("[name=change_reason]").locator("input, textarea")
    expect(reason.first).to_have_value(
        f"Restores version {old['version']}", timeout=90_000
    )
    picture(page, "approvals-restored")
    drafts = [("name", "=", "Standard approval policy"), ("state", "=", "draft")]
    [draft] = client("auditor").find("retail.approval.policy", drafts, ["version"])
    client("admin", "admin").call("retail.approval.policy", "unlink", [draft["id"]])


def vary_in_the_east(page, picture):
    """Give one region a lower limit for write-offs, on the screen."""
    page.get_by_role("tab", name="Region variants").click()
    page.locator("[name=variant_ids]").get_by_text("Add a line").click()
    dialog = page.locator(".modal")
    dialog.locator("[name=base_id] input").fill("Stock write-off")
    page.locator(
        ".o-autocomplete--dropdown-item", has_text="50.00 and more"
    ).last.click()
    dialog.locator("[name=region_ids] input").fill("United States / East")
    page.locator(".o-autocomplete--dropdown-item", has_text="East").first.click()
    dialog.locator("[name=amount_min] input").fill("40")
    picture(page, "approvals-variant")
    dialog.locator(".o_form_button_save").click()
    dialog.wait_for(state="detached")


def test_two_decide_at_once_and_somebody_stands_in_for_one(
    page, log_in, client, picture, errors
):
    away(client)
    log_in("store0043", size=PHONE)
    ask(page, "Local procurement", "Shelf lights", "Two aisles are dark.", "640")
    document = page.url
    picture(page, "approvals-asks")
    press_behind_dots(page, "Who would approve?")
    page.locator(".modal").get_by_text("Finance").first.wait_for()
    picture(page, "approvals-preview")
    press(page, "Close")
    press(page, "Ask for approval")
    page.get_by_text("Waiting for 2 approvals").wait_for()
    picture(page, "approvals-waits")

    log_in("operations", size=DESKTOP)
    open_approval(page, "Shelf lights")
    picture(page, "approvals-decides")
    decided(page, "Approve")

    log_in("region.useast", size=DESKTOP)
    open_approval(page, "Shelf lights")
    picture(page, "approvals-stands-in")
    decided(page, "Approve")
    page.get_by_text("on behalf of Claire Dubois").first.wait_for()
    picture(page, "approvals-on-behalf")

    log_in("store0043", size=PHONE)
    page.goto(document)
    page.get_by_text("Approved (").first.wait_for()
    picture(page, "approvals-approved")


def away(client):
    """Finance is on leave, and Grace Holloway stands in for local procurement."""
    finance = client("finance")
    [kind] = finance.find(
        "retail.request.kind", [("code", "=", "local_procurement")], ["name"]
    )
    [delegate] = finance.find("res.users", [("login", "=", "region.useast")], ["name"])
    finance.call(
        "retail.approval.delegation",
        "create",
        {
            "delegate_id": delegate["id"],
            "date_to": "2099-01-01 00:00:00",
            "kind_ids": [(6, 0, [kind["id"]])],
            "reason": "Parental leave",
        },
    )


def test_what_is_late_goes_up_the_tree(page, log_in, client, server, picture, errors):
    log_in("store0044", size=PHONE)
    ask(page, "Staffing override", "Two extra hands", "Inventory night.", "180")
    press(page, "Ask for approval")
    page.get_by_text("Waiting for one approval").wait_for()
    make_late(server)
    run_now(client("admin", "admin"), ESCALATE)

    log_in("country", size=DESKTOP)
    open_approval(page, "Two extra hands")
    page.get_by_text("did not decide in time").first.wait_for()
    picture(page, "approvals-escalated")
    page.set_viewport_size(PHONE)
    picture(page, "approvals-escalated")
    decided(page, "Approve")


def make_late(server):
    server.query(
        """
        UPDATE retail_approval_request_step
           SET due_at = now() AT TIME ZONE 'UTC' - interval '1 hour'
         WHERE state = 'open' AND request_id = (
            SELECT id FROM retail_approval_request
             WHERE document_name LIKE '%Two extra hands%')
        """
    )


def test_a_rejection_says_why_and_is_corrected(page, log_in, picture, errors):
    log_in("store0045", size=PHONE)
    ask(page, "Urgent buy", "Bottled water", "The tap water is off.", "900")
    press(page, "Ask for approval")
    page.get_by_text("Waiting for 2 approvals").wait_for()

    log_in("region", size=DESKTOP)
    open_approval(page, "Bottled water")
    press(page, "Reject")
    dialog = page.locator(".modal")
    dialog.locator("textarea").fill("A third of it is enough for two days.")
    picture(page, "approvals-rejects")
    assert hindrances(page, "reject", ".modal-dialog") == []
    dialog.get_by_role("button", name="Reject").click()
    dialog.wait_for(state="detached")
    picture(page, "approvals-rejected")

    log_in("store0045", size=PHONE)
    page.goto("/odoo/store-requests")
    page.get_by_text("Bottled water").first.click()
    page.get_by_text("A third of it is enough").first.wait_for()
    picture(page, "approvals-refused")
    fill(page, "amount", "300")
    saved(page)
    press(page, "Ask for approval")
    page.get_by_text("Waiting for 2 approvals").wait_for()
    picture(page, "approvals-corrected")


def test_a_policy_prints_as_a_pdf(page, log_in, picture):
    log_in("auditor", size=DESKTOP)
    page.goto("/odoo/approval-policies")
    page.get_by_text("Standard approval policy").first.click()
    page.locator(".o_form_view").wait_for()
    with page.expect_download() as printing:
        press(page, "Print")
    check_printed(Path(printing.value.path()).read_bytes())
    page.goto(f"/report/html/{POLICY}/{page.url.rsplit('/', 1)[-1]}")
    page.get_by_text("What no row covers").wait_for()
    picture(page, "approvals-print")
