from odoo import api, models


class PurchaseOrderLine(models.Model):
    """A line of a confirmed order is part of what was approved."""

    _inherit = "purchase.order.line"

    @api.constrains(
        "order_id", "product_id", "product_qty", "price_unit", "discount", "tax_ids"
    )
    def _check_confirmed_as_approved(self):
        self.order_id._check_confirmed_as_approved()

    @api.ondelete(at_uninstall=False)
    def _unlink_void_approval(self):
        waiting = self.order_id.filtered(lambda order: order.state == "to approve")
        waiting.sudo()._withdraw_approval(self.env._("A line was taken out."))
