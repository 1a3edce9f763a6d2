"""Each way round a gate, tried on a running server by people with the least rights."""

import contextlib

import pytest

from tests.webclient import RpcError, WebClient

# By what a rule refuses; anything else is a call that could never have worked.
REFUSALS = {
    "odoo.exceptions.AccessError",
    "odoo.exceptions.UserError",
    "odoo.exceptions.ValidationError",
}


@contextlib.contextmanager
def refused_or_held():
    """Let a way be refused by a rule; one that is misspelt proves nothing."""
    try:
        yield
    except RpcError as error:
        private = "cannot be called remotely" in str(error)
        assert error.name in REFUSALS and not private, f"{error.name}: {error}"


class Shelf:
    """Goods of a store worth far more than anybody may write off alone."""

    goods = {}

    def __init__(self, base_url, db, server):
        self.server = server
        self.me = WebClient(base_url, db, "member")
        self.admin = WebClient(base_url, db, "admin", "admin")
        [store] = self.admin.find(
            "retail.store", [("code", "=", "0042")], ["warehouse_id"]
        )
        [warehouse] = self.admin.find(
            "stock.warehouse", [("id", "=", store["warehouse_id"][0])], ["lot_stock_id"]
        )
        self.place = warehouse["lot_stock_id"][0]
        self.product = self.admin.call(
            "product.product",
            "create",
            {
                "name": "Held whisky",
                "is_storable": True,
                "standard_price": 80,
                **self.goods,
            },
        )
        self.cheap = self.admin.call(
            "product.product", "create", {"name": "Held water", "is_storable": True}
        )
        self.take_in(30)
        [quant] = self.me.find("stock.quant", self.here(), ["id"])
        self.quant = quant["id"]

    def here(self):
        return [
            ("product_id", "=", self.product),
            ("location_id", "=", self.place),
        ]

    def location(self, usage):
        """The company's virtual location of a usage."""
        wanted = [("usage", "=", usage), ("company_id", "in", (1, False))]
        return self.admin.find("stock.location", wanted, ["id"])[0]["id"]

    def move(self, source, target, quantity, **values):
        """Values of a move with its line."""
        line = {
            "product_id": self.product,
            "quantity": quantity,
            "location_id": source,
            "location_dest_id": target,
        }
        return {
            "product_id": self.product,
            "product_uom_qty": quantity,
            "location_id": source,
            "location_dest_id": target,
            "picked": True,
            "move_line_ids": [(0, 0, line)],
            **values,
        }

    def transfer(self, who, source, target, quantity, kind="internal"):
        """Make and validate a transfer as a person does."""
        types = [("code", "=", kind), ("warehouse_id.lot_stock_id", "=", self.place)]
        found = who.find("stock.picking.type", types, ["id"])
        picking = who.call(
            "stock.picking",
            "create",
            {
                "picking_type_id": found[0]["id"],
                "location_id": source,
                "location_dest_id": target,
                "move_ids": [(0, 0, self.move(source, target, quantity))],
            },
        )
        who.call("stock.picking", "action_confirm", [picking])
        return who.call("stock.picking", "button_validate", [picking])

    def take_in(self, quantity):
        source = self.location("supplier")
        self.transfer(self.admin, source, self.place, quantity, "incoming")

    def received(self):
        """The line by which the goods came in."""
        wanted = [("product_id", "=", self.product), ("quantity", "=", 30)]
        return [line["id"] for line in self.me.find("stock.move.line", wanted, ["id"])]

    def quantity(self):
        """What the store's books say is there and its own."""
        sql = (
            "SELECT SUM(quant.quantity) FROM stock_quant quant"
            " JOIN stock_location place ON place.id = quant.location_id"
            f" WHERE product_id = {self.product} AND owner_id IS NULL"
            " AND place.usage IN ('internal', 'transit');"
        )
        return float(self.server.query(sql)[0][0])


@pytest.fixture(scope="module")
def shelf(base_url, db, server):
    return Shelf(base_url, db, server)


