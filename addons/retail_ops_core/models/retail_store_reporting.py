from datetime import timedelta

from odoo import api, fields, models

from ..tools import storeday

PLANNING_FIELDS = {"tz", "report_cutoff", "report_required", "resource_calendar_id"}


class RetailStore(models.Model):
    """When a store files its daily report."""

    _inherit = "retail.store"

    report_required = fields.Boolean(
        "Daily report",
        compute="_compute_report_required",
        store=True,
        readonly=False,
        help="The store files a report for each day it is open: it is reminded, and a "
        "missing report raises an exception. Set by itself when the store goes live.",
    )
    report_cutoff = fields.Float(
        "Report cut-off",
        default=22.5,
        help="Local hour by which the day's report is filed. Beyond 24 it falls in the "
        "night after, and the business day lasts until then: 26:00 is two o'clock.",
    )
    report_next_at = fields.Datetime(
        "Next report opens at",
        readonly=True,
        copy=False,
        help="When the Scheduled Action opens the store's next daily report.",
    )

    _report_cutoff_in_range = models.Constraint(
        "CHECK(report_cutoff > 0 AND report_cutoff <= 36)",
        "The report cut-off is an hour between 0:01 and 36:00 after the midnight that "
        "begins the day.",
    )
    _report_next_idx = models.Index("(report_next_at) WHERE report_required IS TRUE")

    @api.depends("state")
    def _compute_report_required(self):
        for store in self:
            store.report_required = store.state == "live"

    def write(self, vals):
        result = super().write(vals)
        if PLANNING_FIELDS & vals.keys():
            self._replan_reports()
        return result

    def _replan_reports(self):
        """Deadlines of reports still to be filed follow zone, hours and cut-off."""
        stores = self.sudo()
        stores.report_next_at = False
        waiting = self.env["retail.store.report"]._waiting_for(stores)
        for report in waiting:
            report.due_at = report.store_id._report_due_at(report.business_date)

    def _follow_open_work(self, region):
        """Reports not validated yet go with the store to its new region."""
        result = super()._follow_open_work(region)
        self.env["retail.store.report"].sudo().search(
            [("store_id", "in", self.ids), ("state", "!=", "validated")]
        ).write({"region_id": region.id})
        return result

    def _business_day(self):
        """Return the business day the store is in now, a date."""
        self.ensure_one()
        return storeday.business_day(
            fields.Datetime.now(), self.report_cutoff, self.tz or "UTC"
        )

    def _day_begins_at(self, day):
        """Return when the business day ``day`` begins, naive UTC."""
        self.ensure_one()
        hour = storeday.first_hour(self.report_cutoff)
        return storeday.moment_of(day, hour, self.tz or "UTC")

    def _report_due_at(self, day):
        """Return by when the report of ``day`` is to be filed.

        :param day: date
        :return: naive UTC datetime; False when the store owes no report that day
        """
        self.ensure_one()
        if not (self.active and self.report_required and self._is_open_on(day)):
            return False
        return storeday.moment_of(day, self.report_cutoff, self.tz or "UTC")

    def _is_open_on(self, day):
        """Tell whether the opening hours have working time on ``day``."""
        self.ensure_one()
        midnight = storeday.moment_of(day, 0, self.tz or "UTC")
        return bool(self._working_intervals(midnight, 1))

    def _days_to_open(self, horizon):
        """Return the business days whose report was not opened yet, up to today.

        :param horizon: how many days to catch up at most
        :return: list of dates, ascending
        """
        self.ensure_one()
        today = self._business_day()
        first = today
        if self.report_next_at:
            first = storeday.business_day(
                self.report_next_at, self.report_cutoff, self.tz or "UTC"
            )
        first = max(first, today - timedelta(days=horizon - 1))
        return [
            first + timedelta(days=offset) for offset in range((today - first).days + 1)
        ]

    @api.model
    def _of_user(self):
        """Return the stores that the user manages or is a member of."""
        return self.search(
            [
                ("state", "in", ("pilot", "live")),
                "|",
                ("manager_id", "=", self.env.uid),
                ("member_ids", "in", self.env.uid),
            ]
        )

    def _report_people(self):
        """Return who is reminded of the report: the manager, else the team."""
        self.ensure_one()
        return self.manager_id.filtered("active") or self.member_ids.filtered("active")
