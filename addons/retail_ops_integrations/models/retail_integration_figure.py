from odoo import api, fields, models

# The hour before the current one; those already there are left alone.
SNAPSHOT = """
    WITH hour AS (
        SELECT date_trunc('hour', now() AT TIME ZONE 'utc') - interval '1 hour' AS at
    ), events AS (
        SELECT event.source_id, count(*) AS handled,
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
        hour, direction, source_id, endpoint_id, name, company_id, handled,
        transient_failures, business_failures, retries, p95, backlog, dead_letters
    )
    SELECT hour.at, flow.direction, flow.source_id, flow.endpoint_id, flow.name,
           flow.company_id,
           COALESCE(events.handled, attempts.handled, 0),
           COALESCE(events.transient_failures, attempts.transient_failures, 0),
           COALESCE(events.business_failures, 0),
           COALESCE(events.retries, attempts.retries, 0),
           COALESCE(events.p95, attempts.p95, 0), flow.backlog, flow.dead_letters
      FROM hour CROSS JOIN retail_integration_flow AS flow
 LEFT JOIN events ON events.source_id = flow.source_id
 LEFT JOIN attempts ON attempts.endpoint_id = flow.endpoint_id
     WHERE NOT EXISTS (SELECT FROM retail_integration_figure AS taken
                        WHERE taken.hour = hour.at)
    RETURNING id
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
    transient_failures = fields.Integer(string="Transient failures", readonly=True)
    business_failures = fields.Integer(string="Rule failures", readonly=True)
    success_rate = fields.Float(
        string="Success %",
        digits=(5, 1),
        aggregator="avg",
        compute="_compute_success_rate",
        store=True,
        help="Of what was handled in the hour, how much did not fail.",
    )
    retries = fields.Integer(readonly=True)
    p95 = fields.Float(string="p95 (s)", aggregator="max", readonly=True)
    backlog = fields.Integer(aggregator="max", readonly=True)
    dead_letters = fields.Integer(aggregator="max", readonly=True)

    _hour_idx = models.Index("(hour)")

    @api.depends("handled", "transient_failures", "business_failures")
    def _compute_success_rate(self):
        for figure in self:
            failed = figure.transient_failures + figure.business_failures
            share = failed / figure.handled if figure.handled else 0
            figure.success_rate = 100 * max(1 - share, 0)

    @api.model
    def _take_snapshot(self):
        """Keep the figures of the last full hour, once."""
        self.env.flush_all()
        self.env.cr.execute(SNAPSHOT)
        taken = self.browse(row_id for (row_id,) in self.env.cr.fetchall())
        self.env.add_to_compute(self._fields["success_rate"], taken)
        taken.flush_recordset()
