from collections import defaultdict
from datetime import timedelta

from pytz import timezone, utc

from odoo import fields, models


class RetailStore(models.Model):
    """How much went through a store, so that stores are compared fairly."""

    _inherit = "retail.store"

    daily_transactions = fields.Integer(
        "Usual transactions a day",
        help="How many customers pay here on a usual day. Stores are compared for "
        "their transactions once every one of them has this figure; until then for "
        "their opening days, and only with stores of the same format.",
    )
    live_since = fields.Date(
        help="Opening days count from here on when stores are compared, so that a new "
        "store is not judged by its first days. Set by itself when a planned store "
        "goes live; empty means long ago.",
    )

    _transactions_not_negative = models.Constraint(
        "CHECK(daily_transactions >= 0)", "Transactions a day cannot be below zero."
    )

    def write(self, vals):
        if vals.get("state") in ("pilot", "live") and "live_since" not in vals:
            starting = self.filtered(lambda store: store.state == "planned")
            for store in starting.filtered(lambda store: not store.live_since):
                store.live_since = store._business_day()
        return super().write(vals)

    def _opening_days(self, days):
        """Return on how many of the last days each store was open.

        :param days: length of the period in days, today not counted
        :return: dict store -> number of days
        """
        dates = {}
        groups = defaultdict(self.browse)
        for store in self:
            groups[store.resource_calendar_id, store.tz] |= store
        for stores in groups.values():
            dates.update(dict.fromkeys(stores, stores[0]._open_dates(days)))
        return {
            store: sum(not store.live_since or day >= store.live_since for day in found)
            for store, found in dates.items()
        }

    def _open_dates(self, days):
        """Return the dates, by the store's clock, with opening hours in the period."""
        zone = timezone(self.tz or "UTC")
        today = utc.localize(fields.Datetime.now()).astimezone(zone).date()
        first = today - timedelta(days=days)
        period = {first + timedelta(days=offset) for offset in range(days)}
        if not self.resource_calendar_id:
            return period
        begin = fields.Datetime.now() - timedelta(days=days + 1)
        intervals = self._working_intervals(begin, days + 1)
        starts = {
            utc.localize(start).astimezone(zone).date() for start, _end in intervals
        }
        return period & starts
