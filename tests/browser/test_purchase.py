"""A store's order that waits: asked on a phone, decided by two, confirmed by itself."""

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
# Bought from by nobody else this week: what the store buys there adds up.
VENDOR = "Alder Street Lamps"


def write_need(page):
    """Fill in the store's request for goods of a vendor."""
    page.goto("/odoo/store-requests/new")
    page.locator(".o_form_view").wait_for()
    for field, text in (
        ("kind_id", "Local procurement"),
        ("partner_id", VENDOR),
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


def test_a_need_written_on_a_phone_is_followed_to_the_draft_order_of_these_goods(
    log_in, page, picture, errors, base_url, db
):
    store = WebClient(base_url, db, "store")
    vendor = {"name": VENDOR, "is_company": True}
    admin = WebClient(base_url, db, "admin", "admin")
    admin.call("res.partner", "create", vendor)
    log_in("store", size=PHONE)
    write_need(page)
    picture(page, "need-written")
    [need] = store.find("retail.request", [("summary", "=", NEED)], ["name"])
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
        follow(page, order["name"])
        page.get_by_text("Shelf lamp").first.wait_for()
        picture(page, "need-order")


def follow(page, name):
    """Go from a need to the order that carries it out."""
    more = page.locator(".o_button_more")  # a phone keeps these buttons in a menu
    page.locator(".o-form-buttonbox").first.wait_for()
    if more.count():
        more.first.click()
    page.locator("button.oe_stat_button:visible", has_text="Order").first.click()
    listed = ".o_list_view .o_data_row, .o_kanban_view .o_kanban_record"
    page.locator(listed, has_text=name).first.get_by_text(name).first.click()
    page.locator(".o_form_view").wait_for()


def ask_beyond_the_budget(client):
    """Let the store's manager order so much that its month's budget does not do."""
    names = [("name", "in", ("Shelf board", "Rose City Shelving"))]
    [board] = client.find("product.product", names, ["uom_id"])
    [vendor] = client.find("res.partner", names, ["name"])
    line = {"product_id": board["id"], "product_qty": 40, "price_unit": 47.0}
    values = {"partner_id": vendor["id"], "order_line": [(0, 0, line)]}
    order = client.call("purchase.order", "create", values)
    client.call("purchase.order", "button_confirm", [order])
    [made] = client.find("purchase.order", [("id", "=", order)], ["name"])
    return made["name"]


def test_who_approves_an_order_sees_its_other_half_and_the_budget_it_breaks(
    log_in, page, picture, errors, base_url, db
):
    store = WebClient(base_url, db, "store")
    halves = [("order_line.product_qty", "=", 7), ("state", "=", "to approve")]
    [half] = store.find("purchase.order", halves, ["name"])
    dear = ask_beyond_the_budget(store)
    for size in (PHONE, DESKTOP):
        log_in("region", size=size)
        open_waiting(page, half["name"])
        page.get_by_text("Together with").first.scroll_into_view_if_needed()
        picture(page, "purchase-split")
        open_waiting(page, dear)
        page.get_by_text("of its $ 1,500.00 this month").first.wait_for()
        picture(page, "purchase-budget")
