from odoo import models


class RetailSampleRemoval(models.TransientModel):
    """Nobody delivers what sample stores ordered."""

    _inherit = "retail.sample.removal"

    def _call_off(self, found):
        orders = self.env["purchase.order"].sudo()
        named = orders.browse(found.get("purchase.order", ())).exists()
        open_orders = named.filtered(
            lambda order: order.state != "cancel" and not order.retail_has_come
        )
        self._call_off_each(open_orders, "button_cancel")
        return super()._call_off(found)
