from odoo import api, fields, models
from odoo.tools import SQL


class PurchaseOrder(models.Model):
    """When everything that a store ordered was there."""

    _inherit = "purchase.order"

    retail_received_at = fields.Datetime(
        "All received at",
        compute="_compute_retail_received_at",
        store=True,
        copy=False,
        help="When the last of the ordered quantity was received. Received less "
        "again, the order is on its way again.",
    )

    _retail_received_idx = models.Index(
        "(retail_received_at) WHERE retail_received_at IS NOT NULL"
    )

    def _auto_init(self):
        """Orders of before the addon have no moment: nobody noted when they came."""
        self.env.cr.execute(
            SQL(
                "ALTER TABLE purchase_order"
                " ADD COLUMN IF NOT EXISTS retail_received_at timestamp"
            )
        )
        return super()._auto_init()

    @api.depends("state", "order_line.qty_received", "order_line.product_qty")
    def _compute_retail_received_at(self):
        now = fields.Datetime.now()
        for order in self:
            came = order.state == "purchase" and order._is_all_received()
            order.retail_received_at = came and (order.retail_received_at or now)

    def _is_all_received(self):
        lines = self.order_line.filtered(
            lambda line: not line.display_type and line.product_qty > 0
        )
        return bool(lines) and all(
            line.product_uom_id.compare(line.qty_received, line.product_qty) >= 0
            for line in lines
        )