def counted(shelf, **context):
    values = {"inventory_quantity": 2}
    in_mode = {"context": {"inventory_mode": True, **context}}
    shelf.me.call("stock.quant", "write", [shelf.quant], values, **in_mode)


def count(shelf):
    counted(shelf)
    shelf.me.call("stock.quant", "action_apply_inventory", [shelf.quant])


def count_with_context(shelf):
    counted(shelf, retail_stock_hold=1, import_file=True)
    hold = {"context": {"retail_stock_hold": 1, "inventory_mode": True}}
    shelf.me.call("stock.quant", "action_apply_inventory", [shelf.quant], **hold)


def count_at_once(shelf):
    values = {"inventory_quantity_auto_apply": 2}
    in_mode = {"context": {"inventory_mode": True}}
    shelf.me.call("stock.quant", "write", [shelf.quant], values, **in_mode)


def count_by_the_wizard(shelf):
    counted(shelf)
    made = shelf.me.call(
        "stock.inventory.adjustment.name",
        "create",
        {"quant_ids": [(6, 0, [shelf.quant])], "inventory_adjustment_name": "x"},
    )
    shelf.me.call("stock.inventory.adjustment.name", "action_apply", [made])


def count_of_nothing(shelf):
    shelf.me.call("stock.quant", "action_set_inventory_quantity_zero", [shelf.quant])
    shelf.me.call("stock.quant", "action_apply_inventory", [shelf.quant])


def quantity_by_hand(shelf):
    shelf.me.call("stock.quant", "write", [shelf.quant], {"quantity": 2})


def quant_by_hand(shelf):
    values = {"product_id": shelf.product, "location_id": shelf.place, "quantity": -28}
    shelf.me.call("stock.quant", "create", values)


def quant_deleted(shelf):
    shelf.me.call("stock.quant", "unlink", [shelf.quant])


def scrapped(shelf, method, **values):
    scrap = shelf.me.call(
        "stock.scrap",
        "create",
        {
            "product_id": shelf.product,
            "scrap_qty": 28,
            "location_id": shelf.place,
            **values,
        },
    )
    if method:
        shelf.me.call("stock.scrap", method, [scrap])


def scrap(shelf):
    scrapped(shelf, "action_validate")


def scrap_past_the_warning(shelf):
    scrapped(shelf, "do_scrap")


def scrap_created_done(shelf):
    scrapped(shelf, None, state="done")


def transfer_to_loss(shelf):
    shelf.transfer(shelf.me, shelf.place, shelf.location("inventory"), 28)


def transfer_to_production(shelf):
    shelf.transfer(shelf.me, shelf.place, shelf.location("production"), 28)


def move_created_done(shelf):
    lost = shelf.location("inventory")
    move = shelf.move(shelf.place, lost, 28, state="done")
    shelf.me.call("stock.move", "create", move)


def move_written_done(shelf):
    lost = shelf.location("inventory")
    move = shelf.me.call("stock.move", "create", shelf.move(shelf.place, lost, 28))
    shelf.me.call("stock.move", "write", [move], {"state": "done"})


def line_created_done(shelf):
    values = {
        "product_id": shelf.product,
        "quantity": 28,
        "location_id": shelf.place,
        "location_dest_id": shelf.location("inventory"),
        "company_id": 1,
        "state": "done",
    }
    shelf.me.call("stock.move.line", "create", values)


def relocated_to_loss(shelf):
    values = {
        "quant_ids": [(6, 0, [shelf.quant])],
        "dest_location_id": shelf.location("inventory"),
    }
    made = shelf.me.call("stock.quant.relocate", "create", values)
    shelf.me.call("stock.quant.relocate", "action_relocate_quants", [made])


def imported(shelf):
    columns = [".id", "inventory_quantity"]
    rows = [[str(shelf.quant), "2"]]
    in_mode = {"context": {"inventory_mode": True}}
    shelf.me.call("stock.quant", "load", columns, rows, **in_mode)
    shelf.me.call("stock.quant", "action_apply_inventory", [shelf.quant])


