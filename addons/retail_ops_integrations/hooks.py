from odoo.addons.retail_ops_core.hooks import empty_tables


def uninstall_hook(env):
    """Let events, deliveries and keys go; the exceptions they raised stay.

    :param env: environment of the superuser
    """
    empty_tables(env, "retail_ops_integrations")
