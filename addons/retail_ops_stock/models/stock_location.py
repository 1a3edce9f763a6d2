from odoo import models
from odoo.exceptions import UserError

KEEPING = ("internal", "transit")
LOSING = ("inventory", "production")
# What makes a place a store's.
BELONGING = {"usage", "location_id", "warehouse_id", "company_id"}


class StockLocation(models.Model):
    """Places whose stock some store, or the office, answers for."""

    _inherit = "stock.location"

    def write(self, vals):
        if BELONGING.isdisjoint(vals):
            return super().write(vals)
        before = self._stores_of_goods()
        result = super().write(vals)
        self._check_goods_stay(before)
        return result

    def _stores_of_goods(self):
        """Return dict place -> store, of the places in these that hold goods."""
        places = self.sudo().with_context(active_test=False)
        quants = self.env["stock.quant"].sudo()
        held = quants.search(
            [
                ("location_id", "child_of", places.ids),
                ("quantity", "!=", 0),
            ]
        ).location_id
        return {place: place._retail_store() for place in held}

    def _check_goods_stay(self, before):
        """A store's goods do not change hands with the place they are in."""
        for place, store in before.items():
            if store and place._retail_store() != store:
                raise UserError(
                    self.env._(
                        "%(place)s holds goods of %(store)s: transfer them before the "
                        "place is another's.",
                        place=place.display_name,
                        store=store.display_name,
                    )
                )

    def _retail_store(self):
        """Return the store that answers for what is kept here, empty for none.

        The office answers for places that belong to no warehouse, so that goods do
        not get out of sight there. A warehouse of no store, or of one that is still
        planned, is left to itself: opening stock is entered there.

        :return: retail.store
        """
        self.ensure_one()
        place = self.sudo()
        stores = place.env["retail.store"]
        if place.usage not in KEEPING:
            return stores
        if place.warehouse_id:
            return stores.browse(stores._id_of_warehouse(place.warehouse_id.id) or ())
        if place.company_id and stores._keeps_stock(place.company_id.id):
            return stores._office_of(place.company_id)
        return stores
