from odoo import fields, models


class RetailStockAcceptance(models.Model):
    """A difference between books and moves that loss prevention lives with.

    The nightly look counts it as explained, so that only a new one raises a case. It
    is made by accepting it on its case, and changed by nobody: what was accepted in
    error is put right in stock, and the difference of that is accepted in turn.
    """

    _name = "retail.stock.acceptance"
    _description = "Accepted Stock Difference"
    _order = "id desc"
    _rec_name = "exception_id"
    _check_company_auto = True
    _allow_sudo_commands = False

    exception_id = fields.Many2one(
        "retail.exception",
        string="Case",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    store_id = fields.Many2one(related="exception_id.store_id", store=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    product_id = fields.Many2one("product.product", required=True, readonly=True)
    product_uom_id = fields.Many2one(related="product_id.uom_id")
    location_id = fields.Many2one(
        "stock.location", "Place", required=True, readonly=True, index=True
    )
    lot_id = fields.Many2one("stock.lot", "Lot or serial number", readonly=True)
    difference = fields.Float(
        digits="Product Unit",
        required=True,
        readonly=True,
        help="What the books have beyond the moves; below zero: what they lack. In the "
        "product's unit.",
    )
    reason = fields.Text(required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", "Accepted by", required=True, readonly=True, ondelete="restrict"
    )
    accepted_at = fields.Datetime(
        default=fields.Datetime.now, required=True, readonly=True
    )

    _case_unique = models.UniqueIndex(
        "(exception_id, COALESCE(lot_id, 0))",
        "The difference of this case was accepted already: nothing is left to do.",
    )
