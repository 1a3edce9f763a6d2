from collections import defaultdict

from odoo import api, models
from odoo.exceptions import AccessError, UserError

from .stock_location import KEEPING, LOSING

# What Odoo computes of a line, and counts or looks at later.
COMPUTED = {"state", "quantity_product_uom"}
# What a done line changes the stock by: whose goods, how many, from and to where.
TRADED = {
    "quantity",
    "product_uom_id",
    "product_id",
    "location_id",
    "location_dest_id",
    "owner_id",
    "quant_id",
    "move_id",
}


class StockMoveLine(models.Model):
    """A line of a done move changes the stock, whichever way it got there."""

    _inherit = "stock.move.line"

    @api.constrains(
        "quantity", "product_id", "location_id", "location_dest_id", "lot_id", "move_id"
    )
    def _check_stock_change_approved(self):
        done = self.filtered(lambda line: line.move_id.state == "done")
        if done:
            self.env["retail.stock.gate"]._check_lines(done)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._refuse_computed(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._refuse_computed(vals)
        if TRADED.isdisjoint(vals):
            return super().write(vals)
        done = self.filtered(lambda line: line.move_id.state == "done")
        before = done._retail_balance()
        result = super().write(vals)
        done._check_trade_stands(before)
        return result

    def _refuse_computed(self, vals):
        if self.env.su or COMPUTED.isdisjoint(vals):
            return
        raise AccessError(
            self.env._("State and total of a line follow from its transfer.")
        )

    def _retail_balance(self):
        """Return what these lines brought stores by trade.

        :return: dict of ``(store, product, owner)`` to a quantity in the product's unit
        """
        balance = defaultdict(float)
        for line in self.sudo():
            if line._retail_place() or line.move_id._is_manufacture():
                continue
            product, owner = line.product_id, line.owner_id
            giver = line.location_id._retail_store()
            taker = line.location_dest_id._retail_store()
            balance[(giver, product, owner)] -= line.quantity_product_uom
            balance[(taker, product, owner)] += line.quantity_product_uom
        return balance

    def _check_trade_stands(self, before):
        """Refuse to rewrite what came to a store, or left it, by a done transfer."""
        after = self._retail_balance()
        for store, product, owner in {**before, **after}:
            key = (store, product, owner)
            moved = after.get(key, 0.0) - before.get(key, 0.0)
            if store and not product.uom_id.is_zero(moved):
                raise UserError(
                    self.env._(
                        "What %(store)s got or gave of %(product)s is done: return the "
                        "goods, or count them in Physical Inventory.",
                        store=store.display_name,
                        product=product.display_name,
                    )
                )

    def action_revert_inventory(self):
        """Say that nobody counted; only notes of shadow waves depend on it."""
        reverting = self.with_context(retail_reverts=True)
        return super(StockMoveLine, reverting).action_revert_inventory()

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