def quant_put_elsewhere(shelf):
    lost = {"location_id": shelf.location("inventory")}
    shelf.me.call("stock.quant", "write", [shelf.quant], lost)


def quant_of_another_product(shelf):
    other = {"product_id": shelf.cheap}
    shelf.me.call("stock.quant", "write", [shelf.quant], other)


def quant_of_another_owner(shelf):
    owner = shelf.me.find("res.partner", [], ["id"])
    values = {"owner_id": owner[0]["id"]}
    shelf.me.call("stock.quant", "write", [shelf.quant], values)


def receipt_sent_elsewhere(shelf):
    lost = {"location_dest_id": shelf.location("inventory")}
    shelf.me.call("stock.move.line", "write", shelf.received(), lost)


def receipt_made_smaller(shelf):
    shelf.me.call("stock.move.line", "write", shelf.received(), {"quantity": 2})


def receipt_in_another_unit(shelf):
    [product] = shelf.me.call("product.product", "read", [shelf.product], ["uom_id"])
    tiny = {"relative_factor": 0.01, "relative_uom_id": product["uom_id"][0]}
    unit = shelf.admin.call("uom.uom", "create", {"name": "Held sip", **tiny})
    values = {"product_uom_id": unit}
    shelf.me.call("stock.move.line", "write", shelf.received(), values)


def receipt_of_another_owner(shelf):
    owner = shelf.me.find("res.partner", [], ["id"])
    values = {"owner_id": owner[0]["id"]}
    shelf.me.call("stock.move.line", "write", shelf.received(), values)


def receipt_not_done(shelf):
    lines = shelf.received()
    [line] = shelf.me.call("stock.move.line", "read", lines, ["move_id"])
    shelf.me.call("stock.move", "write", [line["move_id"][0]], {"state": "draft"})
    shelf.me.call("stock.move.line", "unlink", lines)


def receipt_moved_elsewhere(shelf):
    [line] = shelf.me.call("stock.move.line", "read", shelf.received(), ["move_id"])
    lost = {"location_dest_id": shelf.location("inventory")}
    shelf.me.call("stock.move", "write", [line["move_id"][0]], lost)


STOCK = (
    count,
    count_with_context,
    count_at_once,
    count_by_the_wizard,
    count_of_nothing,
    quantity_by_hand,
    quant_by_hand,
    quant_deleted,
    scrap,
    scrap_past_the_warning,
    scrap_created_done,
    transfer_to_loss,
    transfer_to_production,
    move_created_done,
    move_written_done,
    line_created_done,
    relocated_to_loss,
    imported,
    quant_put_elsewhere,
    quant_of_another_product,
    quant_of_another_owner,
    receipt_sent_elsewhere,
    receipt_made_smaller,
    receipt_in_another_unit,
    receipt_of_another_owner,
    receipt_not_done,
    receipt_moved_elsewhere,
)


@pytest.mark.parametrize("way", STOCK, ids=lambda way: way.__name__)
def test_no_way_takes_a_stores_goods_without_an_approval(shelf, way):
    before = shelf.quantity()
    with refused_or_held():
        way(shelf)
    assert shelf.quantity() == before


def test_what_comes_in_is_seen_where_the_ways_are_judged(shelf):
    before = shelf.quantity()
    shelf.take_in(2)
    assert shelf.quantity() == before + 2


