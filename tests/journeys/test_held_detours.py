"""Ways round a gate by Odoo's other doors: lots, scanners, scheduler, bills, import.

Each as somebody of the store who has the rights that Odoo itself asks for, and no more.
"""

import pytest

from tests.journeys.test_held_paths import (
    Orders,
    Shelf,
    count,
    refused_or_held,
    scrapped,
    transfer_to_loss,
)
from tests.scheduled import run_now
from tests.webclient import WebClient

SCHEDULER = "Procurement: run scheduler"


def somebody(admin, login, *rights):
    """Make a user of store 0042 with these rights of Odoo's apps; return the login."""
    user = anybody(admin, login, *rights)
    [store] = admin.find("retail.store", [("code", "=", "0042")], ["id"])
    admin.call("retail.store", "write", [store["id"]], {"member_ids": [(4, user)]})
    return login


def anybody(admin, login, *rights, **more):
    """Make a user of no store with these rights of Odoo's apps; return the id."""
    groups = [
        admin.find(
            "ir.model.data", [("module", "=", module), ("name", "=", name)], ["res_id"]
        )[0]["res_id"]
        for module, name in (right.split(".") for right in rights)
    ]
    values = {"name": login, "login": login, "password": "demo", **more}
    return admin.call("res.users", "create", {**values, "group_ids": [(6, 0, groups)]})


@pytest.fixture(scope="module")
def keeper(base_url, db):
    """Who keeps the store's stock in order, with all rights in Odoo's Inventory."""
    admin = WebClient(base_url, db, "admin", "admin")
    rights = ("stock.group_stock_manager", "retail_ops_core.group_store_user")
    return WebClient(base_url, db, somebody(admin, "detour-keeper", *rights))


# === GOODS === #


@pytest.fixture(scope="module")
def shelf(base_url, db, server, keeper):
    goods = Shelf(base_url, db, server)
    goods.me = keeper
    return goods


class Lots(Shelf):
    """The same goods, followed by lot."""

    goods = {"tracking": "lot"}
    lot = None

    def take_in(self, quantity):
        if not self.lot:
            values = {"name": "HELD-1", "product_id": self.product}
            self.lot = self.admin.call("stock.lot", "create", values)
        super().take_in(quantity)

    def move(self, source, target, quantity, **values):
        move = super().move(source, target, quantity, **values)
        move["move_line_ids"][0][2]["lot_id"] = self.lot
        return move


@pytest.fixture(scope="module")
def lots(base_url, db, server, keeper):
    goods = Lots(base_url, db, server)
    goods.me = keeper
    return goods


def lot_scrapped(lots):
    scrapped(lots, "action_validate", lot_id=lots.lot)


def lot_put_elsewhere(lots):
    lost = {"location_id": lots.location("inventory")}
    lots.me.call("stock.lot", "write", [lots.lot], lost)


def lot_of_another_product(lots):
    other = {"product_id": lots.cheap}
    lots.me.call("stock.lot", "write", [lots.lot], other)


def lot_relocated_to_loss(lots):
    values = {
        "quant_ids": [(6, 0, [lots.quant])],
        "dest_location_id": lots.location("inventory"),
    }
    made = lots.me.call("stock.quant.relocate", "create", values)
    lots.me.call("stock.quant.relocate", "action_relocate_quants", [made])


LOTS = (
    count,
    transfer_to_loss,
    lot_scrapped,
    lot_put_elsewhere,
    lot_of_another_product,
    lot_relocated_to_loss,
)


@pytest.mark.parametrize("way", LOTS, ids=lambda way: way.__name__)
def test_no_way_takes_a_stores_lots_without_an_approval(lots, way):
    before = lots.quantity()
    with refused_or_held():
        way(lots)
    assert lots.quantity() == before == 30


# Community has no barcode app: these are the calls that one makes.
def scanned_count(shelf):
    scanned = {
        "product_id": shelf.product,
        "location_id": shelf.place,
        "inventory_quantity": 2,
        "inventory_quantity_set": True,
    }
    in_mode = {"context": {"inventory_mode": True}}
    quant = shelf.me.call("stock.quant", "create", [scanned], **in_mode)
    shelf.me.call("stock.quant", "action_apply_inventory", quant, **in_mode)


