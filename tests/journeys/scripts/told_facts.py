"""In `odoo shell`: let every outbound fact be told, and hold each to its schema."""

import json

from odoo.addons.retail_ops_integrations.tools import schema

store = env.ref("retail_ops_core.store_demo_0042")
[case] = env["retail.exception"]._intake(
    [
        {
            "type_id": env.ref("retail_ops_core.type_return_case").id,
            "store_id": store.id,
            "summary": "Told",
            "origin": "event",
        }
    ]
)
case._set_milestone("Looked at")
case._escalate()
case._publish_fact("exception.resolved")
case.write({"severity": False, "region_id": False})
for name in ("created", "escalated", "resolved"):
    case._publish_fact(f"exception.{name}")
env["retail.outbox"]._ping(env.ref("retail_ops_integrations.endpoint_demo_listen"))
while env["retail.audit.seal"]._seal_batch():
    pass
env["retail.audit.seal"]._publish_head()


def told_of(product):
    """Return dict type -> how many facts of a product are in the outbox."""
    env.cr.flush()
    facts = env["retail.outbox"].search([("type", "=like", "stock.%")])
    code = product.default_code
    named = [one.type for one in facts if json.loads(one.data)["product"] == code]
    return {name: named.count(name) for name in set(named)}


goods = env["product.product"].create(
    {"name": "Told", "default_code": "TOLD-1", "is_storable": True, "standard_price": 1}
)
place = env["stock.warehouse"].search([("code", "=", "S0043")]).lot_stock_id
counted = env["stock.quant"].create(
    {"product_id": goods.id, "location_id": place.id, "inventory_quantity": 5}
)
counted.action_apply_inventory()
after_count = told_of(goods)
move = env["stock.move"].create(
    {
        "product_id": goods.id,
        "product_uom_qty": 1,
        "location_id": place.id,
        "location_dest_id": env.ref("stock.stock_location_customers").id,
    }
)
move._action_confirm()
move._action_assign()
move.picked = True
move._action_done()
after_delivery = told_of(goods)

kinds = env["retail.event.type"].search([("direction", "=", "out")])
promised = {(kind.name, kind.version): kind.schema for kind in kinds}
wrong, told = {}, {}
for fact in env["retail.outbox"].search([]):
    key = (fact.type, fact.version)
    told[fact.type] = told.get(fact.type, 0) + 1
    for error in schema.errors(promised[key], json.loads(fact.data)):
        wrong.setdefault(fact.type, []).append(error)
names = sorted(kind.name for kind in kinds)
found = {"types": names, "told": told, "wrong": wrong}
stock = {"count": after_count, "delivery": after_delivery}
print("TOLD " + json.dumps({**found, **stock}))
