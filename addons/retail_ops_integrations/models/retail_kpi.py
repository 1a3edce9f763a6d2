from odoo import api, models
from odoo.tools import SQL


class RetailKpi(models.Model):
    """How much of what sources list had arrived by itself."""

    _inherit = "retail.kpi"

    @api.model
    def _kpi_sync_reliability(self, first, last):
        """Events of lists that ended on the day (UTC) and were here already.

        Lists belong to a company's source and to no store.
        """
        moment = SQL("run.period_to")
        return SQL(
            """
            SELECT NULL::int AS store_id, run.company_id, NULL::varchar AS family,
                   %(day)s AS day, run.id AS record_id,
                   (run.matched - COALESCE(run.repaired_before, 0))::numeric
                       AS numerator,
                   run.counted::numeric AS denominator
              FROM retail_reconciliation_run run
              LEFT JOIN retail_store store ON FALSE
             WHERE %(on_days)s AND run.state = 'done' AND run.counted > 0
            """,
            day=self._day(moment),
            on_days=self._on_days(moment, first, last),
        )