def scanned_transfer(shelf):
    lost = shelf.location("inventory")
    kinds = [("code", "=", "internal"), ("warehouse_id.lot_stock_id", "=", shelf.place)]
    [kind] = shelf.me.find("stock.picking.type", kinds, ["id"])
    line = {
        "product_id": shelf.product,
        "quantity": 28,
        "picked": True,
        "location_id": shelf.place,
        "location_dest_id": lost,
    }
    scanned = {
        "picking_type_id": kind["id"],
        "location_id": shelf.place,
        "location_dest_id": lost,
        "move_line_ids": [(0, 0, line)],
    }
    picking = shelf.me.call("stock.picking", "create", scanned)
    at_once = {"context": {"skip_backorder": True, "skip_sms": True}}
    shelf.me.call("stock.picking", "button_validate", [picking], **at_once)


def relocated_by_the_keeper(shelf):
    lot_relocated_to_loss(shelf)


def made_by_the_scheduler(shelf):
    """A rule that brings the shelf's goods to the losses, and a level there."""
    lost = shelf.location("inventory")
    route, level = held_route(shelf, lost)
    try:
        run_now(shelf.admin, SCHEDULER)
        validate_what_was_scheduled(shelf, lost)
    finally:
        shelf.admin.call("stock.warehouse.orderpoint", "action_archive", [level])
        shelf.admin.call("stock.route", "action_archive", [route])


def held_route(shelf, lost):
    """Make the route and the level; return their ids."""
    kinds = [("code", "=", "internal"), ("warehouse_id.lot_stock_id", "=", shelf.place)]
    [kind] = shelf.me.find("stock.picking.type", kinds, ["warehouse_id"])
    rule = {
        "name": "Held rule",
        "action": "pull",
        "procure_method": "make_to_stock",
        "location_src_id": shelf.place,
        "location_dest_id": lost,
        "location_dest_from_rule": True,
        "picking_type_id": kind["id"],
    }
    route = shelf.me.call(
        "stock.route", "create", {"name": "Held route", "rule_ids": [(0, 0, rule)]}
    )
    level = {
        "product_id": shelf.product,
        "location_id": lost,
        "warehouse_id": kind["warehouse_id"][0],
        "route_id": route,
        "product_min_qty": 28,
        "product_max_qty": 28,
    }
    return route, shelf.me.call("stock.warehouse.orderpoint", "create", level)


def validate_what_was_scheduled(shelf, lost):
    wanted = [("product_id", "=", shelf.product), ("location_dest_id", "=", lost)]
    moves = shelf.me.find("stock.move", [*wanted, ("rule_id", "!=", False)], [])
    assert moves, "the scheduler made nothing"
    ids = [move["id"] for move in moves]
    shelf.me.call("stock.move", "write", ids, {"picked": True})
    [move] = shelf.me.call("stock.move", "read", ids, ["picking_id"])
    shelf.me.call("stock.picking", "button_validate", [move["picking_id"][0]])


def imported_scrap(shelf):
    columns = ["product_id/.id", "scrap_qty", "location_id/.id", "state"]
    row = [str(shelf.product), "28", str(shelf.place), "done"]
    shelf.me.call("stock.scrap", "load", columns, [row])


def imported_move(shelf):
    lost = shelf.location("inventory")
    columns = ["product_id/.id", "product_uom_qty", "quantity", "state"]
    columns += ["location_id/.id", "location_dest_id/.id"]
    row = [shelf.product, 28, 28, "done", shelf.place, lost]
    shelf.me.call("stock.move", "load", columns, [list(map(str, row))])


def imported_release(shelf):
    """A count that waits is called approved by a file."""
    count(shelf)
    waiting = [("product_id", "=", shelf.product), ("state", "=", "waiting")]
    [hold] = shelf.me.find("retail.stock.hold", waiting, ["id"])
    for state in ("released", "applied"):
        rows = [[str(hold["id"]), state]]
        shelf.me.call("retail.stock.hold", "load", [".id", "state"], rows)
    shelf.me.call("stock.quant", "action_apply_inventory", [shelf.quant])


