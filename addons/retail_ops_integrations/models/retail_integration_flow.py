from datetime import timedelta

from odoo import api, fields, models, tools
from odoo.tools import SQL

from ..tools import latency
from .retail_event_type import LATENCY_CLASSES

# What is open is counted whatever its age; what is through, for the last 24 hours.
FLOWS = """
    SELECT source.id * 2 AS id, 'in' AS direction, source.id AS source_id,
           NULL::int AS endpoint_id, source.name, source.company_id, source.state,
           source.latency_class, handled.count AS handled,
           handled.succeeded, handled.transient_failures, handled.business_failures,
           handled.retries, handled.p50, handled.p95,
           waiting.count AS backlog, waiting.oldest_at,
           dead.count AS dead_letters
      FROM retail_source AS source
     CROSS JOIN LATERAL (
           SELECT count(*) AS count,
                  count(*) FILTER (WHERE job.state = 'done') AS succeeded,
                  count(*) FILTER (WHERE job.error_class = 'transient'
                                     AND job.state <> 'done') AS transient_failures,
                  count(*) FILTER (WHERE job.error_class = 'business'
                                     AND job.state <> 'done') AS business_failures,
                  COALESCE(sum(GREATEST(job.attempts - 1, 0)), 0) AS retries,
                  percentile_cont(0.5) WITHIN GROUP (ORDER BY EXTRACT(EPOCH FROM
                      job.finished_at - event.received_at))
                      FILTER (WHERE job.state = 'done') AS p50,
                  percentile_cont(0.95) WITHIN GROUP (ORDER BY EXTRACT(EPOCH FROM
                      job.finished_at - event.received_at))
                      FILTER (WHERE job.state = 'done') AS p95
             FROM retail_event AS event
             JOIN retail_event_job AS job ON job.payload_id = event.id
            WHERE event.source_id = source.id
              AND event.received_at > (now() AT TIME ZONE 'utc') - interval '1 day'
     ) AS handled
     CROSS JOIN LATERAL (
           SELECT count(*) AS count, min(event.received_at) AS oldest_at
             FROM retail_event_job AS job
             JOIN retail_event AS event ON event.id = job.payload_id
            WHERE job.source_id = source.id
              AND job.state IN ('received', 'waiting', 'pending', 'leased')
     ) AS waiting
     CROSS JOIN LATERAL (
           SELECT count(*) AS count FROM retail_event_job AS job
            WHERE job.source_id = source.id AND job.state IN ('dead', 'parked')
     ) AS dead
     WHERE source.state <> 'draft'
    UNION ALL
    SELECT endpoint.id * 2 + 1, 'out', NULL, endpoint.id, endpoint.name,
           endpoint.company_id, endpoint.state, endpoint.latency_class,
           handled.count, handled.succeeded, handled.failed, 0, handled.retries,
           arrived.p50, arrived.p95, waiting.count, waiting.oldest_at, dead.count
      FROM retail_endpoint AS endpoint
     CROSS JOIN LATERAL (
           SELECT count(*) AS count,
                  count(*) FILTER (WHERE attempt.status BETWEEN 200 AND 299)
                      AS succeeded,
                  count(*) FILTER (WHERE attempt.status NOT BETWEEN 200 AND 299)
                      AS failed,
                  count(*) FILTER (WHERE attempt.number > 1) AS retries
             FROM retail_delivery_attempt AS attempt
             JOIN retail_delivery AS delivery ON delivery.id = attempt.delivery_id
            WHERE delivery.endpoint_id = endpoint.id
              AND attempt.attempted_at
                  > (now() AT TIME ZONE 'utc') - interval '1 day'
     ) AS handled
     CROSS JOIN LATERAL (
           SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY age.seconds) AS p50,
                  percentile_cont(0.95) WITHIN GROUP (ORDER BY age.seconds) AS p95
             FROM (SELECT EXTRACT(EPOCH FROM
                          delivery.delivered_at - outbox.published_at) AS seconds
                     FROM retail_delivery AS delivery
                     JOIN retail_outbox AS outbox ON outbox.id = delivery.outbox_id
                    WHERE delivery.endpoint_id = endpoint.id
                      AND delivery.state = 'delivered'
                      AND delivery.delivered_at
                          > (now() AT TIME ZONE 'utc') - interval '1 day') AS age
     ) AS arrived
     CROSS JOIN LATERAL (
           SELECT count(*) AS count, min(outbox.published_at) AS oldest_at
             FROM retail_delivery AS delivery
             JOIN retail_outbox AS outbox ON outbox.id = delivery.outbox_id
            WHERE delivery.endpoint_id = endpoint.id
              AND delivery.state IN ('waiting', 'pending', 'leased')
     ) AS waiting
     CROSS JOIN LATERAL (
           SELECT count(*) AS count FROM retail_delivery AS delivery
            WHERE delivery.endpoint_id = endpoint.id AND delivery.state = 'dead'
     ) AS dead
     WHERE endpoint.state <> 'draft'
"""


