from odoo import api, models
from odoo.tools import SQL


class RetailKpi(models.Model):
    """Technical indicators, from what is kept of each source and endpoint by the hour.

    They belong to a company's integrations and to no store; days and hours are UTC.
    """

    _inherit = "retail.kpi"

    @api.model
    def _kpi_webhook_failures(self, first, last):
        """Attempts to deliver of the day that no endpoint answered with success."""
        return self._facts_of_flows("out", SQL("flow.transient_failures"), first, last)

    @api.model
    def _kpi_webhook_latency(self, first, last):
        """The 95th percentile of each hour and endpoint, by its attempts."""
        return self._facts_of_flows("out", SQL("flow.p95 * flow.handled"), first, last)

    @api.model
    def _kpi_api_latency(self, first, last):
        """The 95th percentile of each hour and source at the door, by its answers."""
        return self._facts_of_flows(
            "in",
            SQL("flow.answer_p95 * flow.answers"),
            first,
            last,
            weight=SQL("flow.answers"),
        )

    @api.model
    def _kpi_job_retries(self, first, last):
        """Times that events of the day were tried again."""
        return self._facts_of_flows("in", SQL("flow.retries"), first, last)

    @api.model
    def _kpi_sync_errors(self, first, last):
        """Events of the day that failed, for a while or against a rule."""
        failures = SQL(
            "COALESCE(flow.transient_failures, 0) + COALESCE(flow.business_failures, 0)"
        )
        return self._facts_of_flows("in", failures, first, last)

    @api.model
    def _facts_of_flows(self, direction, numerator, first, last, weight=None):
        moment = SQL("flow.hour")
        weight = weight or SQL("flow.handled")
        return SQL(
            """
            SELECT NULL::int AS store_id, flow.company_id, NULL::varchar AS family,
                   %(day)s AS day, flow.hour AS moment, flow.id AS record_id,
                   COALESCE(%(numerator)s, 0)::numeric AS numerator,
                   %(weight)s::numeric AS denominator
              FROM retail_integration_figure flow
              LEFT JOIN retail_store store ON FALSE
             WHERE %(on_days)s AND flow.direction = %(direction)s AND %(weight)s > 0
            """,
            day=self._day(moment),
            numerator=numerator,
            weight=weight,
            on_days=self._on_days(moment, first, last),
            direction=direction,
        )
