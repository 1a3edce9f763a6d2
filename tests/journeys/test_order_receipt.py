"""The clock of an order stops when its goods come in by a real receipt."""

from datetime import datetime

from tests.webclient import WebClient


def moment(text):
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S")


def test_an_order_is_on_its_way_until_its_receipt_is_validated(base_url, db):
    store = WebClient(base_url, db, "store")
    of_store = [("code", "=", "0042")]
    [place] = store.find("retail.store", of_store, ["display_name"])
    [fan] = store.find("product.product", [("name", "ilike", "fan")], ["name"])[:1]
    admin = WebClient(base_url, db, "admin", "admin")
    vendor = admin.call("res.partner", "create", {"name": "Receipt vendor"})
    line = {"product_id": fan["id"], "product_qty": 2, "price_unit": 6}
    order = store.call(
        "purchase.order",
        "create",
        {
            "partner_id": vendor,
            "store_id": place["id"],
            "order_line": [(0, 0, line)],
        },
    )
    store.call("purchase.order", "button_confirm", [order])
    told = ["state", "retail_received_at"]
    [sent] = store.call("purchase.order", "read", [order], told)
    assert (sent["state"], sent["retail_received_at"]) == ("purchase", False)
    of_order = [("purchase_id", "=", order)]
    [receipt] = store.find("stock.picking", of_order, ["state"])
    store.call("stock.picking", "button_validate", [receipt["id"]])
    [receipt] = store.find("stock.picking", of_order, ["state", "date_done"])
    assert receipt["state"] == "done"
    [came] = store.call("purchase.order", "read", [order], told)
    late = moment(came["retail_received_at"]) - moment(receipt["date_done"])
    assert abs(late.total_seconds()) < 60
