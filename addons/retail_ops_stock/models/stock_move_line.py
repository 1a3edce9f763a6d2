from odoo import api, models

from .stock_location import KEEPING, LOSING


class StockMoveLine(models.Model):
    """A line of a done move changes the stock, whichever way it got there."""

    _inherit = "stock.move.line"

    @api.constrains(
        "quantity", "product_id", "location_id", "location_dest_id", "lot_id", "move_id"
    )
    def _check_stock_change_approved(self):
        done = self.filtered(lambda line: line.move_id.state == "done")
        self.env["retail.stock.gate"]._check_lines(done)

    def _retail_place(self):
        """Return where goods were lost or found, empty when none were.

        Goods that go to production without an order that makes something of them are
        lost as well.
        """
        source, target = self.location_id, self.location_dest_id
        if self.move_id._is_manufacture():
            return self.env["stock.location"]
        if target.usage in LOSING and source.usage in KEEPING:
            return source
        if source.usage in LOSING and target.usage in KEEPING:
            return target
        return self.env["stock.location"]
