from collections import defaultdict

from odoo import models

from ..tools import opening


class ResourceCalendar(models.Model):
    """A calendar as the opening hours of stores."""

    _inherit = "resource.calendar"

    def _placed_week(self, zone, start, end):
        """Return when a store with this calendar is open, holidays aside.

        :param zone: name of the store's time zone
        :param start: naive UTC datetime
        :param end: naive UTC datetime
        :return: list of ``(begin, close)`` naive UTC datetimes; everything when
            there is no calendar
        """
        if not self:
            return [(start, end)]
        return opening.opening_intervals(self._week(), start, end, zone)

    def _week(self):
        return [
            (
                int(row.dayofweek),
                int(row.week_type) if self.two_weeks_calendar else None,
                row.hour_from,
                row.hour_to,
            )
            for row in self.attendance_ids
            if not row.display_type and row.day_period != "lunch"
        ]

    def _closures_between(self, start, end):
        """Return the holidays of these calendars and of whole companies.

        :param start: naive UTC datetime
        :param end: naive UTC datetime
        :return: dict resource.calendar or res.company -> list of ``(begin, end)``
        """
        closures = defaultdict(list)
        if not self:
            return closures
        leaves = self.env["resource.calendar.leaves"].sudo()
        for leave in leaves.search(
            [
                ("calendar_id", "in", [*self.ids, False]),
                ("resource_id", "=", False),
                ("time_type", "=", "leave"),
                ("date_from", "<=", end),
                ("date_to", ">=", start),
            ]
        ):
            whose = leave.calendar_id or leave.company_id
            closures[whose].append((leave.date_from, leave.date_to))
        return closures

    def _note_hours_changed(self):
        """Tell the stores that are open by these calendars."""
        stores = self.env["retail.store"].sudo()
        stores.search([("resource_calendar_id", "in", self.ids)])._note_hours_changed()

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"two_weeks_calendar", "attendance_ids"}:
            self._note_hours_changed()
        return result
