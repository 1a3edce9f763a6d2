from odoo.addons.retail_ops_core.hooks import retire_kpis

KEPT = (
    "retail.exception.type",
    "retail.kpi.baseline",
    "retail.region",
    "retail.store",
    "stock.lot",
    "stock.picking",
    "stock.quant",
    "stock.scrap",
    "stock.warehouse",
    "stock.warehouse.orderpoint",
)


def uninstall_hook(env):
    """Let go of cases whose stock waits: nothing would ever move it afterwards.

    What moves and cases refer to by then stays, and is only forgotten as ours.

    :param env: environment of the superuser
    """
    holds = env["retail.stock.hold"].search([("state", "=", "waiting")])
    waiting = holds.exception_id.filtered(lambda case: case.state == "waiting")
    waiting._withdraw_approval(env._("Holding stock was switched off."))
    holds.write({"state": "dropped"})
    activities = env["mail.activity"].with_context(active_test=False)
    kind = env.ref("retail_ops_stock.activity_agree")
    activities.search([("activity_type_id", "=", kind.id)]).unlink()
    retire_kpis(env, "retail_ops_stock")
    ours = env["ir.model.data"].search(
        [("module", "=", "retail_ops_stock"), ("model", "in", KEPT)]
    )
    types = ours.filtered(lambda name: name.model == "retail.exception.type")
    env["retail.exception.type"].browse(types.mapped("res_id")).active = False
    ours.unlink()