DETOURS = (
    scanned_count,
    scanned_transfer,
    relocated_by_the_keeper,
    made_by_the_scheduler,
    imported_scrap,
    imported_move,
    imported_release,
)


@pytest.mark.parametrize("way", DETOURS, ids=lambda way: way.__name__)
def test_no_detour_takes_a_stores_goods_without_an_approval(shelf, way):
    before = shelf.quantity()
    with refused_or_held():
        way(shelf)
    assert shelf.quantity() == before == 30


class Worthless(Shelf):
    """Goods that cost nothing yet, so that anybody may count them."""

    goods = {"standard_price": 0}


def test_a_count_is_not_taken_back_days_later_without_an_approval(
    base_url, db, server, keeper
):
    goods = Worthless(base_url, db, server)
    goods.me = keeper
    count(goods)
    assert goods.quantity() == 2
    goods.admin.call(
        "product.product", "write", [goods.product], {"standard_price": 80}
    )
    counted = [("product_id", "=", goods.product), ("is_inventory", "=", True)]
    [line] = keeper.find("stock.move.line", counted, ["id"])
    server.query(
        "UPDATE stock_move_line SET write_date = write_date - interval '3 days'"
        f" WHERE id = {line['id']};"
    )
    with refused_or_held():
        keeper.call("stock.move.line", "action_revert_inventory", [line["id"]])
    assert goods.quantity() == 2


# === ORDERS === #


@pytest.fixture(scope="module")
def orders(base_url, db, server):
    """Who manages the store, buys for it and enters its vendors' bills."""
    orders = Orders(base_url, db, server)
    login = somebody(
        orders.admin,
        "detour-bookkeeper",
        "purchase.group_purchase_user",
        "account.group_account_invoice",
        "retail_ops_core.group_store_manager",
    )
    orders.me = WebClient(base_url, db, login)
    return orders


def add_to_order(orders, bill, **values):
    """Put a bill's lines on an order, a new one where none is named."""
    made = {"partner_id": orders.vendor, **values}
    wizard = orders.me.call("bill.to.po.wizard", "create", made)
    lines = {"active_ids": [-line for line in bill]}
    orders.me.call("bill.to.po.wizard", "action_add_to_po", [wizard], context=lines)


def bill_on_a_confirmed_order(orders):
    add_to_order(orders, orders.billed(), purchase_order_id=orders.small())


def bill_on_a_new_order(orders):
    add_to_order(orders, orders.billed())


def imported_price(orders):
    [order] = orders.me.call("purchase.order", "read", [orders.small()], ["order_line"])
    rows = [[str(order["order_line"][0]), "4000"]]
    orders.me.call("purchase.order.line", "load", [".id", "price_unit"], rows)


def order_of_the_office(orders):
    """What headquarters left as a draft, for no store."""
    values = {
        "partner_id": orders.vendor,
        "store_id": False,
        "order_line": [(0, 0, orders.line(4000))],
    }
    order = orders.admin.call("purchase.order", "create", values)
    orders.me.call("purchase.order", "button_confirm", [order])


BILLS = (
    bill_on_a_confirmed_order,
    bill_on_a_new_order,
    imported_price,
    order_of_the_office,
)


@pytest.mark.parametrize("way", BILLS, ids=lambda way: way.__name__)
def test_no_detour_confirms_a_stores_order_without_an_approval(orders, way):
    with refused_or_held():
        way(orders)
    assert orders.confirmed() < 50


def test_a_small_bill_is_put_on_an_order(orders):
    orders.give_up()
    add_to_order(orders, orders.billed(30))
    assert 30 <= orders.confirmed() < 50
    orders.turn_to_another_vendor()


def bought(orders, price):
    """Order at this price; return the order and the state it is in then."""
    order = orders.order(price)
    orders.me.call("purchase.order", "button_confirm", [order])
    [read] = orders.me.call("purchase.order", "read", [order], ["state"])
    return order, read["state"]


def receive(orders, order):
    receipts = [("purchase_id", "=", order)]
    [receipt] = orders.admin.find("stock.picking", receipts, ["id"])
    orders.admin.call("stock.picking", "button_validate", [receipt["id"]])


