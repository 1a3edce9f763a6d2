from odoo.tools import SQL

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
RETIRED = {
    "retail_request_kind": "store_repair",
    "retail_approval_policy": "store_repairs",
}


def uninstall_hook(env):
    """Give back repairs that wait; what was decided and repaired stays where it is.

    :param env: environment of the superuser
    """
    kind = env.ref("retail_ops_maintenance.kind_store_repair", False)
    requests = kind.request_ids if kind else env["retail.approval.request"]
    pending = requests.filtered(lambda request: request.state == "pending")
    pending._end("withdrawn", env._("Holding repairs was switched off."))
    _empty_our_stages(env)
    _retire(env, kind)
    kept = [("module", "=", "retail_ops_maintenance"), ("model", "in", KEPT)]
    env["ir.model.data"].search(kept).unlink()


def _empty_our_stages(env):
    """Requests in a stage that goes with us return to the first one."""
    for name in ("stage_approval", "stage_supplier"):
        stage = env.ref(f"retail_ops_maintenance.{name}", False)
        if stage:
            requests = env["maintenance.request"].search([("stage_id", "=", stage.id)])
            requests.stage_id = requests._default_stage()


def _retire(env, kind):
    """Decisions keep their kind and policy; installed again, we begin with new ones.

    By SQL, since a published version is not written.
    """
    if kind:
        kind.model_id = False
    env.flush_all()
    for table, code in RETIRED.items():
        env.cr.execute(
            SQL(
                "UPDATE %s SET code = code || '_' || id WHERE code = %s",
                SQL.identifier(table),
                code,
            )
        )
    env.invalidate_all()
