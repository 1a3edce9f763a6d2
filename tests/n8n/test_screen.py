"""What n8n found out stands on the case, where the store's manager decides."""

from playwright.sync_api import expect

from tests.browser.conftest import (  # noqa: F401
    chrome,
    log_in,
    page,
    picture,
    size,
    windows,
)
from tests.n8n.cases import is_acknowledged, raise_case
from tests.waiting import eventually


def test_the_store_reads_suppliers_and_who_was_told_on_the_case(
    base_url,
    keys,
    people,
    n8n,
    log_in,  # noqa: F811
    size,  # noqa: F811
    picture,  # noqa: F811
):
    product = "SHA-400" if size["width"] < 500 else "YOG-1K"
    case = raise_case(base_url, keys, people, product=product, expected=30, counted=24)
    eventually(lambda: is_acknowledged(people, case), 60)
    window = log_in("store", size=size)
    window.goto(f"/odoo/retail.exception/{case['id']}")
    window.get_by_role("tab", name="From other systems").click()
    facts = window.locator("[name=outside_html]")
    expect(facts).to_contain_text("Supplier 1")
    expect(facts).to_contain_text("stock-discrepancy 1.0.0")
    expect(facts).to_contain_text("region")
    facts.scroll_into_view_if_needed()
    picture(window, "n8n-facts")
