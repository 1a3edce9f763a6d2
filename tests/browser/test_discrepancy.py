"""A store manager raises a discrepancy and finishes it, by thumb and by mouse."""

from tests.browser.steps import choose, confirm, press
from tests.browser.test_accessibility import hindrances
from tests.webclient import WebClient


def report_discrepancy(page, photo, picture):
    """Send what was counted with a photo and open the exception it became."""
    page.goto("/odoo/report-exception")
    page.get_by_role("button", name="Inventory discrepancy").click()
    page.locator(".o_retail_report .o-autocomplete--input").fill("BER-250")
    page.locator(".o-autocomplete--dropdown-item", has_text="Blueberries").first.click()
    page.fill("#report_expected", "10")
    page.fill("#report_counted", "6")
    page.fill("#report_reason", "Four punnets were crushed under a crate")
    page.set_input_files(".o_retail_report input[type=file]", photo)
    page.get_by_text(photo.name).wait_for()
    picture(page, "discrepancy-facts")
    page.get_by_role("button", name="Send").click()
    page.get_by_text("looks after it").wait_for()
    picture(page, "discrepancy-sent")
    reference = page.locator(".o_retail_report h1").text_content()
    page.get_by_role("button", name="Open it").click()
    page.locator(".o_form_view").wait_for()
    return reference


def resolve(page, picture):
    """Say what was done and why it happened, in the dialog."""
    press(page, "Resolve")
    choose(page, page.locator(".modal-dialog"), "root_cause_id", "Damage or spoilage")
    picture(page, "discrepancy-resolve")
    assert hindrances(page, "resolve", ".modal-dialog") == []
    confirm(page, note="Crushed goods thrown away, crate moved")


def test_a_store_manager_raises_and_finishes_a_discrepancy(
    screen, picture, photo, size, base_url, db
):
    page = screen("store0044", size)
    reference = report_discrepancy(page, photo, picture)
    picture(page, "discrepancy-raised")
    press(page, "Start work")
    resolve(page, picture)
    picture(page, "discrepancy-resolved")
    press(page, "Close")
    page.get_by_role("button", name="Reopen").wait_for()
    picture(page, "discrepancy-closed")
    finished = of_reference(WebClient(base_url, db, "store0044"), reference)
    assert finished["state"] == "closed"
    assert finished["root_cause_id"]
    auditor = WebClient(base_url, db, "auditor")
    assert "evidence.added" in steps(auditor, finished)


def of_reference(client, reference):
    """Return the exception of a reference."""
    [found] = client.find(
        "retail.exception", [("name", "=", reference)], ["state", "root_cause_id"]
    )
    return found


def steps(auditor, exception):
    """Return what the ledger says was done to an exception."""
    entries = auditor.find(
        "retail.audit.entry",
        [("model", "=", "retail.exception"), ("res_id", "=", exception["id"])],
        ["action"],
    )
    return [entry["action"] for entry in entries]
