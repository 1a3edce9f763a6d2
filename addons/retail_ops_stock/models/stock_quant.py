from odoo import api, fields, models
from odoo.exceptions import UserError

from .retail_stock_gate import Change

# What the goods are, where, and whose.
IDENTITY = {"product_id", "location_id", "owner_id", "company_id"}


class StockQuant(models.Model):
    """Counts: what may pass is applied, the rest waits for its approval."""

    _inherit = "stock.quant"

    retail_hold_id = fields.Many2one(
        "retail.stock.hold",
        string="Waits for approval",
        compute="_compute_retail_hold_id",
        help="A count of this stock that is applied once it is approved.",
    )

    def _compute_retail_hold_id(self):
        holds = self.env["retail.stock.hold"].sudo()
        waiting = holds.search(
            [
                ("state", "=", "waiting"),
                ("kind", "=", "count"),
                ("product_id", "in", self.product_id.ids),
                ("location_id", "in", self.location_id.ids),
            ]
        ).grouped(lambda hold: hold._place())
        for quant in self:
            quant.retail_hold_id = waiting.get(quant._retail_place(), holds)[:1]

    def _retail_place(self):
        keys = (self.product_id, self.location_id, self.lot_id)
        return (*keys, self.package_id, self.owner_id)

    def _has_field_access(self, field, operation):
        """Quantities come from moves: nobody writes them by hand."""
        is_quantity = field.name in ("quantity", "reserved_quantity")
        if operation == "write" and is_quantity and not self.env.su:
            return False
        return super()._has_field_access(field, operation)

    def write(self, vals):
        if not IDENTITY.isdisjoint(vals):
            self._check_stays_what_it_is()
        return super().write(vals)

    def _check_stays_what_it_is(self):
        """Goods of a store go elsewhere by a transfer, and out of it by a count."""
        for quant in self.sudo().filtered("quantity"):
            if quant.location_id._retail_store():
                raise UserError(
                    self.env._(
                        "%(product)s at %(place)s is moved by a transfer: what it is, "
                        "where and whose is not written by hand.",
                        product=quant.product_id.display_name,
                        place=quant.location_id.display_name,
                    )
                )

    # === SOFT HOLD === #

    def action_apply_inventory(self, date=None):
        """Apply the counts that may pass; say which wait for an approval."""
        stores = self.filtered(lambda quant: quant.location_id._retail_store())
        action = super().action_apply_inventory(date)
        if action or not stores:
            return action
        stores.invalidate_recordset(["retail_hold_id"])
        held = stores.exists().retail_hold_id
        return held._waiting_notice() if held else action

    def _apply_inventory(self, date=None):
        kept = self.filtered(lambda quant: quant.location_id._retail_store())
        if not kept:
            return super()._apply_inventory(date)
        kept.inventory_quantity_set = True
        held = kept._hold_where_needed()
        held.action_clear_inventory_quantity()
        free = self - held
        return super(StockQuant, free)._apply_inventory(date) if free else None

    def _hold_where_needed(self):
        """Hold the counts of stores that the matrix lets nobody apply alone.

        :return: stock.quant, those held
        """
        counted = self.filtered(lambda quant: quant._is_to_be_asked())
        if not counted:
            return counted
        changes = [quant._retail_change() for quant in counted]
        holds = self.env["retail.stock.hold"]
        verdicts = holds._hold_where_needed(changes)
        passing = [
            holds._case_values(change, verdict)
            for change, verdict in zip(changes, verdicts, strict=True)
            if not verdict.waits
        ]
        # What may pass is seen all the same, unless it is tolerated.
        raised = self.env["retail.exception"]._intake(passing)
        cases = self.env["retail.exception"].concat(*raised)
        cases.sudo()._note_routes(done_by=self.env.user)
        held = zip(counted, verdicts, strict=True)
        return self.browse(quant.id for quant, verdict in held if verdict.waits)

    def _is_to_be_asked(self):
        differs = not self.product_uom_id.is_zero(self.inventory_diff_quantity)
        return differs and not self._is_released()

    def _is_released(self):
        """Tell whether this very count was approved; the gate asks again."""
        hold_id = self.env.context.get("retail_stock_hold")
        hold = self.env["retail.stock.hold"].sudo().browse(hold_id or ())
        return hold.state == "released" and hold._place() == self._retail_place()

    def _retail_change(self):
        return Change(
            "count",
            self.location_id._retail_store(),
            *self._retail_place(),
            before=self.quantity,
            difference=self.inventory_diff_quantity,
        )

    @api.model
    def _get_inventory_move_values(self, *args, **kwargs):
        values = super()._get_inventory_move_values(*args, **kwargs)
        if self._is_released():
            values["retail_hold_id"] = self.env.context["retail_stock_hold"]
        return values

    # === HARD STOP === #

    @api.ondelete(at_uninstall=False)
    def _unlink_except_stock_of_a_store(self):
        for quant in self.sudo():
            left = not quant.product_uom_id.is_zero(quant.quantity)
            if left and quant.location_id._retail_store():
                raise UserError(
                    self.env._(
                        "%(product)s at %(place)s is still in stock: count it to zero "
                        "and press Apply, which asks for an approval where one is "
                        "needed.",
                        product=quant.product_id.display_name,
                        place=quant.location_id.display_name,
                    )
                )
