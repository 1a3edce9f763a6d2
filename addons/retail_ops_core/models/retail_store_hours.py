from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import worktime

FIRST_HORIZON_DAYS = 14
LAST_HORIZON_DAYS = 378
HOURS_FIELDS = {"resource_calendar_id", "tz"}
STORE_BATCH = 20


class RetailStore(models.Model):
    """Opening hours, on which deadlines are counted."""

    _inherit = "retail.store"

    hours_changed_at = fields.Datetime(
        readonly=True,
        copy=False,
        help="Since when deadlines of open exceptions have to follow changed opening "
        "hours; empty once they have.",
    )

    _hours_changed_idx = models.Index("(id) WHERE hours_changed_at IS NOT NULL")

    # === When a store is open === #
    def _opening_intervals(self, start, end):
        """Return when each store is open between two moments.

        Stores with the same hours in the same zone share one list, and all
        calendars together are read in as many queries as one.

        :param start: naive UTC datetime
        :param end: naive UTC datetime
        :return: dict store -> list of ``(begin, close)`` naive UTC datetimes; one
            interval from start to end for a store without a calendar
        """
        calendars = self.sudo().resource_calendar_id
        closures = calendars._closures_between(start, end)
        shared, found = {}, {}
        for store in self:
            calendar = store.sudo().resource_calendar_id
            key = (calendar, store.tz, store.company_id)
            if key not in shared:
                shared[key] = calendar._placed_week(store.tz, start, end)
                gaps = closures[calendar] + closures[store.company_id]
                if calendar and gaps:
                    shared[key] = worktime.without(shared[key], gaps)
            found[store] = shared[key]
        return found

    def _working_intervals(self, start, days):
        """Return the store's opening hours from ``start`` on.

        :param start: naive UTC datetime
        :param days: length of the horizon in days
        :return: list of ``(begin, end)`` naive UTC datetimes
        """
        self.ensure_one()
        return self._opening_intervals(start, start + timedelta(days=days))[self]

    # === Placing hours on them === #
    def _plan_hours(self, plan):
        """Place working hours on the store's calendar.

        :param plan: list of ``(start, hours)``: naive UTC datetime, working hours
        :return: list of naive UTC datetimes aligned with ``plan``
        :raise UserError: when the calendar has too few hours in a year
        """
        self.ensure_one()
        return self._plan_batch([(self, start, hours, ()) for start, hours in plan])

    @api.model
    def _plan_batch(self, plan):
        """Place working hours on the calendars of many stores at once.

        :param plan: list of ``(store, start, hours, pauses)``; pauses are
            ``(begin, end)`` in which the clock stood still
        :return: list of naive UTC datetimes aligned with ``plan``
        :raise UserError: when a calendar has too few hours in a year
        """
        moments, left, days = {}, dict(enumerate(plan)), FIRST_HORIZON_DAYS
        while left and days <= LAST_HORIZON_DAYS:
            moments.update(self._plan_within(left, days))
            left = {number: left[number] for number in left if number not in moments}
            days *= 3
        if left:
            raise UserError(next(iter(left.values()))[0]._no_hours_text())
        return [moments[number] for number in range(len(plan))]

    @api.model
    def _plan_within(self, items, days):
        """Return dict number -> moment of those that end within so many days."""
        starts = [start for _store, start, _hours, _pauses in items.values()]
        stores = self.union(*(item[0] for item in items.values()))
        intervals = stores._opening_intervals(
            min(starts), max(starts) + timedelta(days=days)
        )
        moments = {}
        for number, (store, start, hours, pauses) in items.items():
            worked = intervals[store]
            if pauses:
                worked = worktime.without(worked, pauses)
            moments[number] = worktime.moment_after(worked, start, hours)
        return {number: moment for number, moment in moments.items() if moment}

    def _no_hours_text(self):
        return self.env._(
            "The opening hours of store %(store)s leave no time to work in: add "
            "hours to the calendar “%(calendar)s”, or give the store another one.",
            store=self.display_name,
            calendar=self.sudo().resource_calendar_id.name,
        )

    # === Hours that change === #
    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & HOURS_FIELDS:
            self._note_hours_changed()
        return result

    def _note_hours_changed(self):
        """Have the deadlines of open exceptions follow, a minute later at most."""
        unaware = self.sudo().filtered(lambda store: not store.hours_changed_at)
        cron = self.env.ref(
            "retail_ops_core.cron_follow_hours", raise_if_not_found=False
        )
        if unaware and cron:
            unaware.hours_changed_at = fields.Datetime.now()
            cron.sudo()._trigger()

    @api.model
    def _cron_follow_hours(self):
        """Scheduled Action: move open deadlines to changed opening hours."""
        domain = [("hours_changed_at", "!=", False)]
        self.env["ir.cron"]._commit_progress(remaining=self.search_count(domain))
        while batch := self.search(domain, order="id", limit=STORE_BATCH):
            batch = batch.try_lock_for_update().filtered_domain(domain)
            batch._follow_hours()
            if not batch or not self.env["ir.cron"]._commit_progress(len(batch)):
                break

    def _follow_hours(self):
        exceptions = self.env["retail.exception"].search(
            [("store_id", "in", self.ids), ("is_open", "=", True)]
        )
        exceptions._set_deadlines()
        self.hours_changed_at = False
