import logging

from psycopg2 import OperationalError

from odoo import api, models
from odoo.tools import split_every

_logger = logging.getLogger(__name__)
BATCH = 20


class RetailStockWatch(models.AbstractModel):
    """Looks through the stores' stock for what no event tells.

    Each thing found raises one case until it is over, and is settled by itself then.
    """

    _name = "retail.stock.watch"
    _description = "Watch over Stock"

    @api.model
    def _cron_watch(self):
        """Scheduled Action: look through the stores whose business day began."""
        stores = self._due_stores()
        progress = self.env["ir.cron"]._commit_progress
        progress(remaining=len(stores))
        for batch in split_every(BATCH, stores.ids, stores.browse):
            for store in batch:
                self._watch_or_tell(store)
                store.stock_watched_on = store._business_day()
            if not progress(len(batch)):
                break

    @api.model
    def _due_stores(self):
        """Return the stores not looked through in the business day they are in."""
        domain = [("warehouse_id", "!=", False), ("state", "in", ("pilot", "live"))]
        stores = self.env["retail.store"].search(domain, order="stock_watched_on, id")
        return stores.filtered(
            lambda store: not store.stock_watched_on
            or store.stock_watched_on < store._business_day()
        )

    @api.model
    def _watch_or_tell(self, store):
        """Look through one store; what keeps it from being watched raises a case."""
        try:
            with self.env.cr.savepoint():
                self._watch(store)
        except OperationalError:
            raise
        except Exception as error:
            _logger.info("the stock of store %s could not be looked through", store.id)
            self._report("stock.watch", store, self._failure(store, error))
        else:
            self._report("stock.watch", store, {})

    @api.model
    def _failure(self, store, error):
        return {
            f"stock.watch/{store.id}": {
                "type_id": self.env.ref("retail_ops_core.type_data_quality").id,
                "store_id": store.id,
                "summary": self.env._("The stock of this store is not watched"),
                "reason": self.env._(
                    "Tonight's look through its stock failed: %s. Mend what it names; "
                    "the next night looks again.",
                    error,
                ),
            }
        }

    @api.model
    def _watch(self, stores):
        """Look for negative stock, stock without moves, and late receipts.

        :param stores: retail.store with a warehouse
        """
        places = self._places(stores)
        self._report("stock.negative", stores, self._negative(places))
        self._report("stock.unexplained", stores, self._unexplained(places))
        self._report("stock.late", stores, self._late(stores))

    @api.model
    def _places(self, stores):
        """Return the ids of the places of each store.

        :return: dict of stock.location id to retail.store
        """
        by_warehouse = {store.warehouse_id: store for store in stores}
        locations = (
            self.env["stock.location"]
            .sudo()
            .search(
                [
                    ("warehouse_id", "in", stores.warehouse_id.ids),
                    ("usage", "=", "internal"),
                ]
            )
        )
        return {place.id: by_warehouse[place.warehouse_id] for place in locations}

    # === ONE CASE UNTIL IT IS OVER === #

    @api.model
    def _report(self, topic, stores, findings):
        """Raise a case for what is new and settle those that are over.

        :param topic: what was looked for, the beginning of each key
        :param stores: retail.store that were looked through
        :param findings: dict of key to values of the case
        """
        cases = self.env["retail.exception"].sudo()
        open_cases = cases.search(
            [
                ("stock_watch_key", "=like", f"{topic}/%"),
                ("store_id", "in", stores.ids),
                ("is_open", "=", True),
            ]
        )
        over = open_cases.filtered(lambda case: case.stock_watch_key not in findings)
        over._settle_by_watch()
        return self._raise_new(findings, open_cases - over)

    @api.model
    def _raise_new(self, findings, open_cases):
        """Raise a case for each finding that none of ``open_cases`` is about."""
        known = set(open_cases.mapped("stock_watch_key"))
        return (
            self.env["retail.exception"]
            .sudo()
            ._raise_and_triage(
                [
                    {"origin": "automation", "stock_watch_key": key, **values}
                    for key, values in findings.items()
                    if key not in known
                ]
            )
        )

    # === WHAT IS LOOKED FOR === #

    @api.model
    def _negative(self, places):
        groups = (
            self.env["stock.quant"]
            .sudo()
            ._read_group(
                [("location_id", "in", list(places)), ("quantity", "<", 0)],
                ["product_id", "location_id"],
                ["quantity:sum"],
            )
        )
        return {
            f"stock.negative/{place.id}/{product.id}": {
                "type_id": self.env.ref("retail_ops_core.type_data_quality").id,
                "store_id": places[place.id].id,
                "product_id": product.id,
                "summary": self.env._(
                    "%(product)s: %(quantity)s in stock at %(place)s",
                    product=product.display_name,
                    quantity=quantity,
                    place=place.display_name,
                ),
                "reason": self.env._(
                    "More left this place than ever came in. Look for a receipt that "
                    "was not booked, a wrong unit or a sale under the wrong product, "
                    "and count the goods."
                ),
            }
            for product, place, quantity in groups
        }
