from datetime import timedelta

from odoo import fields, models
from odoo.tools.misc import format_date, format_datetime

MOST_NAMED = 5


class RetailLetter(models.Model):
    """What a letter says: figures, how far the data can be trusted, what is late."""

    _inherit = "retail.letter"

    report_due_count = fields.Integer("Daily reports due", readonly=True)
    report_filed_count = fields.Integer("Daily reports filed", readonly=True)
    report_validated_count = fields.Integer("Daily reports validated", readonly=True)
    finding_count = fields.Integer("Data quality violations", readonly=True)
    outdated_count = fields.Integer("Outdated figures", readonly=True)
    figures_at = fields.Datetime(
        "Figures as of", readonly=True, help="When the oldest of them was computed."
    )
    is_validated = fields.Boolean(
        "Validated data",
        readonly=True,
        help="Every daily report due in the week was validated, no data quality "
        "violation stood in the way and no figure was outdated when it was written.",
    )

    # === Figures === #
    def _note_figures(self):
        week = timedelta(days=7)
        now = self._figures(self.date_from, self.date_to)
        before = self._figures(self.date_from - week, self.date_to - week)
        self.env["retail.letter.line"].create(
            [
                {
                    "letter_id": self.id,
                    "kpi_id": kpi.id,
                    "value": now[kpi],
                    "has_before": kpi in before,
                    "before_value": before.get(kpi, 0),
                }
                for kpi in sorted(now, key=lambda kpi: (kpi.sequence, kpi.id))
            ]
        )

    def _figures(self, first, last):
        """Return dict retail.kpi -> figure of some days, read as dashboards read it."""
        rows = self.env["retail.kpi.snapshot"]._read_group(
            self._scope()
            & fields.Domain("day", ">=", first)
            & fields.Domain("day", "<=", last),
            ["kpi_id"],
            ["value:avg"],
        )
        return {kpi: value for kpi, value in rows if value is not None}

    # === How far the data can be trusted === #
    def _note_quality(self):
        reports = self.env["retail.store.report"].search(
            self._scope()
            & fields.Domain("is_current", "=", True)
            & fields.Domain("due_at", "!=", False)
            & fields.Domain("business_date", ">=", self.date_from)
            & fields.Domain("business_date", "<=", self.date_to)
        )
        filed = reports.filtered(lambda report: report.filing in ("on_time", "late"))
        validated = reports.filtered(lambda report: report.state == "validated")
        computed = self.env["retail.kpi"].search([("computed_at", "!=", False)])
        values = {
            "report_due_count": len(reports),
            "report_filed_count": len(filed),
            "report_validated_count": len(validated),
            "finding_count": self._count_findings(),
            "outdated_count": self._count_outdated(),
            "figures_at": min(computed.mapped("computed_at"), default=False),
        }
        flaws = values["finding_count"] + values["outdated_count"]
        is_validated = not flaws and len(validated) == len(reports)
        self.write({**values, "is_validated": is_validated})

    def _quality_text(self):
        return self.env._(
            "Daily reports: %(due)s due, %(filed)s filed, %(validated)s validated. "
            "Data quality violations: %(findings)s. Outdated figures: %(outdated)s. "
            "Figures as of %(figures_at)s, written %(written_at)s.",
            due=self.report_due_count,
            filed=self.report_filed_count,
            validated=self.report_validated_count,
            findings=self.finding_count,
            outdated=self.outdated_count,
            figures_at=self._local(self.figures_at),
            written_at=self._local(self.written_at),
        )

    def _local(self, moment):
        """Return a moment by the clock of whoever the letter is about, and its zone."""
        if not moment:
            return "–"
        reader = self.user_id or self.company_id
        zone = self.store_id.tz or reader.partner_id.tz or "UTC"
        text = format_datetime(self.env, moment, tz=zone, dt_format="short")
        return f"{text} ({zone})"

    def _count_findings(self):
        stores = fields.Domain("store_id", "=", self.store_id.id)
        if not self.store_id:
            stores = self._in_company() & self._in_region("store_id.region_id")
        return self.env["retail.data.finding"].search_count(stores)

    def _count_outdated(self):
        return self.env["retail.kpi.snapshot"].search_count(
            self._scope()
            & fields.Domain("is_outdated", "=", True)
            & fields.Domain("day", ">=", self.date_from)
            & fields.Domain("day", "<=", self.date_to)
        )

    # === What needs somebody === #
    def _needing_somebody(self):
        """Return what is overdue, the worst first, each with the cases that say so.

        :return: list of dicts with text and exception_ids
        """
        overdue = self.env["retail.exception"].search(
            self._scope() & fields.Domain("is_overdue", "=", True), order="resolve_due"
        )
        if self.store_id:
            return [self._case_line(case) for case in overdue[:MOST_NAMED]]
        stores = sorted(
            overdue.grouped("store_id").items(),
            key=lambda item: (-len(item[1]), item[0].code),
        )
        return [self._store_line(*item) for item in stores[:MOST_NAMED]]

    def _case_line(self, case):
        text = self.env._(
            "%(reference)s %(summary)s: due %(due)s, with %(assignee)s",
            reference=case.name,
            summary=case.summary,
            due=self._due_day(case),
            assignee=case.user_id.name or self.env._("nobody"),
        )
        return {"text": text, "exception_ids": case.ids}

    def _due_day(self, case):
        """Return the store's day on which a case is due, in the reader's format."""
        zoned = self.with_context(tz=case.store_id.tz)
        local = fields.Datetime.context_timestamp(zoned, case.resolve_due)
        return format_date(self.env, local.date())

    def _store_line(self, store, cases):
        grave = cases.filtered(lambda case: case.severity in ("high", "critical"))
        text = self.env._(
            "%(store)s: %(count)s overdue, %(grave)s of them high or critical "
            "(%(references)s)",
            store=store.display_name,
            count=len(cases),
            grave=len(grave),
            references=", ".join(cases[:MOST_NAMED].mapped("name")),
        )
        return {"text": text, "exception_ids": cases.ids}
