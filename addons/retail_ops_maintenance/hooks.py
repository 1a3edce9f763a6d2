KEPT = (
    "maintenance.equipment",
    "maintenance.equipment.category",
    "maintenance.request",
    "res.partner",
    "res.users",
)


def uninstall_hook(env):
    """Give back repairs that wait, and leave equipment and requests where they are.

    :param env: environment of the superuser
    """
    kind = env.ref("retail_ops_maintenance.kind_store_repair", False)
    requests = kind.request_ids if kind else env["retail.approval.request"]
    pending = requests.filtered(lambda request: request.state == "pending")
    pending._end("withdrawn", env._("Holding repairs was switched off."))
    _empty_our_stages(env)
    kept = [("module", "=", "retail_ops_maintenance"), ("model", "in", KEPT)]
    env["ir.model.data"].search(kept).unlink()


def _empty_our_stages(env):
    """Requests in a stage that goes with us return to the first one."""
    names = ("stage_approval", "stage_supplier")
    for name in names:
        stage = env.ref(f"retail_ops_maintenance.{name}", False)
        requests = env["maintenance.request"].search([("stage_id", "in", stage.ids)])
        requests.stage_id = requests._default_stage()
