from contextlib import nullcontext

from odoo import api, models

from odoo.addons.retail_ops_core.tools.judged import judged_as_a_whole

# What the giving store is asked to agree to.
PROPOSED = {
    "location_id",
    "location_dest_id",
    "picking_id",
    "product_id",
    "product_uom",
    "product_uom_qty",
}


class StockMove(models.Model):
    """Goods of a proposed transfer are neither reserved nor moved before it may go."""

    _inherit = "stock.move"

    @api.model_create_multi
    def create(self, vals_list):
        moves = super().create(vals_list)
        moves._check_proposal_stands()
        return moves

    def write(self, vals):
        proposes = not PROPOSED.isdisjoint(vals)
        if not proposes and "move_line_ids" not in vals:
            return super().write(vals)
        if proposes:
            self._check_proposal_stands()
        with self._judged_with_its_lines(vals):
            result = super().write(vals)
        if proposes:
            self._check_proposal_stands()
        return result

    def _judged_with_its_lines(self, vals):
        if "move_line_ids" in vals:
            return judged_as_a_whole(self.picking_id, "_check_within_agreement")
        return nullcontext()

    def _check_proposal_stands(self):
        """What waits for the giving store stays what that store is asked for."""
        drafts = self.sudo().filtered(
            lambda move: move.state == "draft" and move.picking_id
        )
        # Goods of no store are proposed to nobody: looking for a case costs a query.
        if drafts:
            drafts._of_stores().picking_id._check_proposal_stands()

    @api.constrains("state")
    def _check_giver_agrees(self):
        begun = self.filtered(lambda move: move.state not in ("draft", "cancel"))
        if begun.picking_id:
            begun._of_stores().picking_id._check_giver_agrees()

    @api.constrains("state", "quantity", *PROPOSED)
    def _check_within_agreement(self):
        if self.picking_id:
            self.picking_id._check_within_agreement()

    def _search_picking_for_assignation(self):
        """Other goods are not put on what a giving store is, or was, asked for."""
        picking = super()._search_picking_for_assignation()
        drafts = picking.filtered(lambda each: each.state == "draft")
        agreed = picking.filtered("retail_agreed_by_id")
        return picking - agreed - drafts._asking_giver()

    def _merge_moves(self, merge_into=False):
        """Lines that become one count twice for a moment: note what is left of it."""
        moves = super()._merge_moves(merge_into)
        for picking in moves.picking_id.sudo().filtered("retail_agreed_by_id"):
            if picking._may_let_go(self.env.user):
                picking._note_goods()
        return moves
