"""The store manager's day and a case in French."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.webclient import WebClient

LOGIN = "store0046"
SCRIPT = Path(__file__).parent / "scripts" / "french.py"


@pytest.fixture(scope="module")
def french(server, workshop):
    """A store manager who reads French from now on; nobody else uses this login."""
    with workshop.progress.step("French") as step:
        server.database.shell(SCRIPT, step)


def test_a_store_manager_reads_his_day_and_a_case_in_french(
    log_in, page, picture, errors, french, size
):
    log_in(LOGIN, size=size)
    page.get_by_role("heading", level=1, name="Mon magasin aujourd'hui").wait_for()
    page.get_by_text("Signaler quelque chose").locator("visible=true").wait_for()
    picture(page, "french-home")
    page.goto("/odoo/my-exceptions")
    card = page.locator(".o_data_row, .o_kanban_record:not(.o_kanban_ghost)").first
    card.click()
    page.locator(".o_form_view").wait_for()
    for word in ("Magasin", "Gravité", "Échéance"):
        page.locator("label", has_text=word).locator("visible=true").first.wait_for()
    picture(page, "french-case")


def test_money_reads_as_a_french_reader_writes_it(
    log_in, page, picture, errors, french, base_url, db, size
):
    store = WebClient(base_url, db, LOGIN)
    code = [("code", "=", "inventory_discrepancy")]
    [kind] = store.find("retail.exception.type", code, ["name"])
    found = {"expected_quantity": 1012, "counted_quantity": 900, "unit_cost": 14.5}
    values = {"type_id": kind["id"], "summary": "Un carton manque", **found}
    [case] = store.call("retail.exception", "create", [values])
    log_in(LOGIN, size=size)
    page.goto(f"/odoo/my-exceptions/{case}")
    money = page.locator("[name=impact_amount]").first
    # A narrow space parts the thousands, a comma the cents.
    expect(money).to_contain_text("624,00")
    assert "1\u202f624,00" in money.inner_text().replace("\xa0", "\u202f")
    picture(page, "french-money")
