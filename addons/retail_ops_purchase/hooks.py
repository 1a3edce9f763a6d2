def uninstall_hook(env):
    """Give back orders that wait, so that buyers can go on as before.

    :param env: environment of the superuser
    """
    kind = env.ref("retail_ops_purchase.kind_store_order", raise_if_not_found=False)
    requests = kind.request_ids if kind else env["retail.approval.request"]
    pending = requests.filtered(lambda request: request.state == "pending")
    pending._end("withdrawn", env._("Holding orders was switched off."))
