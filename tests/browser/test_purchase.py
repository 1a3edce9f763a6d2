"""A store's order that waits: asked on a phone, decided by two, confirmed by itself."""

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.steps import approve, open_waiting
from tests.waiting import eventually
from tests.webclient import WebClient

LAMPS = [("order_line.product_id.name", "=", "Shelf lamp"), ("store_id", "!=", False)]


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
