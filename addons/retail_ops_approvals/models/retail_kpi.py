from odoo import api, models
from odoo.tools import SQL

MARKDOWNS = ("price_change", "discount_override")


class RetailKpi(models.Model):
    """How long decisions take, by the day they were made.

    Means that add up over stores and days; medians and percentiles, which do not,
    stand in retail.approval.turnaround.
    """

    _inherit = "retail.kpi"

    @api.model
    def _kpi_approval_cycle_time(self, first, last):
        """Hours by the clock from request to last decision, where people decided."""
        return self._facts_of_decisions(SQL("TRUE"), first, last)

    @api.model
    def _kpi_refund_turnaround(self, first, last):
        """The same, of refunds alone."""
        refund = self.env.ref("retail_ops_approvals.kind_refund_exception")
        return self._facts_of_decisions(
            SQL("request.kind_id = %s", refund.id), first, last
        )

    @api.model
    def _kpi_approvals_overdue(self, first, last):
        """Requests decided that day of which a step had passed its deadline."""
        late = SQL(
            """EXISTS (SELECT FROM retail_approval_request_step step
                        WHERE step.request_id = request.id
                          AND (step.escalation_level > 0
                               OR step.is_escalation_over))::int::numeric"""
        )
        return self._facts_of_decisions(SQL("TRUE"), first, last, late)

    @api.model
    def _kpi_markdown_exposure(self, first, last):
        """Money given up by markdowns and discounts approved that day, by whomever."""
        moment = SQL("request.decided_at")
        return SQL(
            """
            SELECT request.store_id, request.company_id, NULL::varchar AS family,
                   %(day)s AS day, request.decided_at AS moment,
                   request.id AS record_id,
                   COALESCE(request.company_amount, 0)::numeric AS numerator,
                   1::numeric AS denominator
              FROM retail_approval_request request
              JOIN retail_request_kind kind ON kind.id = request.kind_id
              LEFT JOIN retail_store store ON store.id = request.store_id
             WHERE %(on_days)s AND kind.code = ANY(%(codes)s)
               AND request.state = 'approved'
            """,
            day=self._day(moment),
            on_days=self._on_days(moment, first, last),
            codes=list(MARKDOWNS),
        )

    @api.model
    def _kpi_policy_adherence(self, first, last):
        """Cases held by the matrix, finished that day, with an approved request."""
        cases = self.env["retail.exception"]
        approved = cases._approved_condition()
        return self._facts_of_exceptions(
            SQL("exc.resolved_at"),
            SQL("%s::int", approved),
            SQL(
                "exc.state IN ('resolved', 'closed') AND (%s OR %s)",
                approved,
                cases._held_condition(),
            ),
            first,
            last,
            cases._held_joins(),
        )

    @api.model
    def _facts_of_decisions(self, where, first, last, numerator=None):
        moment = SQL("request.decided_at")
        hours = SQL(
            "EXTRACT(EPOCH FROM request.decided_at - request.requested_at)/3600"
        )
        return SQL(
            """
            SELECT request.store_id, request.company_id, NULL::varchar AS family,
                   %(day)s AS day, request.decided_at AS moment,
                   request.id AS record_id, %(numerator)s AS numerator,
                   1::numeric AS denominator
              FROM retail_approval_request request
              LEFT JOIN retail_store store ON store.id = request.store_id
             WHERE %(on_days)s AND %(where)s
               AND request.state IN ('approved', 'rejected')
               AND request.is_automatic IS NOT TRUE
            """,
            day=self._day(moment),
            numerator=numerator or hours,
            on_days=self._on_days(moment, first, last),
            where=where,
        )
