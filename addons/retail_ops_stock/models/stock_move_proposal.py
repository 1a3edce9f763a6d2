from odoo import api, models


class StockMove(models.Model):
    """Goods of a proposed transfer are neither reserved nor moved before it may go."""

    _inherit = "stock.move"

    @api.constrains("state")
    def _check_giver_agrees(self):
        begun = self.filtered(lambda move: move.state not in ("draft", "cancel"))
        begun.picking_id._check_giver_agrees()
