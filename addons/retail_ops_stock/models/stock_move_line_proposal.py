from odoo import api, models


class StockMoveLine(models.Model):
    """The goods that really go are those that the giving store agreed to."""

    _inherit = "stock.move.line"

    @api.constrains(
        "quantity",
        "product_uom_id",
        "product_id",
        "location_id",
        "location_dest_id",
        "move_id",
    )
    def _check_within_agreement(self):
        moves = self.move_id
        if moves.picking_id:
            moves._check_proposal_stands()
            moves.picking_id._check_within_agreement()
