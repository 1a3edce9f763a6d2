from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class PurchaseOrder(models.Model):
    """Whether something of what a store ordered has come, and when all of it had."""

    _inherit = "purchase.order"

    retail_received_at = fields.Datetime(
        "All received at",
        compute="_compute_retail_received_at",
        store=True,
        copy=False,
        help="When the last of the ordered quantity was received. Received less "
        "again, the order is on its way again.",
    )

    retail_has_come = fields.Boolean(
        "Something has come",
        compute="_compute_retail_has_come",
        store=True,
        copy=False,
        help="Something of it was received or billed once. It counts as bought from "
        "then on, also when the order is cancelled.",
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

    @api.depends("order_line.qty_received", "order_line.qty_invoiced")
    def _compute_retail_has_come(self):
        """Once it is so it stays so: what was taken back in Odoo is still there."""
        for order in self:
            order.retail_has_come = order.retail_has_come or any(
                line._has_come() for line in order.order_line
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_nothing_that_came(self):
        for order in self.filtered(lambda each: each.store_id and each.retail_has_come):
            raise UserError(
                self.env._(
                    "Something of %s was received or billed: it is kept, cancelled "
                    "if need be.",
                    order.name,
                )
            )

    def _are_given_up(self):
        """Tell whether there were some, and all were cancelled before anything came."""
        return bool(self) and all(
            order.state == "cancel" and not order.retail_has_come for order in self
        )

    def _is_all_received(self):
        lines = self.order_line.filtered(
            lambda line: not line.display_type and line.product_qty > 0
        )
        return bool(lines) and all(
            line.product_uom_id.compare(line.qty_received, line.product_qty) >= 0
            for line in lines
        )
