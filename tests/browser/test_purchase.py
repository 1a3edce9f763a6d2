"""A store's order that waits: asked on a phone, decided by two, confirmed by itself."""

from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.steps import approve, choose, open_waiting, press, saved
from tests.waiting import eventually
from tests.webclient import WebClient

LAMPS = [
    ("order_line.product_id.name", "=", "Shelf lamp"),
    ("store_id", "!=", False),
    ("retail_request_id", "=", False),
]


def lamps(client):
    [order] = client.find("purchase.order", LAMPS, ["name", "state"])
    return order


def test_an_order_outside_the_catalogue_is_confirmed_once_region_and_finance_agree(
    log_in, page, picture, errors, base_url, db
):
    store = WebClient(base_url, db, "store")
    order = lamps(store)
    for size in (PHONE, DESKTOP):
        log_in("store", size=size)
        page.goto(f"/odoo/purchase/{order['id']}")
        page.get_by_text("Waiting for 2 approvals").wait_for()
        page.get_by_text("no agreed price with this vendor").first.wait_for()
        picture(page, "purchase-waits")
    for login in ("region", "finance"):
        log_in(login, size=DESKTOP)
        open_waiting(page, order["name"])
        page.get_by_text("Spent by category").first.wait_for()
        picture(page, f"purchase-{login}")
        approve(page, order["name"])
    eventually(lambda: lamps(store)["state"] == "purchase", seconds=90)


NEED = "Lamps for the back room"


def write_need(page):
    """Fill in the store's request for goods of a vendor."""
    page.goto("/odoo/store-requests/new")
    page.locator(".o_form_view").wait_for()
    for field, text in (
        ("kind_id", "Local procurement"),
        ("partner_id", "Pearl District Hardware"),
        ("product_id", "Shelf lamp"),
    ):
        choose(page, page, field, text)
    for field, text in (
        ("summary", NEED),
        ("amount", "36"),
        ("product_qty", "3"),
        ("reason", "Two are dark already."),
    ):
        page.locator(f"[name={field}]").locator("input, textarea").last.fill(text)
    saved(page)


def test_what_a_store_needs_becomes_a_draft_order_of_these_goods(
    log_in, page, picture, errors, base_url, db
):
    store = WebClient(base_url, db, "store")
    log_in("store", size=DESKTOP)
    write_need(page)
    picture(page, "need-written")
    log_in("store", size=PHONE)
    [need] = store.find("retail.request", [("summary", "=", NEED)], ["name"])
    page.goto(f"/odoo/store-requests/{need['id']}")
    expect(page.locator("[name=product_qty] input")).to_have_value("3.00")
    picture(page, "need-written")
    press(page, "Ask for approval")
    ours = [("retail_request_id", "=", need["id"])]
    fields = ["name", "state", "amount_untaxed", "order_line"]
    [order] = eventually(lambda: store.find("purchase.order", ours, fields), 90)
    assert (order["state"], order["amount_untaxed"]) == ("draft", 36)
    for size in (PHONE, DESKTOP):
        page.set_viewport_size(size)
        page.goto(f"/odoo/store-requests/{need['id']}")
        page.get_by_text(order["name"]).first.wait_for()
        picture(page, "need-ordered")
        page.goto(f"/odoo/purchase/{order['id']}")
        page.get_by_text("Shelf lamp").first.wait_for()
        picture(page, "need-order")
