from odoo import api, fields, models, tools


class RetailStore(models.Model):
    """The warehouse in which a store keeps its goods."""

    _inherit = "retail.store"

    warehouse_id = fields.Many2one(
        "stock.warehouse",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        help="Where the store's goods are. Counts, scraps and stock levels of this "
        "warehouse raise the store's exceptions and obey its approval limits.",
    )

    _warehouse_unique = models.UniqueIndex(
        "(warehouse_id) WHERE warehouse_id IS NOT NULL",
        "Another store keeps its goods in this warehouse: each store has its own.",
    )

    @api.model
    @tools.ormcache("warehouse_id")
    def _id_of_warehouse(self, warehouse_id):
        """Return the id of the store that keeps its goods there, 0 for none."""
        domain = [("warehouse_id", "=", warehouse_id)]
        stores = self.sudo().with_context(active_test=False)
        return stores.search(domain, limit=1).id or 0

    @api.model
    @tools.ormcache("company_id")
    def _keeps_stock(self, company_id):
        """Tell whether some store of a company has a warehouse."""
        domain = [("company_id", "=", company_id), ("warehouse_id", "!=", False)]
        return bool(self.sudo().search_count(domain, limit=1))

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"warehouse_id", "company_id"}:
            self.env.registry.clear_cache()
        return result
