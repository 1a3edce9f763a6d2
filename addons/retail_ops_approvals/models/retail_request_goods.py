from odoo import api, fields, models
from odoo.exceptions import UserError

GOODS = {"product_id", "product_qty", "product_uom_id"}


class RetailRequest(models.Model):
    """Which goods a request is about, and how many of them."""

    _inherit = "retail.request"

    product_id = fields.Many2one(
        "product.product",
        domain=[("purchase_ok", "=", True)],
        help="What is to be bought, for the order. Empty: a product is chosen on it.",
    )
    product_qty = fields.Float(
        "Quantity",
        default=1.0,
        digits="Product Unit",
        help="How many are asked for. The amount is for all of them together.",
    )
    product_uom_id = fields.Many2one(
        "uom.uom",
        string="Unit",
        compute="_compute_product_uom_id",
        store=True,
        readonly=False,
        precompute=True,
        help="The unit the quantity is in.",
    )

    _product_qty_positive = models.Constraint(
        "CHECK(product_id IS NULL OR product_qty > 0)",
        "A request for goods says how many: enter a quantity above zero.",
    )

    @api.depends("product_id")
    def _compute_product_uom_id(self):
        for request in self:
            request.product_uom_id = request.product_id.uom_id

    def write(self, vals):
        if GOODS & set(vals):
            self._check_goods_stand()
            self._note_editor()
        return super().write(vals)

    def _check_goods_stand(self):
        """What is approved is approved for these goods and no others."""
        for request in self.sudo():
            if request.state not in ("draft", "refused"):
                raise UserError(
                    self.env._(
                        "Who decides about %s was shown these goods: withdraw it "
                        "before you change them.",
                        request.display_name,
                    )
                )

    def _approval_context_fields(self):
        names = super()._approval_context_fields()
        if not self.product_id:
            return names
        return [*names, "product_id", "product_qty", "product_uom_id"]
