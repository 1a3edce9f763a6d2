from odoo.addons.retail_ops_approvals.hooks import retire
from odoo.addons.retail_ops_core.hooks import retire_kpis

# Data and demo records that cases, requests and the ledger refer to by the time we go.
KEPT = (
    "maintenance.equipment",
    "maintenance.equipment.category",
    "maintenance.request",
    "res.partner",
    "res.users",
    "retail.approval.policy",
    "retail.approval.rule",
    "retail.approval.step",
    "retail.exception",
    "retail.request.kind",
)


def uninstall_hook(env):
    """Give back repairs that wait; what was decided and repaired stays where it is.

    :param env: environment of the superuser
    """
    kind = env.ref("retail_ops_maintenance.kind_store_repair", False)
    requests = kind.request_ids if kind else env["retail.approval.request"]
    pending = requests.filtered(lambda request: request.state == "pending")
    pending._end("withdrawn", env._("Holding repairs was switched off."))
    _empty_our_stages(env)
    retire(env, kind, "store_repairs")
    retire_kpis(env, "retail_ops_maintenance")
    kept = [("module", "=", "retail_ops_maintenance"), ("model", "in", KEPT)]
    env["ir.model.data"].search(kept).unlink()


def _empty_our_stages(env):
    """Requests in a stage that goes with us return to the first one."""
    for name in ("stage_approval", "stage_supplier"):
        stage = env.ref(f"retail_ops_maintenance.{name}", False)
        if stage:
            requests = env["maintenance.request"].search([("stage_id", "=", stage.id)])
            requests.stage_id = requests._default_stage()
