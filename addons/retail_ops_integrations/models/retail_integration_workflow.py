from odoo import api, fields, models, tools
from odoo.tools import SQL

from ..tools import latency
from .retail_event_type import LATENCY_CLASSES

WORKFLOWS = """
    SELECT min(event.id) AS id, event.company_id, event.type, event.version,
           COALESCE(type.latency_class, source.latency_class) AS latency_class,
           count(*) AS handled,
           count(*) FILTER (WHERE job.error_class = 'transient'
                              AND job.state <> 'done') AS transient_failures,
           count(*) FILTER (WHERE job.error_class = 'business'
                              AND job.state <> 'done') AS business_failures,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY EXTRACT(EPOCH FROM
               job.finished_at - event.received_at))
               FILTER (WHERE job.state = 'done') AS p50,
           percentile_cont(0.95) WITHIN GROUP (ORDER BY EXTRACT(EPOCH FROM
               job.finished_at - event.received_at))
               FILTER (WHERE job.state = 'done') AS p95,
           percentile_cont(0.95) WITHIN GROUP (ORDER BY EXTRACT(EPOCH FROM
               job.finished_at - event.occurred_at))
               FILTER (WHERE job.state = 'done') AS lag_p95
      FROM retail_event AS event
      JOIN retail_event_job AS job ON job.payload_id = event.id
      JOIN retail_source AS source ON source.id = event.source_id
 LEFT JOIN retail_event_type AS type ON type.id = event.event_type_id
     WHERE event.received_at > (now() AT TIME ZONE 'utc') - interval '1 day'
  GROUP BY event.company_id, event.type, event.version,
           COALESCE(type.latency_class, source.latency_class)
"""


class RetailIntegrationWorkflow(models.Model):
    """A kind of event in figures: failure rate, time taken, lag against its class."""

    _name = "retail.integration.workflow"
    _description = "Workflow in figures"
    _auto = False
    _order = "latency_class, type"
    _rec_name = "type"

    company_id = fields.Many2one("res.company", readonly=True)
    type = fields.Char(readonly=True)
    version = fields.Integer(readonly=True)
    latency_class = fields.Selection(LATENCY_CLASSES, readonly=True)
    handled = fields.Integer(string="24 h", readonly=True)
    transient_failures = fields.Integer(string="Transient failures", readonly=True)
    business_failures = fields.Integer(string="Rule failures", readonly=True)
    p50 = fields.Float(string="p50 (s)", digits=(12, 1), readonly=True)
    p95 = fields.Float(string="p95 (s)", digits=(12, 1), readonly=True)
    lag_p95 = fields.Float(
        string="Lag p95 (s)",
        digits=(12, 1),
        readonly=True,
        help="From when it happened to its effect, the sender's delay included.",
    )
    limit_seconds = fields.Integer(string="Limit (s)", compute="_compute_figures")
    failure_rate = fields.Float(
        string="Failures %", compute="_compute_figures", digits=(5, 1)
    )
    is_late = fields.Boolean(compute="_compute_figures")

    def init(self):
        tools.drop_view_if_exists(self.env.cr, self._table)
        self.env.cr.execute(
            SQL("CREATE VIEW %s AS %s", SQL.identifier(self._table), SQL(WORKFLOWS))
        )

    @api.depends("handled", "transient_failures", "business_failures", "lag_p95")
    def _compute_figures(self):
        for flow in self:
            failures = flow.transient_failures + flow.business_failures
            flow.failure_rate = 100 * failures / flow.handled if flow.handled else 0
            flow.limit_seconds = latency.LIMITS[flow.latency_class or "scheduled"]
            flow.is_late = flow.lag_p95 > flow.limit_seconds
