from odoo.addons.retail_ops_core.hooks import empty_tables


def uninstall_hook(env):
    """Let go of what waits for an approval; the ledger keeps what was decided.

    Rows go by SQL, since neither decisions nor published versions can be unlinked.

    :param env: environment of the superuser
    """
    waiting = [("waiting_reason", "=", "approval")]
    env["retail.exception"].search(waiting)._set_in_progress()
    env["retail.exception.type"].with_context(active_test=False).search(
        []
    ).approval_kind_id = False
    activities = env["mail.activity"].with_context(active_test=False)
    activities.search([("res_model", "=", "retail.approval.request")]).unlink()
    empty_tables(env, "retail_ops_approvals")
