from odoo import api, models
from odoo.tools import SQL

READ = ("stock.quant", "stock.move.line", "retail.stock.acceptance")


class RetailStockWatch(models.AbstractModel):
    """Stock that neither its moves nor an accepted difference explain."""

    _inherit = "retail.stock.watch"

    @api.model
    def _unexplained(self, places):
        """Find stock that differs from the sum of its moves: it was written by hand."""
        products = self.env["product.product"].sudo()
        locations = self.env["stock.location"].sudo()
        return {
            f"stock.unexplained/{place}/{product}": {
                "type_id": self.env.ref("retail_ops_stock.type_stock_unexplained").id,
                "store_id": places[place].id,
                "product_id": product,
                "expected_quantity": moved,
                "counted_quantity": booked,
                "reason": self.env._(
                    "The books say %(booked)s at %(place)s, the moves and what was "
                    "accepted add up to %(moved)s: the quantity was changed without a "
                    "move.",
                    booked=booked,
                    place=locations.browse(place).display_name,
                    moved=moved,
                ),
            }
            for product, place, booked, moved in self._differences(places)
            if not products.browse(product).uom_id.is_zero(booked - moved)
        }

    @api.model
    def _differences(self, places):
        """Return what does not add up, each product and place once.

        :param places: ids of stock.location
        :return: list of ``(product id, place id, booked, explained)``
        """
        return self._sums(places, SQL("product_id, place_id"))

    @api.model
    def _differences_of_lots(self, place, product):
        """Return what does not add up of one product at one place, by its lots.

        :param place: stock.location
        :param product: product.product
        :return: list of ``(lot id or None, quantity)``
        """
        of_product = SQL("entry.product_id = %s", product.id)
        rows = self._sums(place.ids, SQL("lot_id"), of_product)
        uom = product.uom_id
        differences = [(lot, booked - moved) for lot, booked, moved in rows]
        return [row for row in differences if not uom.is_zero(row[1])]

    @api.model
    def _sums(self, places, by, which=None):
        if not places:
            return []
        for model in READ:
            self.env[model].flush_model()
        return self.env.execute_query(
            SQL(
                """
                SELECT %(by)s, SUM(booked), SUM(moved)
                  FROM (%(entries)s) AS entry
                  JOIN product_product AS product ON product.id = entry.product_id
                  JOIN product_template AS template
                    ON template.id = product.product_tmpl_id AND template.is_storable
                 WHERE %(which)s
              GROUP BY %(by)s
                HAVING ABS(SUM(booked) - SUM(moved)) > 0.00001
                """,
                by=by,
                entries=self._entries(tuple(places)),
                which=which or SQL("TRUE"),
            )
        )

    @api.model
    def _entries(self, places):
        return SQL(
            """
            SELECT product_id, location_id AS place_id, lot_id,
                   quantity AS booked, 0 AS moved
              FROM stock_quant WHERE location_id IN %(places)s
             UNION ALL
            SELECT product_id, location_dest_id, lot_id, 0, quantity_product_uom
              FROM stock_move_line
             WHERE state = 'done' AND location_dest_id IN %(places)s
             UNION ALL
            SELECT product_id, location_id, lot_id, 0, -quantity_product_uom
              FROM stock_move_line
             WHERE state = 'done' AND location_id IN %(places)s
             UNION ALL
            SELECT product_id, location_id, lot_id, 0, difference
              FROM retail_stock_acceptance WHERE location_id IN %(places)s
            """,
            places=places,
        )
