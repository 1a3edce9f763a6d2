"""In `odoo shell`: uninstall the addon that RETAIL_OPS_UNINSTALL names.

Then do what a bridge held that is gone, as plain Odoo does it.
"""

import os


def as_user(login):
    """Return an environment of somebody of store 0042, with his own rights."""
    user = env["res.users"].search([("login", "=", login)])
    env.invalidate_all()  # what the superuser read is not what he sees
    return env(user=user)


def count_and_scrap():
    """A stock user counts 28 of 30 bottles away and scraps another one."""
    goods = {"name": "Free whisky", "is_storable": True, "standard_price": 80}
    product = env["product.product"].create(goods)
    warehouse = env["stock.warehouse"].search([("code", "=", "S0042")])
    place = {"product_id": product.id, "location_id": warehouse.lot_stock_id.id}
    quants = as_user("member")["stock.quant"].with_context(inventory_mode=True)
    for counted in (30, 2):
        quant = quants.create({**place, "inventory_quantity": counted})
        quant.action_apply_inventory()
        assert quant.quantity == counted, quant.quantity
    scrap = as_user("member")["stock.scrap"].create({**place, "scrap_qty": 1})
    scrap.action_validate()
    assert (scrap.state, quant.quantity) == ("done", 1)


def order():
    """The store's manager confirms an order of 4,000."""
    vendor = env["res.partner"].create({"name": "Free vendor"})
    product = env["product.product"].create({"name": "Free till", "type": "consu"})
    line = {"product_id": product.id, "product_qty": 1, "price_unit": 4000}
    bought = as_user("store")["purchase.order"].create(
        {"partner_id": vendor.id, "order_line": [(0, 0, line)]}
    )
    bought.button_confirm()
    assert bought.state == "purchase", bought.state


def repair():
    """A technician asks for a repair and finishes it."""
    done = env["maintenance.stage"].search([("done", "=", True)], limit=1)
    requests = as_user("technician")["maintenance.request"]
    request = requests.create({"name": "Free repair"})
    request.stage_id = done
    assert request.stage_id.done


WITHOUT = {
    "retail_ops_stock": count_and_scrap,
    "retail_ops_purchase": order,
    "retail_ops_maintenance": repair,
}
name = os.environ["RETAIL_OPS_UNINSTALL"]
env["ir.module.module"].search([("name", "=", name)]).button_immediate_uninstall()
if name in WITHOUT:
    WITHOUT[name]()
    print("PLAIN")