@pytest.mark.parametrize("give_up", ["button_cancel", "button_draft"])
def test_what_came_adds_up_though_its_order_is_given_up(orders, give_up):
    orders.turn_to_another_vendor()
    order, state = bought(orders, 40)
    assert state == "purchase"
    receive(orders, order)
    orders.me.call("purchase.order", give_up, [order])
    assert bought(orders, 40)[1] == "to approve"
    orders.turn_to_another_vendor()


def test_a_receipt_that_was_open_when_its_order_was_set_back_adds_up(orders):
    orders.turn_to_another_vendor()
    order, _state = bought(orders, 40)
    orders.me.call("purchase.order", "button_draft", [order])
    receive(orders, order)
    assert bought(orders, 40)[1] == "to approve"
    orders.turn_to_another_vendor()


def test_what_the_scheduler_orders_for_a_store_waits_like_any_other(orders):
    seller = {"partner_id": orders.vendor, "price": 4000, "min_qty": 1}
    goods = {"name": "Held oven", "is_storable": True, "seller_ids": [(0, 0, seller)]}
    product = orders.admin.call("product.product", "create", goods)
    [place] = orders.admin.find(
        "stock.warehouse", [("code", "=", "S0042")], ["lot_stock_id"]
    )
    level = {
        "product_id": product,
        "warehouse_id": place["id"],
        "location_id": place["lot_stock_id"][0],
        "product_min_qty": 1,
        "product_max_qty": 1,
    }
    made = orders.admin.call("stock.warehouse.orderpoint", "create", level)
    run_now(orders.admin, SCHEDULER)
    orders.admin.call("stock.warehouse.orderpoint", "action_archive", [made])
    bought = [("order_line.product_id", "=", product)]
    [order] = orders.admin.find("purchase.order", bought, ["store_id", "state"])
    assert (order["store_id"][0], order["state"]) == (orders.store["id"], "draft")
    orders.me.call("purchase.order", "button_confirm", [order["id"]])
    [held] = orders.me.find("purchase.order", bought, ["state"])
    assert held["state"] == "to approve"


# === WHERE AN ORDER IS DELIVERED === #


@pytest.fixture(scope="module")
def other_company(server):
    [[company]] = server.query("SELECT max(id) FROM res_company;")
    return int(company)


@pytest.fixture(scope="module")
def buyer(base_url, db, orders, other_company):
    """Who buys for the headquarters of both companies, and for no store."""
    both = {"company_ids": [(6, 0, [1, other_company])], "company_id": 1}
    anybody(orders.admin, "detour-buyer", "purchase.group_purchase_user", **both)
    return WebClient(base_url, db, "detour-buyer")


def receipts(orders):
    """The operation by which goods come to store 0042's warehouse."""
    ours = [("code", "=", "S0042")]
    [warehouse] = orders.admin.find("stock.warehouse", ours, ["in_type_id"])
    return warehouse["in_type_id"][0]


def central(orders, buyer, **values):
    """Make an order of no store that its limits would never let pass; return the id."""
    lines = [(0, 0, orders.line(4000))]
    values = {"partner_id": orders.vendor, "order_line": lines, **values}
    return buyer.call("purchase.order", "create", values)


def now(buyer, order):
    [read] = buyer.call("purchase.order", "read", [order], ["store_id", "state"])
    return read


def test_an_order_sent_to_a_stores_warehouse_is_the_stores(orders, buyer):
    order = central(orders, buyer)
    assert now(buyer, order)["store_id"] is False
    for change in ({"picking_type_id": receipts(orders)}, {"store_id": False}):
        buyer.call("purchase.order", "write", [order], change)
        assert now(buyer, order)["store_id"][0] == orders.store["id"]
    with refused_or_held():
        buyer.call("purchase.order", "button_confirm", [order])
    assert now(buyer, order)["state"] in ("draft", "to approve")


def test_an_order_of_another_company_is_no_stores_of_this_one(
    orders, buyer, other_company
):
    delivered = {"picking_type_id": receipts(orders), "company_id": other_company}
    order = central(orders, buyer, **delivered, order_line=[])
    assert now(buyer, order)["store_id"] is False
