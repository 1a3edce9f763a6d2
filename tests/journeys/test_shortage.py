"""Goods run out: what is told, and what is bought once people approved it."""

import pytest

from tests.scheduled import run_now
from tests.waiting import eventually
from tests.webclient import WebClient

LEVELS = "Stores' stock: raise what runs out"
REQUEST = "retail.approval.request"


@pytest.fixture(scope="module")
def admin(base_url, db):
    return WebClient(base_url, db, "admin", "admin")


def level(admin, name, **values):
    """Make a level of 10 to 20 for a new product that store 0043 has none of."""
    vendor = admin.call("res.partner", "create", {"name": f"{name} vendor"})
    seller = {"partner_id": vendor, "price": 4.0}
    goods = {"name": name, "is_storable": True, "seller_ids": [(0, 0, seller)]}
    product = admin.call("product.product", "create", goods)
    [place] = admin.find("stock.warehouse", [("code", "=", "S0043")], ["lot_stock_id"])
    made = admin.call(
        "stock.warehouse.orderpoint",
        "create",
        {
            "product_id": product,
            "warehouse_id": place["id"],
            "location_id": place["lot_stock_id"][0],
            "product_min_qty": 10,
            "product_max_qty": 20,
            "trigger": "manual",
            **values,
        },
    )
    return made, product


def approve(base_url, db, need):
    """Approve a store's request as those do whom the policy asks."""
    about = [("res_model", "=", "retail.request"), ("res_id", "=", need)]
    for login in ("region", "finance"):
        decider = WebClient(base_url, db, login)
        [request] = decider.find(REQUEST, about, ["state"])
        decider.call(REQUEST, "action_approve", [request["id"]])


def test_an_approved_urgent_buy_becomes_an_order_of_what_was_short(base_url, db, admin):
    made, product = level(admin, "Urgent crates", retail_shortage="request")
    run_now(admin, LEVELS)
    key = [("stock_watch_key", "=", f"stock.level/{made}")]
    [case] = admin.find("retail.exception", key, ["stock_request_id"])
    [need, _name] = case["stock_request_id"]
    approve(base_url, db, need)
    ours = [("retail_request_id", "=", need)]
    fields = ["state", "order_line", "picking_type_id"]
    [order] = eventually(lambda: admin.find("purchase.order", ours, fields), 90)
    fields = ["product_id", "product_qty", "price_unit"]
    [line] = admin.call("purchase.order.line", "read", order["order_line"], fields)
    own = [("code", "=", "S0043")]
    [warehouse] = admin.find("stock.warehouse", own, ["in_type_id"])
    assert order["state"] == "draft"
    assert order["picking_type_id"] == warehouse["in_type_id"], "delivered elsewhere"
    assert line["product_id"][0] == product
    assert (line["product_qty"], line["price_unit"]) == (20, 4)


def test_the_outbox_tells_once_of_each_time_a_level_is_passed(server, admin):
    made, _product = level(admin, "Outbox crates", retail_shortage="supplier")
    breach, again, recovery, new_breach = 10, 11, 0, 10
    for minimum in (breach, again, recovery, new_breach):
        least = {"product_min_qty": minimum}
        admin.call("stock.warehouse.orderpoint", "write", [made], least)
        run_now(admin, LEVELS)
    [[told]] = server.query(
        "SELECT count(*) FROM retail_outbox WHERE type = 'exception.created'"
        " AND data LIKE '%Outbox crates%';"
    )
    assert int(told) == 2
