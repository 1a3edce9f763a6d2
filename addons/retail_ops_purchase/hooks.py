from odoo.addons.retail_ops_approvals.hooks import retire
from odoo.addons.retail_ops_core.hooks import retire_kpis

# Data and demo records that orders, moves and requests refer to by the time we go.
KEPT = (
    "product.category",
    "product.product",
    "product.supplierinfo",
    "product.template",
    "purchase.order",
    "res.partner",
    "retail.approval.policy",
    "retail.approval.rule",
    "retail.approval.step",
    "retail.request.kind",
)


def uninstall_hook(env):
    """Give back orders that wait, so that buyers can go on as before.

    What was decided and bought stays where it is.

    :param env: environment of the superuser
    """
    kind = env.ref("retail_ops_purchase.kind_store_order", raise_if_not_found=False)
    requests = kind.request_ids if kind else env["retail.approval.request"]
    pending = requests.filtered(lambda request: request.state == "pending")
    pending._end("withdrawn", env._("Holding orders was switched off."))
    retire(env, kind, "store_orders")
    retire_kpis(env, "retail_ops_purchase")
    kept = [("module", "=", "retail_ops_purchase"), ("model", "in", KEPT)]
    env["ir.model.data"].search(kept).unlink()
