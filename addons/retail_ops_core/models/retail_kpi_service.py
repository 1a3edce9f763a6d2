from odoo import api, models
from odoo.tools import SQL

HOURS_TO_RESOLUTION = SQL("EXTRACT(EPOCH FROM exc.resolved_at - exc.opened_at) / 3600")
HOURS_TO_CLOSURE = SQL("EXTRACT(EPOCH FROM exc.closed_at - exc.opened_at) / 3600")


class RetailKpi(models.Model):
    """How long customers wait, how long a day stays open, and what is corrected."""

    _inherit = "retail.kpi"

    @api.model
    def _kpi_return_resolution(self, first, last):
        """Hours from opening to resolution, of returns resolved that day."""
        return self._facts_of_exceptions(
            SQL("exc.resolved_at"),
            HOURS_TO_RESOLUTION,
            SQL(
                "exc.state IN ('resolved', 'closed') AND exc.type_id = %s",
                self.env.ref("retail_ops_core.type_return_case").id,
            ),
            first,
            last,
        )

    @api.model
    def _kpi_service_recovery(self, first, last):
        """Hours from complaint to closure, of complaints closed that day."""
        return self._facts_of_exceptions(
            SQL("exc.closed_at"),
            HOURS_TO_CLOSURE,
            SQL(
                "exc.state = 'closed' AND exc.type_id = %s",
                self.env.ref("retail_ops_core.type_customer_complaint").id,
            ),
            first,
            last,
        )

    @api.model
    def _kpi_daily_close(self, first, last):
        """Hours from the cut-off to the validated report, of those validated that day.

        One that is validated before its cut-off took none.
        """
        return self._facts_of_reports(
            SQL("report.validated_at"),
            SQL(
                "GREATEST(EXTRACT(EPOCH FROM report.validated_at - report.due_at), 0)"
                " / 3600"
            ),
            SQL("report.state = 'validated' AND report.due_at IS NOT NULL"),
            first,
            last,
        )

    @api.model
    def _kpi_manual_corrections(self, first, last):
        """Daily reports submitted that day that correct an earlier version."""
        return self._facts_of_reports(
            SQL("report.submitted_at"),
            SQL("(report.version > 1)::int"),
            SQL("report.state <> 'draft'"),
            first,
            last,
        )

    @api.model
    def _facts_of_reports(self, moment, numerator, where, first, last):
        return SQL(
            """
            SELECT report.store_id, report.company_id, NULL::varchar AS family,
                   %(day)s AS day, %(moment)s AS moment, report.id AS record_id,
                   (%(numerator)s)::numeric AS numerator, 1::numeric AS denominator
              FROM retail_store_report report
              JOIN retail_store store ON store.id = report.store_id
             WHERE %(on_days)s AND %(where)s
            """,
            day=self._day(moment),
            moment=moment,
            numerator=numerator,
            on_days=self._on_days(moment, first, last),
            where=where,
        )
