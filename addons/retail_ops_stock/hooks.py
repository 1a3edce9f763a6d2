def uninstall_hook(env):
    """Let go of cases whose stock waits: nothing would ever move it afterwards.

    :param env: environment of the superuser
    """
    holds = env["retail.stock.hold"].search([("state", "=", "waiting")])
    waiting = holds.exception_id.filtered(lambda case: case.state == "waiting")
    waiting._withdraw_approval(env._("Holding stock was switched off."))
    holds.write({"state": "dropped"})
