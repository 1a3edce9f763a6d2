from collections import defaultdict
from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError

from ..tools import countdown
from .retail_store_hours import FIRST_HORIZON_DAYS, LAST_HORIZON_DAYS


class RetailStore(models.Model):
    """What checklists ask of a store: its clock, forwards and backwards."""

    _inherit = "retail.store"

    def _follow_open_work(self, region):
        """Open checklists go with the store to its new region; history stays."""
        result = super()._follow_open_work(region)
        self.env["retail.checklist"].sudo().search(
            [("store_id", "in", self.ids), ("state", "=", "open")]
        ).write({"region_id": region.id})
        return result

    def _plan_hours_before(self, end, hours):
        """Count working hours back from a moment on the store's calendar.

        :param end: naive UTC datetime
        :param hours: list of working hours
        :return: list of naive UTC datetimes aligned with ``hours``
        :raise UserError: when the calendar has too few hours in a year
        """
        self.ensure_one()
        days = FIRST_HORIZON_DAYS
        while days <= LAST_HORIZON_DAYS:
            intervals = self._working_intervals(end - timedelta(days=days), days)
            moments = [countdown.moment_before(intervals, end, each) for each in hours]
            if all(moments):
                return moments
            days *= 3
        raise UserError(
            self.env._(
                "The opening hours of store %(store)s leave no time before the launch: "
                "add hours to the calendar “%(calendar)s”, or give the store another "
                "one.",
                store=self.display_name,
                calendar=self.resource_calendar_id.name,
            )
        )

    def _same_clock(self, moments):
        """Group stores for which a moment means the same deadlines.

        :param moments: dict store -> naive UTC datetime
        :return: list of ``(stores, moment)``: one calendar and zone each
        """
        groups = defaultdict(self.browse)
        for store in self:
            clock = (store.resource_calendar_id, store.tz, moments[store])
            groups[clock] |= store
        return [(stores, clock[-1]) for clock, stores in groups.items()]
