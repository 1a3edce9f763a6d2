from collections import defaultdict

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import NO_ACCESS

from odoo.addons.retail_ops_core.tools.judged import judged_as_a_whole, judged_now

PARTS = {"move_ids", "move_line_ids"}


class StockPicking(models.Model):
    """An agreement covers what was agreed to, and nothing beyond it."""

    _inherit = "stock.picking"

    # {"goods": [[giving store, taking store or 0, product, quantity in its unit]]}
    retail_agreed_goods = fields.Json(
        "Agreed to", readonly=True, copy=False, groups=NO_ACCESS
    )

    def write(self, vals):
        if PARTS.isdisjoint(vals):
            return super().write(vals)
        with judged_as_a_whole(self, "_check_within_agreement"):
            return super().write(vals)

    def _note_agreement(self):
        self.retail_agreed_by_id = self.env.user
        self._note_goods()
        self.retail_case_ids._end_asking_giver(self.env._("The goods may go."))
        self.env["retail.audit.entry"]._record(
            self,
            "stock.agreed",
            {"case": self.retail_case_ids[:1].name, "name": self.name},
        )

    def _note_declined(self, store, reason):
        facts = {"case": self.retail_case_ids[:1].name, "name": self.name}
        self.env["retail.audit.entry"]._record(
            self, "stock.declined", {**facts, "store_id": store.id, "why": reason}
        )

    def action_cancel(self):
        """Cancel; nobody is asked any longer for goods that do not go."""
        result = super().action_cancel()
        given_up = self.sudo().filtered(lambda picking: picking.state == "cancel")
        given_up.retail_case_ids._end_asking_giver(
            self.env._("The transfer was cancelled.")
        )
        return result

    def _note_goods(self):
        taken = self._goods_taken()
        self.retail_agreed_goods = {"goods": [[*key, taken[key]] for key in taken]}

    def _goods_taken(self):
        """Return what leaves stores: as planned, or as reserved and gone if more.

        :return: dict of ids ``(giving store, taking store or 0, product)`` to a
            quantity in the product's unit
        """
        moves = self.move_ids.filtered(lambda move: move.state != "cancel")
        lines = moves.move_line_ids
        planned = self._by_store(moves, moves.mapped("product_qty"))
        moved = self._by_store(lines, lines.mapped("quantity_product_uom"))
        keys = {*planned, *moved}
        return {key: max(planned.get(key, 0.0), moved.get(key, 0.0)) for key in keys}

    def _by_store(self, goods, quantities):
        taken = defaultdict(float)
        for each, quantity in zip(goods, quantities, strict=True):
            giver = each.location_id._retail_store().id
            taker = each.location_dest_id._retail_store().id or 0
            if giver and giver != taker:
                taken[giver, taker, each.product_id.id] += quantity
        return taken

    def _check_within_agreement(self):
        """Refuse more, or elsewhere, than what the giving store agreed to.

        Who could agree agrees anew by making the change.

        :raise UserError: to anybody else, naming who may
        """
        for picking in judged_now(self).sudo().filtered("retail_agreed_by_id"):
            if picking._takes_more_than_agreed():
                if not picking._may_let_go(self.env.user):
                    raise UserError(picking._who_takes_more())
                picking._note_agreement()

    def _takes_more_than_agreed(self):
        noted = self.retail_agreed_goods
        if not noted:  # agreed to before anybody noted to what
            return False
        agreed = {tuple(key): quantity for *key, quantity in noted["goods"]}
        products = self.env["product.product"]
        return any(
            products.browse(key[-1]).uom_id.compare(quantity, agreed.get(key, 0.0)) > 0
            for key, quantity in self._goods_taken().items()
        )

    def _who_takes_more(self):
        stores = self._retail_givers()
        return self.env._(
            "%(person)s agreed to what %(transfer)s takes from %(stores)s: who answers "
            "for that store (%(managers)s) takes more, or sends it elsewhere.",
            person=self.retail_agreed_by_id.name,
            transfer=self.name,
            stores=", ".join(stores.mapped("display_name")),
            managers=", ".join(stores.manager_id.mapped("name")),
        )

    def _create_backorder(self, backorder_moves=None):
        """What goes later was agreed to as well, and both take no more than that."""
        backorders = super()._create_backorder(backorder_moves)
        for later in backorders.sudo():
            begun = later.backorder_id
            later.retail_agreed_by_id = begun.retail_agreed_by_id
            if later.retail_agreed_by_id:
                begun._note_goods()
                later._note_goods()
        return backorders
