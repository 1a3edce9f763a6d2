"""A count above the limits waits for its approval, and moves the stock afterwards."""

from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.steps import approve
from tests.scheduled import run_now
from tests.waiting import eventually
from tests.webclient import WebClient

DETERGENT = "Laundry Detergent"


def on_hand(member):
    [quant] = member.find(
        "stock.quant",
        [("product_id.name", "like", DETERGENT), ("location_id", "like", "S0042")],
        ["quantity"],
    )
    return quant["quantity"]


def count(page, quantity):
    """Count the detergent of store 0042 in Physical Inventory."""
    page.goto("/odoo/action-stock.action_view_inventory_tree")
    page.locator(".o_list_view").wait_for()
    facets = page.locator(".o_facet_remove")
    for left in reversed(range(facets.count())):
        facets.first.click()
        expect(facets).to_have_count(left, timeout=90_000)
    row = page.locator(".o_data_row", has_text=DETERGENT).filter(has_text="S0042")
    row.locator("td[name=inventory_quantity]").click()
    # A row that is being edited shows its texts in inputs.
    edited = page.locator(".o_selected_row td[name=inventory_quantity] input")
    edited.fill(str(quantity))
    edited.press("Enter")
    row.locator("button[name=action_apply_inventory]").click()


def test_a_count_above_the_limits_moves_the_stock_once_both_approved(
    log_in, page, picture, errors, base_url, db
):
    member = WebClient(base_url, db, "member")
    log_in("member")
    count(page, 28)
    page.locator(".o_notification", has_text="Waiting for approval").wait_for()
    picture(page, "stock-held")
    assert on_hand(member) == 40
    [hold] = member.find(
        "retail.stock.hold",
        [("product_id.name", "like", DETERGENT), ("state", "=", "waiting")],
        ["exception_id"],
    )
    case_id, name = hold["exception_id"]
    case = name.split(" ")[0]
    page.goto("/odoo/action-retail_ops_stock.action_stock_hold")
    page.get_by_text(case).first.wait_for()
    picture(page, "stock-holds")
    page.goto(f"/odoo/exceptions/{case_id}")
    page.get_by_role("tab", name="Held stock").click()
    picture(page, "stock-case")
    for login in ("region", "lossprevention"):
        log_in(login)
        approve(page, case)
    eventually(lambda: on_hand(member) == 28, seconds=90)


def test_goods_that_run_out_come_with_a_prepared_transfer(
    log_in, page, picture, errors
):
    log_in("store")
    page.goto("/odoo/exceptions")
    page.get_by_text("Greek Yogurt 1 kg runs out").first.click()
    page.get_by_role("tab", name="Proposal").click()
    page.get_by_text("from store 0043").first.wait_for()
    picture(page, "stock-proposal")
    agree = page.get_by_role("button", name="Agree to the transfer")
    expect(agree).to_be_hidden()
    case = page.url
    for size in (PHONE, DESKTOP):
        log_in("region", size=size)
        page.goto(case)
        page.get_by_role("tab", name="Proposal").click()
        expect(agree).to_be_visible()
        agree.scroll_into_view_if_needed()
        picture(page, "stock-proposal-region")


YOGURT = "Greek Yogurt"


def let_yogurt_run_short(admin):
    """Let store 0044 want more yogurt than it has; return the address of its case."""
    [goods] = admin.find("product.product", [("name", "like", YOGURT)], ["name"])
    [place] = admin.find("stock.warehouse", [("code", "=", "S0044")], ["lot_stock_id"])
    level = admin.call(
        "stock.warehouse.orderpoint",
        "create",
        {
            "product_id": goods["id"],
            "warehouse_id": place["id"],
            "location_id": place["lot_stock_id"][0],
            "product_min_qty": 36,
            "product_max_qty": 40,
            "trigger": "manual",
        },
    )
    run_now(admin, "Stores' stock: raise what runs out")
    about = [("stock_level_id", "=", level), ("stock_picking_id", "!=", False)]
    [case] = eventually(lambda: admin.find("retail.exception", about, ["name"]), 90)
    return f"/odoo/exceptions/{case['id']}"


def test_the_store_that_gives_the_goods_agrees_to_their_transfer_on_a_phone(
    log_in, page, picture, errors, base_url, db
):
    case = let_yogurt_run_short(WebClient(base_url, db, "admin", "admin"))
    log_in("store0043", size=PHONE)
    page.goto(case)
    page.get_by_role("tab", name="Proposal").click()
    agree = page.get_by_role("button", name="Agree to the transfer")
    agree.scroll_into_view_if_needed()
    picture(page, "stock-giver-asked")
    agree.click()
    page.get_by_role("tab", name="Proposal").click()
    agreed = page.locator("[name=stock_agreed_by_id]")
    expect(agreed).to_contain_text("Olivia Bennett")
    expect(agree).to_be_hidden()
    for size in (PHONE, DESKTOP):
        page.set_viewport_size(size)
        agreed.scroll_into_view_if_needed()
        picture(page, "stock-giver-agreed")
    decline_shampoo(log_in, page, picture, WebClient(base_url, db, "admin", "admin"))


def decline_shampoo(log_in, page, picture, admin):
    """Let the store that is asked in the demo keep its goods, on a phone."""
    about = [("product_id.name", "like", "Shampoo"), ("is_open", "=", True)]
    about += [("stock_giver_id.code", "=", "0045")]
    [case] = admin.find("retail.exception", about, ["name"])
    log_in("store0045", size=PHONE)
    page.goto(f"/odoo/exceptions/{case['id']}")
    page.get_by_role("tab", name="Proposal").click()
    decline = page.get_by_role("button", name="Decline", exact=True)
    decline.scroll_into_view_if_needed()
    picture(page, "stock-giver-may-decline")
    decline.click()
    dialog = page.locator(".modal-dialog")
    dialog.locator("[name=reason] textarea").fill("Our own offer begins tomorrow.")
    picture(page, "stock-giver-declines")
    dialog.get_by_role("button", name="Decline", exact=True).click()
    page.locator(".o_notification", has_text="The goods stay").wait_for()
    page.locator(".o_retail_home").first.wait_for()
    picture(page, "stock-giver-declined")
    declined = [("id", "=", case["id"])]
    [after] = admin.find("retail.exception", declined, ["stock_declined_by"])
    assert "0045" in after["stock_declined_by"]
