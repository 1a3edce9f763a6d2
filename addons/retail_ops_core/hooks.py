from odoo.tools import SQL

# Demo records that documents of other apps refer to by the time we go.
KEPT = ("product.product", "product.template", "res.company")


def uninstall_hook(env):
    """Let everything go, the ledger included; its published heads stay outside.

    Products and companies stay: moves and orders of other apps refer to them.

    :param env: environment of the superuser
    """
    env.cr.execute("DROP FUNCTION IF EXISTS retail_audit_refuse CASCADE")
    empty_tables(env, "retail_ops_core")
    kept = [("module", "=", "retail_ops_core"), ("model", "in", KEPT)]
    env["ir.model.data"].search(kept).unlink()


def empty_tables(env, addon):
    """Empty the tables that an addon made, whatever points to what between them.

    Odoo unlinks an addon's records model by model. Rows that still point to them would
    refuse that, and the log would fill with errors about an order nobody chose.

    :param env: environment of the superuser
    :param str addon: name of the addon that is being uninstalled
    """
    env.flush_all()
    tables = [
        model._table
        for model in env.registry.values()
        if model._original_module == addon and model._auto and not model._abstract
    ]
    for table, constraint in _foreign_keys_of(env, tables):
        env.cr.execute(
            SQL(
                "ALTER TABLE %s DROP CONSTRAINT %s",
                SQL.identifier(table),
                SQL.identifier(constraint),
            )
        )
    for table in tables:
        env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(table)))
    env.invalidate_all()


def _foreign_keys_of(env, tables):
    return env.execute_query(
        SQL(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint"
            " WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)",
            tables,
        )
    )


def retire_kpis(env, addon):
    """Keep the figures that an addon which goes has computed, and its definitions.

    Installed again, the addon begins with new ones.

    :param env: environment of the superuser
    :param str addon: name of the addon that is being uninstalled
    """
    names = env["ir.model.data"].search(
        [("module", "=", addon), ("model", "=", "retail.kpi")]
    )
    for kpi in env["retail.kpi"].browse(names.mapped("res_id")).exists():
        kpi.write({"code": f"{kpi.code}_{kpi.id}", "active": False})
    names.unlink()
