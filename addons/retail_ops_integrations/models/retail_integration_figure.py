from datetime import timedelta

from odoo import api, fields, models

# The hour before the current one; those already there are left alone.
SNAPSHOT = """
    WITH hour AS (
        SELECT date_trunc('hour', now() AT TIME ZONE 'utc') - interval '1 hour' AS at
    ), events AS (
        SELECT event.source_id, count(*) AS handled,
               count(*) FILTER (WHERE job.state = 'done') AS succeeded,
               count(*) FILTER (WHERE job.error_class = 'transient'
                                  AND job.state <> 'done') AS transient_failures,
               count(*) FILTER (WHERE job.error_class = 'business'
                                  AND job.state <> 'done') AS business_failures,
               COALESCE(sum(GREATEST(job.attempts - 1, 0)), 0) AS retries,
               percentile_cont(0.95) WITHIN GROUP (ORDER BY EXTRACT(EPOCH FROM
                   job.finished_at - event.received_at)) AS p95
          FROM hour JOIN retail_event AS event
            ON event.received_at >= hour.at
           AND event.received_at < hour.at + interval '1 hour'
          JOIN retail_event_job AS job ON job.payload_id = event.id
      GROUP BY event.source_id
    ), attempts AS (
        SELECT delivery.endpoint_id, count(*) AS handled,
               count(*) FILTER (WHERE attempt.status BETWEEN 200 AND 299)
                   AS succeeded,
               count(*) FILTER (WHERE attempt.status NOT BETWEEN 200 AND 299)
                   AS transient_failures,
               count(*) FILTER (WHERE attempt.number > 1) AS retries,
               percentile_cont(0.95) WITHIN GROUP (ORDER BY attempt.seconds) AS p95
          FROM hour JOIN retail_delivery_attempt AS attempt
            ON attempt.attempted_at >= hour.at
           AND attempt.attempted_at < hour.at + interval '1 hour'
          JOIN retail_delivery AS delivery ON delivery.id = attempt.delivery_id
      GROUP BY delivery.endpoint_id
    )
    INSERT INTO retail_integration_figure (
        hour, direction, source_id, endpoint_id, name, company_id, handled, succeeded,
        transient_failures, business_failures, success_rate, retries, p95, backlog,
        dead_letters
    )
    SELECT hour.at, flow.direction, flow.source_id, flow.endpoint_id, flow.name,
           flow.company_id, through.handled, through.succeeded,
           through.transient_failures, through.business_failures,
           round(100.0 * through.succeeded / NULLIF(through.succeeded
               + through.transient_failures + through.business_failures, 0), 1),
           COALESCE(events.retries, attempts.retries, 0),
           COALESCE(events.p95, attempts.p95, 0), flow.backlog, flow.dead_letters
      FROM hour CROSS JOIN retail_integration_flow AS flow
 LEFT JOIN events ON events.source_id = flow.source_id
 LEFT JOIN attempts ON attempts.endpoint_id = flow.endpoint_id
     CROSS JOIN LATERAL (
           SELECT COALESCE(events.handled, attempts.handled, 0) AS handled,
                  COALESCE(events.succeeded, attempts.succeeded, 0) AS succeeded,
                  COALESCE(events.transient_failures, attempts.transient_failures, 0)
                      AS transient_failures,
                  COALESCE(events.business_failures, 0) AS business_failures
     ) AS through
     WHERE NOT EXISTS (SELECT FROM retail_integration_figure AS taken
                        WHERE taken.hour = hour.at)
"""


class RetailIntegrationFigure(models.Model):
    """A source or an endpoint in one hour, kept for trends."""

    _name = "retail.integration.figure"
    _description = "Integration by the hour"
    _log_access = False
    _allow_sudo_commands = False
    _order = "hour desc, name"
    _rec_name = "name"

    hour = fields.Datetime(required=True, readonly=True)
    direction = fields.Selection([("in", "In"), ("out", "Out")], readonly=True)
    source_id = fields.Many2one("retail.source", readonly=True, ondelete="cascade")
    endpoint_id = fields.Many2one("retail.endpoint", readonly=True, ondelete="cascade")
    name = fields.Char(string="Source or endpoint", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    handled = fields.Integer(string="Throughput", readonly=True)
    succeeded = fields.Integer(readonly=True)
    transient_failures = fields.Integer(string="Transient failures", readonly=True)
    business_failures = fields.Integer(string="Rule failures", readonly=True)
    success_rate = fields.Float(
        string="Success %",
        digits=(5, 1),
        aggregator="avg",
        readonly=True,
        help="Of what ended in the hour, how much succeeded. What still waits counts "
        "neither way, and an hour in which nothing ended has none.",
    )
    retries = fields.Integer(readonly=True)
    p95 = fields.Float(string="p95 (s)", aggregator="max", readonly=True)
    answers = fields.Integer(
        readonly=True, help="Requests of the source that the door answered."
    )
    answer_p95 = fields.Float(
        string="Door p95 (s)",
        digits=(12, 3),
        aggregator="max",
        readonly=True,
        help="Within how many seconds 95 of 100 requests were stored and answered.",
    )
    backlog = fields.Integer(aggregator="max", readonly=True)
    dead_letters = fields.Integer(aggregator="max", readonly=True)

    _hour_idx = models.Index("(hour)")

    @api.model
    def _take_snapshot(self):
        """Keep the figures of the last full hour, once."""
        self.env.flush_all()
        self.env.cr.execute(SNAPSHOT)
        if self.env.cr.rowcount:
            self._note_answers()

    @api.model
    def _note_answers(self):
        """Write down how long the door took in the hour that was kept just now."""
        until = self.env.cr.now().replace(minute=0, second=0, microsecond=0)
        since = until - timedelta(hours=1)
        kept = self.search([("hour", "=", since), ("direction", "=", "in")])
        times = self.env["retail.door.answer"]._p95_of(kept.source_id, since, until)
        for figure in kept.filtered(lambda one: one.source_id in times).sudo():
            figure.answer_p95, figure.answers = times[figure.source_id]
