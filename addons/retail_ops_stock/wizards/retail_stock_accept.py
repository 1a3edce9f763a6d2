from odoo import fields, models


class RetailStockAccept(models.TransientModel):
    """Why a difference that no move explains is lived with."""

    _name = "retail.stock.accept"
    _description = "Accept a Stock Difference"

    exception_id = fields.Many2one(
        "retail.exception", "Case", required=True, readonly=True, ondelete="cascade"
    )
    finding = fields.Text(
        related="exception_id.reason",
        string="What was found",
        help="By the look that raised the case; more may differ by now.",
    )
    difference = fields.Float(
        "Difference by now",
        digits="Product Unit",
        readonly=True,
        help="What the books have beyond the moves; below zero: what they lack. In the "
        "product's unit.",
    )
    reason = fields.Text(
        required=True,
        help="Stands in the audit ledger: say where the difference comes from, and "
        "what keeps it from coming again.",
    )

    def action_confirm(self):
        """Accept the difference with the reason.

        :raise UserError: when it may not be accepted, or is another one by now
        """
        self.ensure_one()
        self.exception_id._accept_difference(self.difference, self.reason)
        return {"type": "ir.actions.act_window_close"}
