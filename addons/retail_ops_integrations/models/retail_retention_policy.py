from odoo import api, fields, models
from odoo.exceptions import ValidationError

BATCH = 1000
MIN_KEY_DAYS = 35  # the longest producers retry, thirty days, and some more

# Each takes a batch of what is older than its days; what waits for a person stays.
PURGES = {
    "event_payload": """
        WITH batch AS (
            SELECT event.id FROM retail_event AS event
              JOIN retail_event_job AS job ON job.payload_id = event.id
         LEFT JOIN retail_event_type AS type ON type.id = event.event_type_id
             WHERE event.raw_body IS NOT NULL
               AND job.state IN ('done', 'skipped', 'superseded')
               AND event.received_at < (now() AT TIME ZONE 'utc') - make_interval(
                   days => COALESCE(NULLIF(type.payload_days, 0), %(days)s))
          ORDER BY event.received_at LIMIT %(batch)s
               FOR UPDATE OF event SKIP LOCKED
        ), corrected AS (
            DELETE FROM retail_event_correction USING batch
             WHERE retail_event_correction.event_id = batch.id
        )
        UPDATE retail_event SET raw_body = NULL FROM batch
         WHERE retail_event.id = batch.id
    """,
    "event_key": """
        DELETE FROM retail_event WHERE id IN (
            SELECT event.id FROM retail_event AS event
              JOIN retail_event_job AS job ON job.payload_id = event.id
             WHERE job.state IN ('done', 'skipped', 'superseded')
               AND event.received_at
                   < (now() AT TIME ZONE 'utc') - make_interval(days => %(days)s)
          ORDER BY event.received_at LIMIT %(batch)s
               FOR UPDATE OF event SKIP LOCKED)
    """,
    "outbox_payload": """
        UPDATE retail_outbox SET data = NULL WHERE id IN (
            SELECT outbox.id FROM retail_outbox AS outbox
             WHERE outbox.data IS NOT NULL
               AND outbox.published_at
                   < (now() AT TIME ZONE 'utc') - make_interval(days => %(days)s)
               AND NOT EXISTS (SELECT FROM retail_delivery AS delivery
                                WHERE delivery.outbox_id = outbox.id
                                  AND delivery.state NOT IN ('delivered', 'cancelled'))
          ORDER BY outbox.published_at LIMIT %(batch)s
               FOR UPDATE OF outbox SKIP LOCKED)
    """,
    "outbox_key": """
        DELETE FROM retail_outbox WHERE id IN (
            SELECT outbox.id FROM retail_outbox AS outbox
             WHERE outbox.published_at
                   < (now() AT TIME ZONE 'utc') - make_interval(days => %(days)s)
               AND NOT EXISTS (SELECT FROM retail_delivery AS delivery
                                WHERE delivery.outbox_id = outbox.id
                                  AND delivery.state NOT IN ('delivered', 'cancelled'))
          ORDER BY outbox.published_at LIMIT %(batch)s
               FOR UPDATE OF outbox SKIP LOCKED)
    """,
    "attempt_response": """
        UPDATE retail_delivery_attempt SET response = NULL WHERE id IN (
            SELECT id FROM retail_delivery_attempt
             WHERE response IS NOT NULL
               AND attempted_at
                   < (now() AT TIME ZONE 'utc') - make_interval(days => %(days)s)
          ORDER BY attempted_at LIMIT %(batch)s
               FOR UPDATE SKIP LOCKED)
    """,
    "figure": """
        DELETE FROM retail_integration_figure WHERE id IN (
            SELECT id FROM retail_integration_figure
             WHERE hour < (now() AT TIME ZONE 'utc') - make_interval(days => %(days)s)
             LIMIT %(batch)s)
    """,
}
KEYS = ("event_key", "outbox_key")


class RetailRetentionPolicy(models.Model):
    """How long each class of integration data is kept."""

    _name = "retail.retention.policy"
    _description = "Retention of integration data"
    _order = "days, id"
    _rec_name = "data_class"

    data_class = fields.Selection(
        [
            ("event_payload", "Payloads of events, with their corrections"),
            ("event_key", "Events altogether: id, digest, outcome"),
            ("outbox_payload", "Payloads of published facts"),
            ("outbox_key", "Published facts and their deliveries altogether"),
            ("attempt_response", "What receivers answered"),
            ("reconciliation_file", "Files and lists that were compared"),
            ("figure", "Trends by the hour"),
        ],
        required=True,
        readonly=True,
    )
    days = fields.Integer(
        required=True,
        help="Days it is kept. Ids and digests of events, by which a repeat is known, "
        "are kept 35 days at least: producers retry for thirty.",
    )
    last_run_at = fields.Datetime(readonly=True)
    purged = fields.Integer(
        string="Gone so far", readonly=True, help="Rows since the policy began."
    )

    _class_unique = models.UniqueIndex(
        "(data_class)", "There is a policy for this class already."
    )

    @api.constrains("days", "data_class")
    def _check_days(self):
        for policy in self:
            least = MIN_KEY_DAYS if policy.data_class in KEYS else 1
            if policy.days < least:
                raise ValidationError(
                    self.env._(
                        "Keep this for %s days at least: repeats of events are known "
                        "by it.",
                        least,
                    )
                )

    def write(self, vals):
        """Note in the ledger who changed how long something is kept."""
        done = super().write(vals)
        if "days" in vals:
            facts = [
                {"class": policy.data_class, "days": policy.days} for policy in self
            ]
            self.env["retail.audit.entry"]._record(self, "retention.changed", facts)
        return done

    @api.model
    def _purge(self):
        """Remove what has been kept long enough, batch by batch.

        Called by the Scheduled Action “Integrations: retention”. It may be stopped at
        any time: the next run finds what is left.
        """
        commit_progress = self.env["ir.cron"]._commit_progress
        policies = self.sudo().search([("days", ">", 0)])
        commit_progress(remaining=len(policies))
        for policy in policies:
            while policy._purge_batch():
                if not commit_progress():
                    return
            policy.last_run_at = fields.Datetime.now()
            commit_progress(1)

    def _purge_batch(self):
        """Remove one batch; return whether there may be more."""
        if self.data_class == "reconciliation_file":
            count = self.env["retail.reconciliation.run"]._forget_files(
                self.days, BATCH
            )
        else:
            values = {"days": self.days, "batch": BATCH}
            self.env.cr.execute(PURGES[self.data_class], values)
            count = self.env.cr.rowcount
        self.purged += count
        self.flush_recordset()
        self.env.invalidate_all()
        return count == BATCH
