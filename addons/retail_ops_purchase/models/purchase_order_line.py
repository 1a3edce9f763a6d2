from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_amount


class PurchaseOrderLine(models.Model):
    """A line of a confirmed order is part of what was approved."""

    _inherit = "purchase.order.line"

    def _broken_terms(self):
        """Return what is not as agreed with the vendor, a sentence or None."""
        name = self.product_id.display_name or self.name
        agreed = self._agreed_price()
        if agreed is None:
            return self.env._("%s has no agreed price with this vendor.", name)
        if self.currency_id.compare_amounts(self.price_unit_discounted, agreed) <= 0:
            return None
        return self.env._(
            "%(product)s costs %(price)s, agreed are %(agreed)s.",
            product=name,
            price=format_amount(self.env, self.price_unit_discounted, self.currency_id),
            agreed=format_amount(self.env, agreed, self.currency_id),
        )

    def _agreed_price(self):
        """Return the vendor's price in the line's unit and currency, None for none."""
        seller = self.product_id._select_seller(
            partner_id=self.partner_id,
            quantity=self.product_qty,
            date=self.order_id._approval_date(),
            uom_id=self.product_uom_id,
        )
        if not seller or not seller._is_entered_by_right():
            return None
        # Odoo gives the discounted price for the product's unit, not for the vendor's.
        price = self.product_id.uom_id._compute_price(
            seller.price_discounted, self.product_uom_id
        )
        return seller.currency_id._convert(
            price, self.currency_id, self.company_id, self.order_id._approval_date()
        )

    @api.model_create_multi
    def create(self, vals_list):
        self.env["purchase.order"]._refuse_totals(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self.env["purchase.order"]._refuse_totals([vals])
        if "product_uom_id" in vals:
            self._check_unit_stands(vals["product_uom_id"])
        if "product_id" in vals:
            self.filtered(
                lambda line: line.product_id.id != vals["product_id"]
            )._refuse_what_came()
        return super().write(vals)

    def _has_come(self):
        return self.qty_received > 0 or self.qty_invoiced > 0

    @api.ondelete(at_uninstall=False)
    def _refuse_what_came(self):
        """Keep what came on a store's order: it counts for the next one."""
        for line in self.sudo():
            if line.order_id.store_id and line._has_come():
                raise UserError(
                    self.env._(
                        "%(line)s of %(order)s was received or billed: it stays. "
                        "Write what else you buy on a line or an order of its own.",
                        line=line.product_id.display_name or line.name,
                        order=line.order_id.name,
                    )
                )

    def _check_unit_stands(self, unit_id):
        """Refuse another unit on a confirmed order, whatever its kind was shipped with.

        Databases older than the unit among the material fields keep them as they are.
        """
        changed = self.filtered(lambda line: line.product_uom_id.id != unit_id)
        for order in changed.order_id.sudo():
            if order.state == "purchase" and order._approval_kind():
                order._refuse_change()

    @api.constrains(
        "order_id",
        "product_id",
        "product_qty",
        "product_uom_id",
        "price_unit",
        "discount",
        "tax_ids",
    )
    def _check_confirmed_as_approved(self):
        self.order_id._check_confirmed_as_approved()

    @api.ondelete(at_uninstall=False)
    def _unlink_void_approval(self):
        waiting = self.order_id.filtered(lambda order: order.state == "to approve")
        waiting.sudo()._withdraw_approval(self.env._("A line was taken out."))
