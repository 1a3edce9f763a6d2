from odoo import api, fields, models
from odoo.fields import Domain

MOST = 10
PLACE = ("stock_location_id", "stock_lot_id")


class RetailException(models.Model):
    """Which goods a case is about to the shelf and the lot, and what was before."""

    _inherit = "retail.exception"

    stock_location_id = fields.Many2one(
        "stock.location",
        "Place",
        readonly=True,
        copy=False,
        help="Where the goods were counted or scrapped.",
    )
    stock_lot_id = fields.Many2one(
        "stock.lot", "Lot or serial number", readonly=True, copy=False
    )
    stock_earlier_ids = fields.Many2many(
        "retail.exception",
        string="Earlier cases",
        compute="_compute_stock_history",
        help="The latest ones about the same product, place and lot in this store.",
    )
    stock_adjustment_ids = fields.Many2many(
        "retail.stock.adjustment",
        string="Counts and scraps",
        compute="_compute_stock_history",
        help="The latest changes of the same product, place and lot in this store.",
    )

    def _has_field_access(self, field, operation):
        allowed = super()._has_field_access(field, operation)
        is_ours = field.name in PLACE and operation == "write"
        return allowed and (self.env.su or not is_ours)

    @api.depends("product_id", "store_id", *PLACE)
    @api.depends_context("uid")
    def _compute_stock_history(self):
        for case in self:
            case.stock_earlier_ids = case._earlier_cases_of_stock()
            case.stock_adjustment_ids = case._adjustments_of_stock()

    def _earlier_cases_of_stock(self):
        """Return the latest cases before this one, as far as the user may read them."""
        if not self.product_id:
            return self.browse()
        place, lot = self.stock_location_id.id, self.stock_lot_id.id
        domain = self._of_same_goods() & Domain("id", "<", self._origin.id)
        domain &= Domain("stock_location_id", "in", [place, False])
        domain &= Domain("stock_lot_id", "in", [lot, False])
        return self.search(domain, order="id desc", limit=MOST)

    def _of_same_goods(self):
        goods = Domain("product_id", "=", self.product_id.id)
        return goods & Domain("store_id", "=", self.store_id.id)

    def _adjustments_of_stock(self):
        """Return the latest counts and scraps, as far as the user may read them."""
        adjustments = self.env["retail.stock.adjustment"]
        if not self.product_id or not adjustments.has_access("read"):
            return adjustments
        domain = self._of_same_goods()
        if self.stock_location_id:
            domain &= Domain("location_id", "=", self.stock_location_id.id)
            domain &= Domain("lot_id", "=", self.stock_lot_id.id)
        return adjustments.search(domain, limit=MOST)
