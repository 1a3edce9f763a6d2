from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

RECENT_DAYS = 90
MEASURES = [
    ("kind", "Request to decision, by kind"),
    ("region", "Request to decision, by region"),
    ("approver", "Asked to answered, by approver"),
]


class RetailApprovalTurnaround(models.Model):
    """Median and 95th percentile of how long decisions take.

    Percentiles cannot be added up, so each row is one whole figure: a measure, what it
    is about, and a period.
    """

    _name = "retail.approval.turnaround"
    _description = "Approval Turnaround"
    _auto = False
    _order = "measure, company_id, p95_hours desc, id"

    measure = fields.Selection(MEASURES, readonly=True)
    kind_id = fields.Many2one("retail.request.kind", readonly=True)
    region_id = fields.Many2one("retail.region", readonly=True)
    user_id = fields.Many2one("res.users", string="Approver", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    period = fields.Selection(
        [("recent", "Last 90 days"), ("month", "Month")], readonly=True
    )
    month = fields.Date(readonly=True, help="First day of the month.")
    decided_count = fields.Integer(string="Decided", readonly=True)
    p50_hours = fields.Float(
        string="Median (h)",
        aggregator=None,
        readonly=True,
        help="Half of the decisions took no longer. Hours on the clock from the "
        "request to the last decision; for an approver, from being asked to the "
        "answer. Requests that needed nobody do not count.",
    )
    p95_hours = fields.Float(
        string="95 % within (h)",
        aggregator=None,
        readonly=True,
        help="Nineteen of twenty decisions took no longer, counted as the median is.",
    )
    baseline_p50_hours = fields.Float(
        string="Baseline median (h)", compute="_compute_baseline"
    )
    baseline_p95_hours = fields.Float(
        string="Baseline 95 % (h)", compute="_compute_baseline"
    )

    @property
    def _table_query(self):
        return SQL(
            """
            WITH measured AS (%s),
            framed AS (
                SELECT measured.*, 'month' AS period,
                       date_trunc('month', decided_at)::date AS month
                  FROM measured
                 UNION ALL
                SELECT measured.*, 'recent', NULL
                  FROM measured
                 WHERE decided_at >= timezone('utc', now()) - %s * interval '1 day')
            SELECT row_number() OVER (ORDER BY measure, company_id, kind_id, region_id,
                                      user_id, period, month) AS id,
                   measure, company_id, kind_id, region_id, user_id, period, month,
                   count(*) AS decided_count,
                   percentile_cont(0.5) WITHIN GROUP (ORDER BY hours) AS p50_hours,
                   percentile_cont(0.95) WITHIN GROUP (ORDER BY hours) AS p95_hours
              FROM framed
             GROUP BY measure, company_id, kind_id, region_id, user_id, period, month
            """,
            self._query_of_measured(),
            RECENT_DAYS,
        )

    def _query_of_measured(self):
        return SQL(
            """
            SELECT dimension.measure, request.company_id, dimension.kind_id,
                   dimension.region_id, NULL::int AS user_id, request.decided_at,
                   EXTRACT(EPOCH FROM request.decided_at - request.requested_at)
                       / 3600 AS hours
              FROM retail_approval_request AS request
             CROSS JOIN LATERAL (VALUES ('kind', request.kind_id, NULL),
                                        ('region', NULL, request.region_id)
                   ) AS dimension (measure, kind_id, region_id)
             WHERE request.state IN ('approved', 'rejected')
               AND request.decided_at IS NOT NULL
               AND NOT COALESCE(request.is_automatic, false)
             UNION ALL
            SELECT 'approver', request.company_id, NULL, NULL, decision.user_id,
                   decision.decided_at,
                   EXTRACT(EPOCH FROM decision.decided_at
                       - COALESCE(step.opened_at, request.requested_at)) / 3600
              FROM retail_approval_decision AS decision
              JOIN retail_approval_request AS request
                ON request.id = decision.request_id
              JOIN retail_approval_request_step AS step ON step.id = decision.step_id
            """
        )

    @api.depends("measure", "kind_id", "region_id", "user_id", "company_id")
    def _compute_display_name(self):
        for row in self:
            about = row.kind_id or row.region_id or row.user_id
            row.display_name = about.display_name or row.company_id.name

    def _compute_baseline(self):
        baselines = self.env["retail.approval.baseline"]
        kept = {
            baseline._about(): baseline
            for baseline in baselines.search([], order="frozen_at desc, id desc")
        }  # the oldest wins: later figures are compared with the start
        for row in self:
            baseline = kept.get(row._about(), baselines)
            row.baseline_p50_hours = baseline.p50_hours
            row.baseline_p95_hours = baseline.p95_hours

    def _about(self):
        """Return what a figure is about, whatever its period."""
        about = self.kind_id.id, self.region_id.id, self.user_id.id
        return (self.measure, self.company_id.id, *about)

    # === ACTIONS === #

    def action_open_requests(self):
        """Open the requests behind the figure."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": "retail.approval.request",
            "views": [(False, "list"), (False, "form")],
            "domain": list(self._domain_of_requests()),
        }

    def _domain_of_requests(self):
        start, end = self._frame()
        field = "decided_at"
        about = Domain("company_id", "=", self.company_id.id)
        if self.measure == "approver":
            field = "decision_ids.decided_at"
            about &= Domain("decision_ids.user_id", "=", self.user_id.id)
        else:
            name = f"{self.measure}_id"
            about &= Domain(name, "=", self[name].id)
            about &= Domain("state", "in", ("approved", "rejected"))
            about &= Domain("is_automatic", "=", False)
        return about & Domain(field, ">=", start) & Domain(field, "<", end)

    def _frame(self):
        now = fields.Datetime.now()
        if self.period == "recent":
            return now - relativedelta(days=RECENT_DAYS), now
        start = fields.Datetime.to_datetime(self.month)
        return start, start + relativedelta(months=1)

    def action_freeze(self):
        """Keep the figures of the last 90 days as the dated, locked baseline.

        What has a baseline keeps it.

        :raise AccessError: to others than administrators
        :raise UserError: when none of them is of the last 90 days
        """
        if not self.env.user.has_group("retail_ops_core.group_admin"):
            raise AccessError(
                self.env._("Only a retail administrator freezes a baseline.")
            )
        recent = self.filtered(lambda row: row.period == "recent")
        if not recent:
            raise UserError(
                self.env._("Choose figures of the last 90 days to freeze them.")
            )
        self.env["retail.approval.baseline"]._freeze(recent)
        return True
