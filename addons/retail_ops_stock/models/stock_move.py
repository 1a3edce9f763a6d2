from odoo import api, fields, models
from odoo.exceptions import UserError

# Fields by which the apps for manufacturing and repairs tie a move to their order.
MANUFACTURE = (
    "production_id",
    "raw_material_production_id",
    "unbuild_id",
    "consume_unbuild_id",
    "repair_id",
)


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
        is_ours = field.name == "retail_hold_id"
        if operation == "write" and is_ours and not self.env.su:
            return False
        return super()._has_field_access(field, operation)

    def write(self, vals):
        if self and vals.get("state", "done") != "done":
            self._check_stays_done()
        return super().write(vals)

    def _check_stays_done(self):
        """A done move is counted by what looks at a store's losses: it stays done."""
        done = self.sudo().filtered(lambda move: move.state == "done")
        for move in done and done._of_stores():
            if not move._is_manufacture():
                raise UserError(
                    self.env._(
                        "%s is done: return the goods, or count them in Physical "
                        "Inventory.",
                        move.display_name,
                    )
                )

    def _action_confirm(self, *args, **kwargs):
        """What is promised or on its way counts for a level before it moves."""
        moves = super()._action_confirm(*args, **kwargs)
        moves._note_levels()
        return moves

    def _action_cancel(self):
        planned = self.filtered(lambda move: move.state not in ("draft", "cancel"))
        result = super()._action_cancel()
        planned._note_levels()
        return result

    def _action_done(self, cancel_backorder=False):
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        moves._note_levels()._publish_done()
        return moves

    def _note_levels(self):
        """Have the levels looked at that these moves change; return those of stores."""
        stores = self.sudo()._of_stores()
        if stores:
            places = stores.location_id | stores.location_dest_id
            levels = self.env["stock.warehouse.orderpoint"]
            levels._note_stock_change(stores.product_id, places)
        return stores

    @api.model
    def _manufacture_fields(self):
        """Return the names of :data:`MANUFACTURE` that an installed app brings."""
        return [name for name in MANUFACTURE if name in self._fields]

    def _is_manufacture(self):
        return any(self[name] for name in self._manufacture_fields())

    def _was_asked_about(self):
        """Tell whether it comes from a count or scrap, which the gate saw before."""
        counted = self.is_inventory and not self.env.context.get("retail_reverts")
        return bool(self.scrap_id) or counted

    def _of_stores(self):
        """Return the moves from or to a place that some store answers for."""
        places = self.location_id | self.location_dest_id
        kept = places.filtered(lambda place: place._retail_store())
        return self.filtered(
            lambda move: move.location_id in kept or move.location_dest_id in kept
        )

    @api.constrains("state", "quantity", "location_id", "location_dest_id")
    def _check_stock_change_approved(self):
        self.move_line_ids._check_stock_change_approved()
