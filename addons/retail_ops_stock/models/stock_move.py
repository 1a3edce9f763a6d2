from odoo import api, fields, models


class StockMove(models.Model):
    """The hard stop: no stock is lost or found without the approval it needs."""

    _inherit = "stock.move"

    retail_hold_id = fields.Many2one(
        "retail.stock.hold",
        string="Approved as",
        copy=False,
        readonly=True,
        ondelete="restrict",
    )

    _retail_hold_unique = models.UniqueIndex(
        "(retail_hold_id) WHERE retail_hold_id IS NOT NULL",
        "What was approved has been carried out already.",
    )

    def _has_field_access(self, field, operation):
        allowed = super()._has_field_access(field, operation)
        is_ours = field.name == "retail_hold_id" and operation == "write"
        return allowed and (self.env.su or not is_ours)

    def _action_done(self, cancel_backorder=False):
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        stores = moves.filtered(
            lambda move: move.location_id._retail_store()
            or move.location_dest_id._retail_store()
        )
        if stores:
            places = stores.location_id | stores.location_dest_id
            levels = self.env["stock.warehouse.orderpoint"]
            levels._note_stock_change(stores.product_id, places)
        return moves

    @api.constrains("state", "quantity", "location_id", "location_dest_id")
    def _check_stock_change_approved(self):
        self.move_line_ids._check_stock_change_approved()
