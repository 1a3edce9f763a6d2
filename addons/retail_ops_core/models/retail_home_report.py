from odoo import api, fields, models

from ..tools import figures

LATE_DAYS = 7
REPORT_ROWS = 6


class RetailHome(models.AbstractModel):
    """Daily reports on the home screens: filed, missing, by when."""

    _inherit = "retail.home"

    # === The store's own === #
    @api.model
    def _store_report(self, store):
        day = store._business_day()
        reports = self.env["retail.store.report"].search(
            self._of_store(store, figures.REPORTS_TO_FILE),
            order="business_date desc",
            limit=REPORT_ROWS,
        )
        today = self.env["retail.store.report"].search(
            self._of_store(
                store, [("is_current", "=", True), ("business_date", "=", day)]
            )
        )
        return self._section(
            15,
            "report",
            self.env._("Today's report"),
            rows=[
                *self._today_rows(store, today, day),
                *(self._report_row(report) for report in reports - today),
            ],
            empty=self.env._(
                "This store owes no report today. It files one for each day it is "
                "open, from the day it goes live."
            ),
        )

    @api.model
    def _today_rows(self, store, report, day):
        if report:
            return [self._report_row(report, self.env._("Today"))]
        due = store._report_due_at(day)
        if not due:
            return []
        return [
            {
                "key": "report_today",
                "title": self.env._("Today"),
                "detail": self.env._("Not begun"),
                "moment": self._moment(due),
                "verb": "due",
                "action": "retail_ops_core.server_action_report_today",
                "opens": self.env._("File it now"),
            }
        ]

    @api.model
    def _report_row(self, report, title=None):
        state, tone, is_filed = self._report_standing(report)
        return self._row(
            report,
            title or fields.Date.to_string(report.business_date),
            date=None if title else fields.Date.to_string(report.business_date),
            detail=self.env._("Daily report"),
            moment=self._moment(report.filed_at if is_filed else report.due_at),
            verb="filed" if is_filed else "due",
            badge={"text": state, "tone": tone},
            opens="" if is_filed else self.env._("File it now"),
        )

    @api.model
    def _report_standing(self, report):
        """Return what the badge says, its tone, and whether the store is done."""
        if report.state == "returned":
            return self.env._("To be corrected"), "danger", False
        if report.state != "draft":
            late = report.filing == "late"
            text = self.env._("Filed late") if late else self.env._("Filed")
            return text, "warning" if late else "success", True
        if report.filing == "missing":
            return self.env._("Missing"), "danger", False
        return self.env._("To file"), "warning", False

    # === Of many stores === #
    @api.model
    def _late_reports_domain(self, scope_domain):
        since = fields.Date.subtract(fields.Date.context_today(self), days=LATE_DAYS)
        day = [("business_date", ">=", fields.Date.to_string(since))]
        return [*scope_domain, *figures.REPORTS_LATE, *day]

    @api.model
    def _late_report_rows(self, domain):
        reports = self.env["retail.store.report"].search(
            domain, order="due_at, id", limit=REPORT_ROWS
        )
        return [
            self._row(
                report,
                report.store_id.display_name,
                date=fields.Date.to_string(report.business_date),
                detail=self.env._("Daily report"),
                moment=self._moment(report.due_at),
                verb="due",
                badge={"text": self.env._("Missing"), "tone": "danger"},
            )
            for report in reports
        ]
