from odoo import Command, fields, models
from odoo.tools import float_round


class RetailRequest(models.Model):
    """A local need that was approved becomes a draft order, once."""

    _inherit = "retail.request"

    purchase_order_ids = fields.One2many(
        "purchase.order", "retail_request_id", "Orders", readonly=True
    )

    def _prepare_purchase_order(self):
        """Prepare a draft order for each approved need with a vendor, once.

        Called by the Automation Rule “Requests: prepare the order”.
        """
        for need in self.sudo():
            if need.partner_id and not need.purchase_order_ids:
                orders = self.env["purchase.order"].with_company(need.company_id)
                order = orders.sudo().create(need._order_values())
                need.message_post(
                    body=self.env._("%s is prepared as a draft.", order.name)
                )

    def _order_values(self):
        return {
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "store_id": self.store_id.id,
            "origin": self.name,
            "retail_request_id": self.id,
            "order_line": [Command.create(self._order_line_values())],
            **self._delivery_values(),
        }

    def _delivery_values(self):
        """What a store needs is delivered to its own warehouse, where it has one."""
        orders, store = self.env["purchase.order"], self.store_id
        if "picking_type_id" not in orders._fields or "warehouse_id" not in store:
            return {}
        receipts = store.warehouse_id.in_type_id
        return {"picking_type_id": receipts.id} if receipts else {}

    def _order_line_values(self):
        if not self.product_id:
            note = {"display_type": "line_note", "product_qty": 0}
            return {"name": self.summary, **note}
        return {
            "name": self.summary,
            "product_id": self.product_id.id,
            "product_qty": self.product_qty,
            "product_uom_id": self.product_uom_id.id,
            "price_unit": self._price_within_grant(),
            "tax_ids": [Command.clear()],
        }

    def _price_within_grant(self):
        """Return the price of one, rounded down: all together stay within the grant."""
        return float_round(
            (self.granted_amount or self.amount) / self.product_qty,
            precision_digits=self.env["decimal.precision"].precision_get(
                "Product Price"
            ),
            rounding_method="DOWN",
        )
