from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import NO_ACCESS


class StockWarehouse(models.Model):
    """The store that keeps its goods in a warehouse."""

    _inherit = "stock.warehouse"

    # Who reads warehouses need not be one who reads stores.
    retail_store_ids = fields.One2many(
        "retail.store", "warehouse_id", "Store", groups=NO_ACCESS
    )

    def write(self, vals):
        if "view_location_id" in vals and self.sudo().retail_store_ids:
            raise UserError(
                self.env._("A store's warehouse keeps the places its goods are in.")
            )
        return super().write(vals)
