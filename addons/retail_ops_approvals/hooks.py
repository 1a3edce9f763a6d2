from odoo.tools import SQL

# What refers to others comes first.
TABLES = (
    "retail_approval_review",
    "retail_approval_baseline",
    "retail_approval_question",
    "retail_approval_override",
    "retail_approval_decision",
    "retail_approval_delegation",
    "retail_approval_request_step",
    "retail_approval_request",
    "retail_request",
    "retail_approval_step",
    "retail_approval_rule",
    "retail_approval_policy",
)


def uninstall_hook(env):
    """Let go of what waits for an approval; the ledger keeps what was decided.

    Rows go by SQL, since neither decisions nor published versions can be unlinked.

    :param env: environment of the superuser
    """
    waiting = [("waiting_reason", "=", "approval")]
    env["retail.exception"].search(waiting)._set_in_progress()
    env["retail.exception.type"].search([]).approval_kind_id = False
    activities = env["mail.activity"].with_context(active_test=False)
    activities.search([("res_model", "=", "retail.approval.request")]).unlink()
    env.flush_all()
    for table in TABLES:
        env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(table)))
    env.invalidate_all()