class Orders:
    """The manager of a store, who may buy for little alone."""

    def __init__(self, base_url, db, server):
        self.server = server
        self.me = WebClient(base_url, db, "store")
        self.admin = admin = WebClient(base_url, db, "admin", "admin")
        self.turn_to_another_vendor()
        self.product = admin.call(
            "product.product", "create", {"name": "Held till", "type": "consu"}
        )
        [self.store] = admin.find("retail.store", [("code", "=", "0042")], ["id"])

    def turn_to_another_vendor(self):
        """Begin anew: what came of the one before adds up with what is bought next."""
        vendor = {"name": "Held vendor"}
        self.vendor = self.admin.call("res.partner", "create", vendor)

    def line(self, price):
        return {"product_id": self.product, "product_qty": 1, "price_unit": price}

    def order(self, price, **values):
        return self.me.call(
            "purchase.order",
            "create",
            {
                "partner_id": self.vendor,
                "store_id": self.store["id"],
                "order_line": [(0, 0, self.line(price))],
                **values,
            },
        )

    def small(self):
        """Return an order that passes by itself."""
        self.give_up()
        order = self.order(20)
        self.me.call("purchase.order", "button_confirm", [order])
        [bought] = self.me.call("purchase.order", "read", [order], ["state"])
        assert bought["state"] == "purchase"
        return order

    def give_up(self):
        """Cancel what was bought or asked for: the next order would add up with it."""
        begun = [("state", "in", ("to approve", "purchase"))]
        mine = [("partner_id", "=", self.vendor), *begun]
        others = self.me.find("purchase.order", mine, ["id"])
        self.me.call("purchase.order", "button_cancel", [each["id"] for each in others])

    def crate(self):
        """A unit of two hundred."""
        [product] = self.admin.call(
            "product.product", "read", [self.product], ["uom_id"]
        )
        values = {"relative_factor": 200, "relative_uom_id": product["uom_id"][0]}
        return self.admin.call("uom.uom", "create", {"name": "Held crate", **values})

    def billed(self, price=4000):
        """Lines of a vendor's bill that no order asked for."""
        values = {
            "move_type": "in_invoice",
            "partner_id": self.vendor,
            "invoice_line_ids": [
                (0, 0, {"product_id": self.product, "price_unit": price, "quantity": 1})
            ],
        }
        bill = self.admin.call("account.move", "create", values)
        lines = [("move_id", "=", bill), ("product_id", "=", self.product)]
        return [
            line["id"] for line in self.admin.find("account.move.line", lines, ["id"])
        ]

    def confirmed(self):
        """What the largest line bought of the vendor, without those who decide."""
        sql = (
            "SELECT COALESCE(MAX(GREATEST(line.product_qty * line.price_unit,"
            " line.price_subtotal)), 0)"
            " FROM purchase_order_line line"
            " JOIN purchase_order bought ON bought.id = line.order_id"
            f" WHERE bought.partner_id = {self.vendor}"
            " AND bought.state = 'purchase';"
        )
        return float(self.server.query(sql)[0][0])


def pressed(orders):
    orders.me.call("purchase.order", "button_confirm", [orders.order(4000)])


def approved_by_force(orders):
    order = orders.order(4000)
    orders.me.call("purchase.order", "button_confirm", [order])
    orders.me.call("purchase.order", "button_approve", [order], force=True)


def state_written(orders):
    order = orders.order(4000)
    orders.me.call("purchase.order", "write", [order], {"state": "purchase"})


def waiting_state_written(orders):
    order = orders.order(4000)
    orders.me.call("purchase.order", "button_confirm", [order])
    orders.me.call("purchase.order", "write", [order], {"state": "purchase"})


def created_confirmed(orders):
    orders.order(4000, state="purchase")


def created_by_default(orders):
    context = {"default_state": "purchase", "default_retail_confirmed_by_id": 1}
    values = {
        "partner_id": orders.vendor,
        "store_id": orders.store["id"],
        "order_line": [(0, 0, orders.line(4000))],
    }
    orders.me.call("purchase.order", "create", values, context=context)


def for_no_store(orders):
    orders.me.call(
        "purchase.order", "button_confirm", [orders.order(4000, store_id=False)]
    )


def price_written(orders):
    [order] = orders.me.call("purchase.order", "read", [orders.small()], ["order_line"])
    orders.me.call(
        "purchase.order.line", "write", order["order_line"], {"price_unit": 4000}
    )


