from odoo import models

KEEPING = ("internal", "transit")
LOSING = ("inventory", "production")


class StockLocation(models.Model):
    """Places whose stock some store, or the office, answers for."""

    _inherit = "stock.location"

    def _retail_store(self):
        """Return the store that answers for what is kept here, empty for none.

        The office answers for places that belong to no warehouse, so that goods do
        not get out of sight there. A warehouse of no store, or of one that is still
        planned, is left to itself: opening stock is entered there.

        :return: retail.store
        """
        self.ensure_one()
        stores = self.env["retail.store"].sudo()
        place = self.sudo()
        if place.usage not in KEEPING:
            return stores
        if place.warehouse_id:
            store_id = stores._id_of_warehouse(place.warehouse_id.id)
            return stores.browse(store_id or ())
        if place.company_id and stores._keeps_stock(place.company_id.id):
            return stores._office_of(place.company_id)
        return stores
