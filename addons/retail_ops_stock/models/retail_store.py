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

    stock_watched_on = fields.Date(
        "Stock looked through on",
        readonly=True,
        copy=False,
        help="The store's business day in which its stock was last looked through.",
    )

    stock_opening_line = fields.Integer(
        readonly=True,
        copy=False,
        help="The last line of stock moves entered before the limits held here.",
    )

    _warehouse_unique = models.UniqueIndex(
        "(warehouse_id) WHERE warehouse_id IS NOT NULL",
        "Another store keeps its goods in this warehouse: each store has its own.",
    )

    @api.model
    @tools.ormcache("warehouse_id")
    def _id_of_warehouse(self, warehouse_id):
        """Return the id of the open store that keeps its goods there, 0 for none."""
        domain = [("warehouse_id", "=", warehouse_id), ("state", "!=", "planned")]
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
        stores = super().create(vals_list)
        stores._begin_to_watch_stock()
        return stores

    def write(self, vals):
        unwatched = self.filtered(lambda store: not store._is_stock_watched())
        result = super().write(vals)
        if vals.keys() & {"warehouse_id", "company_id", "state"}:
            unwatched._begin_to_watch_stock()
        return result

    def _answers(self, user):
        """Tell whether somebody answers for the store's goods."""
        store = self.sudo()
        return user in store.manager_id | store.region_id.leader_ids

    def _is_stock_watched(self):
        return bool(self.warehouse_id) and self.state != "planned"

    def _begin_to_watch_stock(self):
        """What was entered until now is opening stock, no loss or surplus."""
        self.env.registry.clear_cache()
        begun = self.filtered(lambda store: store._is_stock_watched())
        if begun:
            lines = self.env["stock.move.line"].sudo().with_context(active_test=False)
            last = lines.search([("id", ">", 0)], order="id desc", limit=1)
            begun.sudo().stock_opening_line = last.id

    @api.model
    def _audited_names(self, vals):
        """That a watch came by is no change of the store."""
        names = super()._audited_names(vals)
        return [name for name in names if name != "stock_watched_on"]
