"""In `odoo shell`: uninstall the addon that RETAIL_OPS_UNINSTALL names."""

import os

name = os.environ["RETAIL_OPS_UNINSTALL"]
env["ir.module.module"].search([("name", "=", name)]).button_immediate_uninstall()
