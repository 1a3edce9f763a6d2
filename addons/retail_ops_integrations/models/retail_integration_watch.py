import json

from odoo import api, models

from ..tools import latency
from .retail_integration_alert import Finding

CHECKS = ("backlog", "inbox", "dead", "receipts", "silence", "job", "gap")
DEAD_AFTER_SECONDS = 900

LATE_DELIVERIES = """
    SELECT endpoint.id, count(*),
           EXTRACT(EPOCH FROM (now() AT TIME ZONE 'utc') - min(outbox.published_at))
      FROM retail_endpoint AS endpoint
      JOIN retail_delivery AS delivery
        ON delivery.endpoint_id = endpoint.id
       AND delivery.state IN ('waiting', 'pending', 'leased')
      JOIN retail_outbox AS outbox ON outbox.id = delivery.outbox_id
     WHERE endpoint.late_after_minutes > 0
  GROUP BY endpoint.id
    HAVING min(outbox.published_at) < (now() AT TIME ZONE 'utc')
           - make_interval(mins => endpoint.late_after_minutes)
"""

LATE_EVENTS = """
    SELECT source.id, count(*),
           EXTRACT(EPOCH FROM (now() AT TIME ZONE 'utc') - min(event.received_at))
      FROM retail_source AS source
      JOIN retail_event_job AS job
        ON job.source_id = source.id
       AND job.state IN ('received', 'waiting', 'pending', 'leased')
      JOIN retail_event AS event ON event.id = job.payload_id
  GROUP BY source.id
    HAVING min(event.received_at) < (now() AT TIME ZONE 'utc')
           - make_interval(secs => (%(limits)s::jsonb ->> source.latency_class)::int)
"""

DEAD_EVENTS = """
    SELECT job.source_id, count(*), EXTRACT(EPOCH FROM (now() AT TIME ZONE 'utc')
           - min(COALESCE(job.finished_at, event.received_at)))
      FROM retail_event_job AS job
      JOIN retail_event AS event ON event.id = job.payload_id
     WHERE job.state IN ('dead', 'parked')
  GROUP BY job.source_id
    HAVING min(COALESCE(job.finished_at, event.received_at))
           < (now() AT TIME ZONE 'utc') - make_interval(secs => %(limit)s)
"""

DEAD_DELIVERIES = """
    SELECT endpoint_id, count(*),
           EXTRACT(EPOCH FROM (now() AT TIME ZONE 'utc') - min(next_at))
      FROM retail_delivery WHERE state = 'dead'
  GROUP BY endpoint_id
    HAVING min(next_at)
           < (now() AT TIME ZONE 'utc') - make_interval(secs => %(limit)s)
"""

UNACKNOWLEDGED = """
    SELECT endpoint.id, count(*),
           EXTRACT(EPOCH FROM (now() AT TIME ZONE 'utc') - min(delivery.delivered_at))
      FROM retail_endpoint AS endpoint
      JOIN retail_delivery AS delivery
        ON delivery.endpoint_id = endpoint.id AND delivery.state = 'delivered'
       AND delivery.delivered_at >= endpoint.receipts_since
       AND delivery.delivered_at < (now() AT TIME ZONE 'utc')
           - make_interval(mins => endpoint.receipt_minutes)
     WHERE endpoint.receipt_source_id IS NOT NULL
       AND NOT EXISTS (SELECT FROM retail_receipt AS receipt
                        WHERE receipt.delivery_id = delivery.id)
  GROUP BY endpoint.id
"""

SILENT_SOURCES = """
    SELECT source.id, 1, EXTRACT(EPOCH FROM (now() AT TIME ZONE 'utc') - heard.last_at)
      FROM retail_source AS source
     CROSS JOIN LATERAL (
           SELECT GREATEST(
                  source.watched_since,
                  (SELECT max(beat_at) FROM retail_heartbeat
                    WHERE source_id = source.id),
                  (SELECT event.received_at FROM retail_event AS event
                    WHERE event.source_id = source.id ORDER BY id DESC LIMIT 1)
           ) AS last_at
     ) AS heard
     WHERE source.silent_after_minutes > 0 AND source.state = 'active'
       AND heard.last_at < (now() AT TIME ZONE 'utc')
           - make_interval(mins => source.silent_after_minutes)
"""

# A job that is due for three of its intervals, a quarter of an hour at least, that
# failed three times in a row, or that ran here once and is switched off, which Odoo
# does by itself after some days of failures.
STANDING_JOBS = """
    SELECT cron.id, cron.failure_count,
           GREATEST(0, EXTRACT(EPOCH FROM (now() AT TIME ZONE 'utc') - CASE
               WHEN cron.active THEN cron.nextcall ELSE pulse.beat_at END))
      FROM ir_cron AS cron
      JOIN ir_model_data AS data
        ON data.model = 'ir.cron' AND data.res_id = cron.id
       AND starts_with(data.module, 'retail_ops_')
 LEFT JOIN retail_job_pulse AS pulse ON pulse.cron_id = cron.id
     WHERE CASE WHEN NOT cron.active THEN pulse.id IS NOT NULL
                ELSE cron.failure_count >= 3
                     OR cron.nextcall < (now() AT TIME ZONE 'utc')
                        - GREATEST(interval '15 minutes',
                                   3 * (cron.interval_number || ' '
                                        || cron.interval_type)::interval) END
"""


