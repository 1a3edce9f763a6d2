"""In `odoo shell`: a person's case in a sample store, then the samples are removed."""

import json
import re

from odoo.tests import new_test_user

# Two people of one's own: one raises a case in a sample store, one clears up.
person = new_test_user(env, "own_person", "retail_ops_core.group_operations")
admin = new_test_user(env, "own_admin", "retail_ops_core.group_admin")
store = env.ref("retail_ops_core.store_demo_0042")
kind = env.ref("retail_ops_core.type_customer_complaint")
case = (
    env["retail.exception"]
    .with_user(person)
    .create({"summary": "Ours", "store_id": store.id, "type_id": kind.id})
)
samples = env["retail.sample"]
seals = env["retail.audit.seal"]
while seals._seal_batch():
    pass
levels = env["stock.warehouse.orderpoint"].browse(
    samples._named()["stock.warehouse.orderpoint"]
)
equipment = env["maintenance.equipment"].browse(
    samples._named()["maintenance.equipment"]
)
before = {model: len(ids) for model, ids in samples._named().items()}
entries = env["retail.audit.entry"].search([]).ids
letters = env["retail.letter"].search([])
told_letters = {
    "company": len(letters.filtered(lambda one: not (one.region_id or one.store_id))),
    "region": len(letters.filtered(lambda one: one.region_id and not one.store_id)),
    "store": len(letters.filtered("store_id")),
}
removal = env["retail.sample.removal"].with_user(admin).create({})
removal.action_remove()
env.flush_all()
stores = env["retail.store"].with_context(active_test=False)
open_ones = env["retail.exception"].search([("is_open", "=", True)])
outcome = re.sub(r"\s+", " ", str(removal.outcome))
named = {model: env[model].browse(ids) for model, ids in samples._named().items()}
told = {
    "open_transfers": len(
        named["stock.picking"].filtered(lambda one: one.state not in ("done", "cancel"))
    ),
    "open_orders": len(
        named["purchase.order"].filtered(
            lambda one: one.state != "cancel" and not one.retail_has_come
        )
    ),
    "open_repairs": env["maintenance.request"].search_count(
        [
            ("exception_id", "!=", False),
            ("archive", "=", False),
            ("stage_id.done", "=", False),
        ]
    ),
    "before": before,
    "letters": told_letters,
    "left": {model: len(ids) for model, ids in samples._named().items() if ids},
    "why": re.findall(r"<tr> <td>([^<]+)</td> <td[^>]*>\d+</td> <td>([^<]+)", outcome),
    "case": bool(case.exists()),
    "store": store.active,
    "open": open_ones.mapped("summary"),
    "active_levels": len(levels.exists().filtered("active")),
    "active_equipment": len(equipment.exists().filtered("active")),
    "active_stores": env["retail.store"].search_count([]),
    "letters_left": env["retail.letter"].search_count([]),
    "lost_entries": len(entries)
    - env["retail.audit.entry"].search_count([("id", "in", entries)]),
    "ledger": seals._verify(),
}
print("REMOVED " + json.dumps(told))
env.cr.commit()
