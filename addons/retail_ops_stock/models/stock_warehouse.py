from odoo import fields, models


class StockWarehouse(models.Model):
    """The store that keeps its goods in a warehouse."""

    _inherit = "stock.warehouse"

    retail_store_ids = fields.One2many("retail.store", "warehouse_id", "Store")
