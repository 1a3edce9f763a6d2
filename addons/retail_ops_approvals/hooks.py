from odoo.tools import SQL

from odoo.addons.retail_ops_core.hooks import empty_tables, retire_kpis


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
    retire_kpis(env, "retail_ops_approvals")
    empty_tables(env, "retail_ops_approvals")


def retire(env, kind, policy_code):
    """Let decisions keep the kind and policy of a bridge that goes.

    Installed again, the bridge begins with new ones. By SQL, since a published version
    is not written.

    :param env: environment of the superuser
    :param kind: retail.request.kind, or empty
    :param policy_code: code of the policy's versions
    """
    codes = {"retail_approval_policy": policy_code}
    if kind:
        codes["retail_request_kind"] = kind.code
        kind.model_id = False
    env.flush_all()
    for table, code in codes.items():
        env.cr.execute(
            SQL(
                "UPDATE %s SET code = code || '_' || id WHERE code = %s",
                SQL.identifier(table),
                code,
            )
        )
    env.invalidate_all()