def line_added(orders):
    line = {**orders.line(4000), "order_id": orders.small()}
    orders.me.call("purchase.order.line", "create", line)


def line_added_by_the_order(orders):
    lines = {"order_line": [(0, 0, orders.line(4000))]}
    orders.me.call("purchase.order", "write", [orders.small()], lines)


def imported_confirmed(orders):
    columns = ["partner_id/.id", "store_id/.id", "state", "order_line/product_id/.id"]
    columns += ["order_line/product_qty", "order_line/price_unit"]
    row = [orders.vendor, orders.store["id"], "purchase", orders.product, 1, 4000]
    orders.me.call("purchase.order", "load", columns, [list(map(str, row))])


def total_written(orders):
    order = orders.order(4000)
    total = {"amount_untaxed": 10, "amount_total": 10}
    orders.me.call("purchase.order", "write", [order], total)
    orders.me.call("purchase.order", "button_confirm", [order])


def total_created(orders):
    order = orders.order(4000, amount_untaxed=10, amount_total=10)
    orders.me.call("purchase.order", "button_confirm", [order])


def subtotal_written(orders):
    order = orders.order(4000)
    [read] = orders.me.call("purchase.order", "read", [order], ["order_line"])
    subtotal = {"price_subtotal": 10, "price_total": 10}
    orders.me.call("purchase.order.line", "write", read["order_line"], subtotal)
    orders.me.call("purchase.order", "button_confirm", [order])


def rebate_taken_out(orders):
    lines = [(0, 0, orders.line(price)) for price in (4000, -3990)]
    order = orders.order(0, order_line=lines)
    orders.me.call("purchase.order", "button_confirm", [order])


def unit_written(orders):
    [order] = orders.me.call("purchase.order", "read", [orders.small()], ["order_line"])
    unit = {"product_uom_id": orders.crate()}
    orders.me.call("purchase.order.line", "write", order["order_line"], unit)


def quantity_written(orders):
    [order] = orders.me.call("purchase.order", "read", [orders.small()], ["order_line"])
    more = {"product_qty": 200}
    orders.me.call("purchase.order.line", "write", order["order_line"], more)


def line_moved(orders):
    [large] = orders.me.call(
        "purchase.order", "read", [orders.order(4000)], ["order_line"]
    )
    small = {"order_id": orders.small()}
    orders.me.call("purchase.order.line", "write", large["order_line"], small)


def merged(orders):
    both = [orders.order(20), orders.order(4000)]
    orders.me.call("purchase.order", "action_merge", both)
    orders.me.call("purchase.order", "button_confirm", [both[0]])


def saved_by_the_screen(orders):
    order = orders.order(4000)
    orders.me.call(
        "purchase.order", "web_save", [order], {"state": "purchase"}, specification={}
    )


PURCHASE = (
    pressed,
    approved_by_force,
    state_written,
    waiting_state_written,
    created_confirmed,
    created_by_default,
    for_no_store,
    price_written,
    line_added,
    line_added_by_the_order,
    imported_confirmed,
    total_written,
    total_created,
    subtotal_written,
    rebate_taken_out,
    unit_written,
    quantity_written,
    line_moved,
    merged,
    saved_by_the_screen,
)


@pytest.fixture(scope="module")
def orders(base_url, db, server):
    return Orders(base_url, db, server)


@pytest.mark.parametrize("way", PURCHASE, ids=lambda way: way.__name__)
def test_no_way_confirms_a_stores_order_without_an_approval(orders, way):
    with refused_or_held():
        way(orders)
    assert orders.confirmed() < 50


def test_what_the_manager_may_buy_alone_is_seen_where_the_ways_are_judged(orders):
    orders.small()
    assert orders.confirmed() >= 20


