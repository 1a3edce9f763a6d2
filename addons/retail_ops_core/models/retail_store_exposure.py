from collections import defaultdict
from datetime import timedelta

from odoo import fields, models

from .retail_outlier_run import WEEK


class RetailStore(models.Model):
    """What a week gave a store the chance of: open days, times what goes through."""

    _inherit = "retail.store"

    def _peer_groups(self):
        """Return lists of stores that are compared: by format, or all of them.

        As on *My region*: once every store has its usual transactions, all are
        compared by those; until then only stores of one format, by opening days.
        """
        if all(self.mapped("daily_transactions")):
            return [self]
        return list(self.grouped("format").values())

    def _week_exposures(self, monday):
        """Return dict store -> open days of the week, times transactions where known.

        :param monday: first day of the week, a date
        """
        by_transactions = all(self.mapped("daily_transactions"))
        week = {monday + timedelta(days=day) for day in range(WEEK)}
        back = (fields.Date.today() - monday).days + 1
        groups = defaultdict(self.browse)
        for store in self:
            groups[store.resource_calendar_id, store.tz] |= store
        exposures = {}
        for stores in groups.values():
            open_days = stores[0]._open_dates(back) & week
            for store in stores:
                since = store.live_since
                days = sum(not since or day >= since for day in open_days)
                weight = store.daily_transactions if by_transactions else 1
                exposures[store] = days * weight
        return exposures
