from odoo import api, fields, models

BATCH = 50


class StockWarehouseOrderpoint(models.Model):
    """Reordering rules of stores: a level that is passed raises one case."""

    _inherit = "stock.warehouse.orderpoint"

    retail_watch_due = fields.Boolean(
        default=True,
        copy=False,
        help="The store's stock changed, and nobody has looked at the level since.",
    )

    retail_changed_at = fields.Datetime(
        default=fields.Datetime.now,
        copy=False,
        help="When the stock or the level changed first, since somebody looked.",
    )

    retail_shortage = fields.Selection(
        [
            ("nearest", "Transfer from the nearest store, else ask the vendor"),
            ("request", "Ask for an urgent buy"),
            ("supplier", "Ask the vendor"),
        ],
        string="When it runs out",
        default="nearest",
        required=True,
        help="What is prepared when the level is passed: a draft transfer from the "
        "nearest store that can spare the goods; a request of the store's manager that "
        "waits for its approval; or a note of the vendor and his delay. Nothing is "
        "confirmed by itself.",
    )

    _retail_watch_idx = models.Index("(id) WHERE retail_watch_due IS TRUE")

    def write(self, vals):
        if vals.keys() & {"product_min_qty", "product_max_qty", "active"}:
            vals = {**vals, **self._due_values()}
        return super().write(vals)

    @api.model
    def _due_values(self):
        return {"retail_watch_due": True, "retail_changed_at": fields.Datetime.now()}

    @api.model
    def _note_stock_change(self, products, locations):
        """Remember the levels to look at, and wake the Scheduled Action.

        :param products: product.product whose stock changed
        :param locations: stock.location where it did
        """
        changed = self.sudo().search(
            [
                ("product_id", "in", products.ids),
                ("warehouse_id", "in", locations.warehouse_id.ids),
                ("retail_watch_due", "=", False),
            ]
        )
        if changed:
            changed.write(self._due_values())
            self.env.ref("retail_ops_stock.cron_levels")._trigger()

    @api.model
    def _cron_watch_levels(self):
        """Scheduled Action: raise what fell below its minimum, settle the rest."""
        domain = [
            ("retail_watch_due", "=", True),
            ("warehouse_id.retail_store_ids.state", "in", ("pilot", "live")),
        ]
        progress = self.env["ir.cron"]._commit_progress
        progress(remaining=self.search_count(domain))
        while batch := self.search(domain, order="id", limit=BATCH):
            batch._watch_levels()
            if not progress(len(batch)):
                break

    def _watch_levels(self):
        """Raise a case for each level that is passed, once until it is over."""
        self.retail_watch_due = False
        cases = self.env["retail.exception"].sudo()
        keys = {f"stock.level/{level.id}": level for level in self}
        known = cases.search(
            [("stock_watch_key", "in", list(keys)), ("is_open", "=", True)]
        ).grouped("stock_watch_key")
        low = {key: level for key, level in keys.items() if level._is_low()}
        for key in known.keys() - low.keys():
            known[key]._settle_by_watch()
        for key in known.keys() & low.keys():
            known[key]._note_stockout()
        raised = cases._raise_and_triage(
            [low[key]._case_values(key) for key in low.keys() - known.keys()]
        )
        raised._note_stockout()
        return raised

    def _is_low(self):
        compare = self.product_uom.compare
        return compare(self.qty_forecast, self.product_min_qty) < 0

    def _case_values(self, key):
        return {
            "type_id": self.env.ref("retail_ops_core.type_stockout_risk").id,
            "store_id": self.warehouse_id.retail_store_ids[:1].id,
            "product_id": self.product_id.id,
            "origin": "automation",
            "stock_watch_key": key,
            "stock_level_id": self.id,
            "stock_breached_at": self.retail_changed_at or fields.Datetime.now(),
            "summary": self.env._(
                "%s runs out", self.product_id.with_context(lang=None).display_name
            ),
            "reason": self.env._(
                "%(forecast)s %(unit)s in stock and on the way, %(minimum)s is the "
                "least at %(place)s.",
                forecast=self.qty_forecast,
                unit=self.product_uom.name,
                minimum=self.product_min_qty,
                place=self.location_id.display_name,
            ),
        }
