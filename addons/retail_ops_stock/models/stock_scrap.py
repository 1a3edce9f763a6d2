from odoo import api, fields, models
from odoo.exceptions import UserError

from .retail_stock_gate import Change


class StockScrap(models.Model):
    """Scraps: what may pass is scrapped, the rest waits for its approval."""

    _inherit = "stock.scrap"

    retail_hold_ids = fields.One2many("retail.stock.hold", "scrap_id", readonly=True)
    retail_hold_id = fields.Many2one(
        "retail.stock.hold",
        string="Waits for approval",
        compute="_compute_retail_hold_id",
        help="The case that decides whether these goods may be scrapped.",
    )

    @api.depends("retail_hold_ids.state")
    def _compute_retail_hold_id(self):
        for scrap in self:
            scrap.retail_hold_id = scrap.sudo().retail_hold_ids.filtered(
                lambda hold: hold.state == "waiting"
            )[:1]

    def do_scrap(self):
        """Scrap what may pass; say what waits for an approval."""
        held = self._hold_where_needed()
        result = super(StockScrap, self - held).do_scrap()
        return held.retail_hold_id._waiting_notice() if held else result

    def _hold_where_needed(self):
        asked = self.filtered(lambda scrap: scrap._changes_a_store())
        if not asked:
            return asked
        changes = [scrap._retail_change() for scrap in asked]
        verdicts = self.env["retail.stock.hold"]._hold_where_needed(changes, asked)
        named = [(scrap, scrap._watched_name()) for scrap in asked]
        self.env["retail.stock.gate"]._note_watched(named, verdicts)
        held = zip(asked, verdicts, strict=True)
        return self.browse(scrap.id for scrap, verdict in held if verdict.waits)

    def _watched_name(self):
        return self.env._("Scrap of %s", self.product_id.display_name)

    def _changes_a_store(self):
        return bool(self.location_id._retail_store()) and not self._released_hold()

    def _released_hold(self):
        """Return the hold that lets these goods go, empty outside of stores."""
        holds = self.env["retail.stock.hold"].sudo()
        if not self.location_id._retail_store():
            return holds
        mine = self.sudo().retail_hold_ids
        return mine.filtered(lambda hold: hold.state == "released")

    def _retail_change(self):
        quantity = self.product_uom_id._compute_quantity(
            self.scrap_qty, self.product_id.uom_id
        )
        on_hand = self.env["retail.stock.gate"]._on_hand(
            {(self.product_id, self.location_id)}
        )
        return Change(
            "scrap",
            self.location_id._retail_store(),
            *(self.product_id, self.location_id, self.lot_id),
            *(self.package_id, self.owner_id),
            before=on_hand.get((self.product_id, self.location_id), 0.0),
            difference=-quantity,
        )

    def _prepare_move_values(self):
        values = super()._prepare_move_values()
        released = self._released_hold()
        if released:
            values["retail_hold_id"] = released.id
        return values

    @api.constrains("state")
    def _check_done_with_its_move(self):
        for scrap in self:
            moved = scrap.sudo().move_ids.filtered(lambda move: move.state == "done")
            if scrap.state == "done" and not moved:
                raise UserError(
                    self.env._(
                        "%s was not scrapped: press Validate, which asks for an "
                        "approval where one is needed.",
                        scrap.display_name,
                    )
                )
