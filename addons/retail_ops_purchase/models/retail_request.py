from odoo import Command, fields, models


class RetailRequest(models.Model):
    """A local need that was approved becomes a draft order, once."""

    _inherit = "retail.request"

    purchase_order_ids = fields.One2many(
        "purchase.order", "retail_request_id", "Orders", readonly=True
    )
    product_id = fields.Many2one(
        "product.product",
        domain=[("purchase_ok", "=", True)],
        help="What is to be bought, for the order. Empty: a product is chosen on it.",
    )

    def _prepare_purchase_order(self):
        """Prepare a draft order for each approved need with a vendor, once.

        Called by the Automation Rule “Requests: prepare the order”.
        """
        for need in self.sudo():
            if need.partner_id and not need.purchase_order_ids:
                order = self.env["purchase.order"].sudo().create(need._order_values())
                need.message_post(
                    body=self.env._("%s is prepared as a draft.", order.name)
                )

    def _order_values(self):
        amount = self.granted_amount or self.amount
        line = {
            "name": self.summary,
            "product_id": self.product_id.id,
            "product_qty": 1,
            "price_unit": amount,
            "tax_ids": [Command.clear()],
        }
        if not self.product_id:
            line = {"name": self.summary, "display_type": "line_note"}
        return {
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "store_id": self.store_id.id,
            "origin": self.name,
            "retail_request_id": self.id,
            "order_line": [Command.create(line)],
        }