class RetailIntegrationFlow(models.Model):
    """A source or an endpoint in figures, as they are at this moment."""

    _name = "retail.integration.flow"
    _description = "Integration in figures"
    _auto = False
    _order = "direction, name"

    direction = fields.Selection([("in", "In"), ("out", "Out")], readonly=True)
    source_id = fields.Many2one("retail.source", readonly=True)
    endpoint_id = fields.Many2one("retail.endpoint", readonly=True)
    name = fields.Char(readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    state = fields.Char(readonly=True)
    latency_class = fields.Selection(LATENCY_CLASSES, readonly=True)
    handled = fields.Integer(
        string="24 h", readonly=True, help="Events, or attempts to deliver."
    )
    succeeded = fields.Integer(readonly=True)
    transient_failures = fields.Integer(
        string="Transient failures",
        readonly=True,
        help="Heal by themselves: tried again.",
    )
    business_failures = fields.Integer(
        string="Rule failures",
        readonly=True,
        help="Wait for a person: never tried again by themselves.",
    )
    retries = fields.Integer(readonly=True)
    p50 = fields.Float(string="p50 (s)", digits=(12, 1), readonly=True)
    p95 = fields.Float(
        string="p95 (s)",
        digits=(12, 1),
        readonly=True,
        help="From the fact's arrival or publication to its effect or delivery.",
    )
    backlog = fields.Integer(
        readonly=True, help="Not through yet: throttled and paused ones included."
    )
    oldest_at = fields.Datetime(string="Oldest since", readonly=True)
    dead_letters = fields.Integer(readonly=True)
    success_rate = fields.Float(
        string="Success %",
        compute="_compute_figures",
        digits=(5, 1),
        help="Of what succeeded or failed: what waits or was superseded is neither.",
    )
    oldest_seconds = fields.Integer(compute="_compute_figures")
    oldest_age = fields.Char(
        string="Oldest",
        compute="_compute_figures",
        help="Age of the oldest that is not through, paused and throttled included.",
    )
    limit_seconds = fields.Integer(
        string="Limit (s)",
        compute="_compute_figures",
        help="What the latency class allows from the fact to its effect.",
    )
    is_late = fields.Boolean(compute="_compute_figures")
    completeness = fields.Float(
        string="Complete %",
        compute="_compute_completeness",
        help="Of what the source lists, how much had arrived by itself.",
    )

    answers = fields.Integer(
        compute="_compute_answers", help="Requests that the door answered in 24 hours."
    )
    answer_p95 = fields.Float(
        string="Door p95 (s)",
        compute="_compute_answers",
        digits=(12, 3),
        help="Within how many seconds 95 of 100 requests of the last 24 hours were "
        "stored and answered.",
    )
    is_compared = fields.Boolean(
        compute="_compute_completeness",
        help="Whether a list of the source was compared in the last 30 days.",
    )

    def init(self):
        tools.drop_view_if_exists(self.env.cr, self._table)
        self.env.cr.execute(
            SQL("CREATE VIEW %s AS %s", SQL.identifier(self._table), SQL(FLOWS))
        )

    @api.depends(
        "succeeded",
        "transient_failures",
        "business_failures",
        "oldest_at",
        "p95",
        "latency_class",
    )
    def _compute_figures(self):
        now = fields.Datetime.now()
        for flow in self:
            failed = flow.transient_failures + flow.business_failures
            through = flow.succeeded + failed
            flow.success_rate = 100 * flow.succeeded / through if through else 100
            age = (now - flow.oldest_at).total_seconds() if flow.oldest_at else 0
            flow.oldest_seconds = max(age, 0)
            flow.oldest_age = flow.oldest_at and latency.spell(flow.oldest_seconds)
            flow.limit_seconds = latency.LIMITS[flow.latency_class or "scheduled"]
            flow.is_late = max(flow.p95, flow.oldest_seconds) > flow.limit_seconds

    def _compute_answers(self):
        since = fields.Datetime.now() - timedelta(days=1)
        times = self.env["retail.door.answer"]._p95_of(self.source_id, since)
        for flow in self:
            flow.answer_p95, flow.answers = times.get(flow.source_id, (0, 0))

    def _compute_completeness(self):
        known = self.env["retail.reconciliation.run"]._completeness_of(self.source_id)
        for flow in self:
            flow.completeness = known.get(flow.source_id, 0)
            flow.is_compared = flow.source_id in known

    def action_open(self):
        """Open the source or the endpoint."""
        self.ensure_one()
        record = self.source_id or self.endpoint_id
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "view_mode": "form",
        }
