from odoo import fields, models
from odoo.tools import SQL


class RetailStockAdjustment(models.Model):
    """What counts and scraps changed at the places of a store, one row a move's line.

    People of a store read what their own store lost or found, without rights in
    Inventory.
    """

    _name = "retail.stock.adjustment"
    _description = "Stock Adjustment"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "reference"
    _depends = {
        "stock.move": ["reference", "retail_hold_id"],
        "stock.move.line": [
            "date",
            "location_dest_id",
            "location_id",
            "lot_id",
            "product_id",
            "quantity_product_uom",
            "state",
        ],
        "stock.location": ["usage", "warehouse_id"],
        "retail.store": ["company_id", "region_id", "warehouse_id"],
        "retail.stock.hold": ["user_id"],
    }

    date = fields.Datetime(readonly=True)
    reference = fields.Char(readonly=True)
    store_id = fields.Many2one("retail.store", readonly=True)
    region_id = fields.Many2one("retail.region", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    location_id = fields.Many2one("stock.location", "Place", readonly=True)
    lot_id = fields.Many2one("stock.lot", readonly=True)
    difference = fields.Float(
        digits="Product Unit",
        readonly=True,
        help="What was found; below zero: what was lost. In the product's unit.",
    )
    user_id = fields.Many2one(
        "res.users",
        "By",
        readonly=True,
        help="Who counted or scrapped it; of what was held, who asked for it.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT line.id, line.date, move.reference, line.product_id, line.lot_id,
                   place.id AS location_id, store.id AS store_id, store.region_id,
                   store.company_id, COALESCE(hold.user_id, line.create_uid) AS user_id,
                   CASE WHEN place.id = line.location_id
                        THEN -line.quantity_product_uom
                        ELSE line.quantity_product_uom END AS difference
              FROM stock_move_line line
              JOIN stock_move move ON move.id = line.move_id
              JOIN stock_location source ON source.id = line.location_id
              JOIN stock_location target ON target.id = line.location_dest_id
              JOIN stock_location place ON place.id = CASE
                   WHEN source.usage = 'inventory' THEN target.id ELSE source.id END
              JOIN retail_store store ON store.warehouse_id = place.warehouse_id
              LEFT JOIN retail_stock_hold hold ON hold.id = move.retail_hold_id
             WHERE line.state = 'done'
               AND (source.usage = 'inventory') <> (target.usage = 'inventory')
            """
        )