class Repairs:
    """The technician of a store's equipment, who may spend little alone."""

    def __init__(self, base_url, db, server):
        self.server = server
        self.me = WebClient(base_url, db, "technician")
        admin = WebClient(base_url, db, "admin", "admin")
        serial = [("serial_no", "=", "WF-0042-1")]
        [self.equipment] = admin.find("maintenance.equipment", serial, ["id"])
        [self.done] = admin.find("maintenance.stage", [("name", "=", "Repaired")], [])

    def request(self, **values):
        return self.me.call(
            "maintenance.request",
            "create",
            {"name": "Held repair", "equipment_id": self.equipment["id"], **values},
        )

    def write(self, request, **values):
        self.me.call("maintenance.request", "write", [request], values)

    def spent(self):
        sql = (
            "SELECT COALESCE(MAX(repair_cost), 0) FROM maintenance_request request"
            " JOIN maintenance_stage stage ON stage.id = request.stage_id"
            " WHERE request.name = 'Held repair'"
            " AND (stage.done OR stage.retail_step IN ('work', 'supplier'));"
        )
        return float(self.server.query(sql)[0][0])


def stage_written(repairs):
    request = repairs.request(repair_cost=900)
    repairs.write(request, stage_id=repairs.done["id"])


def created_done(repairs):
    repairs.request(repair_cost=900, stage_id=repairs.done["id"])


def stage_and_cost(repairs):
    repairs.write(repairs.request(), stage_id=repairs.done["id"], repair_cost=900)


def cost_afterwards(repairs):
    request = repairs.request(stage_id=repairs.done["id"])
    repairs.write(request, repair_cost=900)


def without_equipment(repairs):
    request = repairs.request(repair_cost=900)
    repairs.write(request, equipment_id=False)
    repairs.write(request, stage_id=repairs.done["id"])


def store_taken_away(repairs):
    request = repairs.request(repair_cost=900)
    repairs.write(request, store_id=False, stage_id=repairs.done["id"])


def copied_done(repairs):
    request = repairs.request(repair_cost=900)
    values = {"stage_id": repairs.done["id"], "repair_cost": 900}
    repairs.me.call("maintenance.request", "copy", [request], values)


def stage_redefined(repairs):
    repairs.request(repair_cost=900)
    waiting = repairs.me.find("maintenance.stage", [("done", "=", False)], [])
    stages = [stage["id"] for stage in waiting]
    repairs.me.call("maintenance.stage", "write", stages, {"done": True})


def quote_forged(repairs):
    request = repairs.request(repair_cost=900)
    quotes = repairs.me.find(
        "retail.repair.quote", [("request_id", "=", request)], ["id"]
    )
    found = [quote["id"] for quote in quotes]
    repairs.me.call("retail.repair.quote", "write", found, {"amount": 1})


def imported_done(repairs):
    columns = ["name", "equipment_id/.id", "repair_cost", "stage_id/.id"]
    row = ["Held repair", repairs.equipment["id"], 900, repairs.done["id"]]
    repairs.me.call("maintenance.request", "load", columns, [list(map(str, row))])


def imported_further(repairs):
    rows = [[str(repairs.request(repair_cost=900)), str(repairs.done["id"])]]
    repairs.me.call("maintenance.request", "load", [".id", "stage_id/.id"], rows)


REPAIRS = (
    stage_written,
    created_done,
    stage_and_cost,
    cost_afterwards,
    without_equipment,
    store_taken_away,
    copied_done,
    stage_redefined,
    quote_forged,
    imported_done,
    imported_further,
)


@pytest.fixture(scope="module")
def repairs(base_url, db, server):
    return Repairs(base_url, db, server)


@pytest.mark.parametrize("way", REPAIRS, ids=lambda way: way.__name__)
def test_no_way_begins_a_stores_repair_without_an_approval(repairs, way):
    with refused_or_held():
        way(repairs)
    assert repairs.spent() < 250


def test_what_needs_no_approval_is_seen_where_the_ways_are_judged(repairs):
    request = repairs.request(repair_cost=20)
    repairs.write(request, stage_id=repairs.done["id"])
    assert repairs.spent() >= 20
