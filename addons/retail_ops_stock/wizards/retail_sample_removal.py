from odoo import models


class RetailSampleRemoval(models.TransientModel):
    """Goods of sample stores neither come nor go any more."""

    _inherit = "retail.sample.removal"

    def _call_off(self, found):
        self._call_off_each(self._open_transfers(found), "action_cancel")
        return super()._call_off(found)

    def _open_transfers(self, found):
        """Return what demo files name, and what cases that are samples proposed."""
        pickings = self.env["stock.picking"].sudo()
        cases = self.env["retail.exception"].sudo()
        named = pickings.browse(found.get("stock.picking", ())).exists()
        proposed = cases.browse(found.get("retail.exception", ())).stock_picking_id
        closed = ("done", "cancel")
        return (named | proposed).filtered(lambda one: one.state not in closed)
