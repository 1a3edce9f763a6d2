from odoo import models


class RetailStore(models.Model):
    """Where rows of the matrix ask the store's manager."""

    _name = "retail.store"
    _inherit = ["retail.store", "retail.approval.place"]
