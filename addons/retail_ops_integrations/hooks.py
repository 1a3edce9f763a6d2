from odoo.addons.retail_ops_core.hooks import empty_tables, retire_kpis


def uninstall_hook(env):
    """Let events, deliveries and keys go; the exceptions they raised stay.

    :param env: environment of the superuser
    """
    retire_kpis(env, "retail_ops_integrations")
    empty_tables(env, "retail_ops_integrations")