class RetailIntegrationAlert(models.Model):
    """The Scheduled Action that looks for what stands still."""

    _inherit = "retail.integration.alert"

    @api.model
    def _watch(self):
        """Look at everything once.

        Called by the Scheduled Action “Integrations: watch”. Each check stands for
        itself and has committed before the next one begins.
        """
        commit_progress = self.env["ir.cron"]._commit_progress
        commit_progress(remaining=len(CHECKS))
        for kind in CHECKS:
            self._settle(kind, getattr(self, f"_find_{kind}")())
            commit_progress(1)
        self.env["retail.integration.figure"]._take_snapshot()

    @api.model
    def _rows(self, query, **values):
        self.env.flush_all()
        self.env.cr.execute(query, values)
        return self.env.cr.fetchall()

    @api.model
    def _finding(self, record, summary, detail, tag=""):
        """Return a finding about a source or an endpoint."""
        link = "source_id" if record._name == "retail.source" else "endpoint_id"
        return Finding(
            f"{tag}{link.removesuffix('_id')}:{record.id}",
            record.company_id,
            summary,
            detail,
            {link: record.id},
        )

    @api.model
    def _about(self, model, rows):
        """Yield (record, count, age in words) for rows of a check."""
        for record_id, count, age in rows:
            yield self.env[model].sudo().browse(record_id), count, latency.spell(age)

    # === Checks === #
    @api.model
    def _find_backlog(self):
        """Endpoints whose oldest letter waits too long, paused ones included."""
        return [
            self._finding(
                endpoint,
                self.env._(
                    "%(endpoint)s has not been told for %(age)s",
                    endpoint=endpoint.name,
                    age=age,
                ),
                self.env._(
                    "%(count)s deliveries wait; the oldest for %(age)s. %(why)s",
                    count=count,
                    age=age,
                    why=endpoint._why_nothing_goes(),
                ),
            )
            for endpoint, count, age in self._about(
                "retail.endpoint", self._rows(LATE_DELIVERIES)
            )
        ]

    @api.model
    def _find_inbox(self):
        """Sources whose oldest event waits longer than its latency class allows."""
        limits = json.dumps(latency.LIMITS)
        return [
            self._finding(
                source,
                self.env._("Events of %s are late", source.name),
                self.env._(
                    "%(count)s events are in the queue; the oldest for %(age)s.",
                    count=count,
                    age=age,
                ),
            )
            for source, count, age in self._about(
                "retail.source", self._rows(LATE_EVENTS, limits=limits)
            )
        ]

    @api.model
    def _find_dead(self):
        """Dead letters and parked events that wait for a person too long."""
        events = self._about(
            "retail.source", self._rows(DEAD_EVENTS, limit=DEAD_AFTER_SECONDS)
        )
        deliveries = self._about(
            "retail.endpoint", self._rows(DEAD_DELIVERIES, limit=DEAD_AFTER_SECONDS)
        )
        return [
            self._finding(
                record,
                self.env._("%s: dead letters wait for a person", record.name),
                self.env._(
                    "%(count)s need a person; the first for %(age)s.",
                    count=count,
                    age=age,
                ),
            )
            for record, count, age in [*events, *deliveries]
        ]

    @api.model
    def _find_receipts(self):
        """Endpoints that were told and never said that they processed it."""
        return [
            self._finding(
                endpoint,
                self.env._("%s does not acknowledge", endpoint.name),
                self.env._(
                    "%(count)s deliveries were taken and never acknowledged; the "
                    "first was delivered %(age)s ago.",
                    count=count,
                    age=age,
                ),
            )
            for endpoint, count, age in self._about(
                "retail.endpoint", self._rows(UNACKNOWLEDGED)
            )
        ]

    @api.model
    def _find_silence(self):
        """Sources that should be heard of and are not."""
        return [
            self._finding(
                source,
                self.env._("%s is silent", source.name),
                self.env._(
                    "Neither an event nor a heartbeat came for %s.",
                    age,
                ),
            )
            for source, _count, age in self._about(
                "retail.source", self._rows(SILENT_SOURCES)
            )
        ]

    @api.model
    def _find_gap(self):
        """Sources with a reconciliation that failed or left something open."""
        return [
            self._finding(
                run.source_id,
                self.env._("%s and the log differ", run.source_id.name),
                run.error
                or self.env._(
                    "%(conflicting)s conflicts, %(refused)s refused, %(missing)s "
                    "missing without data",
                    conflicting=run.conflicting,
                    refused=run.refused,
                    missing=run.missing - run.repaired,
                ),
            )
            for run in self.env["retail.reconciliation.run"].sudo()._unsettled()
        ]

    @api.model
    def _find_job(self):
        """Scheduled Actions of this suite that do not run, only fail, or are off."""
        return [
            Finding(
                f"cron:{cron.id}",
                self.env.company,
                self.env._("“%s” does not run", cron.name),
                self._why_it_stands(cron, failures, age),
                {"cron_id": cron.id},
            )
            for cron, failures, age in self._about("ir.cron", self._rows(STANDING_JOBS))
        ]

    @api.model
    def _why_it_stands(self, cron, failures, age):
        if not cron.active:
            return self.env._("It is switched off and last ran %s ago.", age)
        return self.env._(
            "It is overdue by %(age)s and failed %(count)s times in a row.",
            age=age,
            count=failures,
        )
