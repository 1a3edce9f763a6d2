from odoo import api, models

# Gauges from the tables at the moment of the scrape: several processes and hosts
# share one truth, and nothing is lost when one of them restarts.
BACKLOG = """
    SELECT source.code, job.state, count(*),
           COALESCE(extract(epoch FROM now() AT TIME ZONE 'utc'
                                       - min(event.received_at)), 0)::float
      FROM retail_event_job AS job
      JOIN retail_event AS event ON event.id = job.payload_id
      JOIN retail_source AS source ON source.id = job.source_id
     WHERE source.company_id = %s
       AND job.state IN ('received', 'waiting', 'pending', 'leased', 'dead', 'parked')
     GROUP BY source.code, job.state ORDER BY 1, 2
"""
FLOW = """
    SELECT source.code, source.latency_class, count(*),
           count(*) FILTER (WHERE job.error_class = 'transient'),
           count(*) FILTER (WHERE job.error_class = 'business'),
           count(*) FILTER (WHERE job.attempts > 1),
           percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY extract(
               epoch FROM job.finished_at - event.received_at))
               FILTER (WHERE job.state = 'done')
      FROM retail_event_job AS job
      JOIN retail_event AS event ON event.id = job.payload_id
      JOIN retail_source AS source ON source.id = job.source_id
     WHERE source.company_id = %s
       AND event.received_at > now() AT TIME ZONE 'utc' - interval '1 hour'
     GROUP BY source.code, source.latency_class ORDER BY 1
"""
REFUSED = """
    SELECT COALESCE(source.code, ''), refusal.reason, sum(refusal.count)::int
      FROM retail_refusal AS refusal
 LEFT JOIN retail_source AS source ON source.id = refusal.source_id
     WHERE refusal.hour > now() AT TIME ZONE 'utc' - interval '24 hours'
       AND (source.company_id = %s OR refusal.source_id IS NULL)
     GROUP BY 1, 2 ORDER BY 1, 2
"""
OUTBOUND = """
    SELECT endpoint.name, delivery.state, count(*),
           COALESCE(extract(epoch FROM now() AT TIME ZONE 'utc'
                                       - min(outbox.published_at)), 0)::float
      FROM retail_delivery AS delivery
      JOIN retail_outbox AS outbox ON outbox.id = delivery.outbox_id
      JOIN retail_endpoint AS endpoint ON endpoint.id = delivery.endpoint_id
     WHERE endpoint.company_id = %s
       AND delivery.state NOT IN ('delivered', 'cancelled')
     GROUP BY endpoint.name, delivery.state ORDER BY 1, 2
"""

QUANTILES = ("0.5", "0.95")


class RetailDoorMetrics(models.AbstractModel):
    """The figures of the doors, for whoever scrapes them."""

    _name = "retail.door.metrics"
    _description = "Figures of the doors"

    @api.model
    def _families(self, company_id):
        """Return the metric families of one company.

        :param company_id: int
        :return: list for tools.prometheus.write
        """
        return [
            *self._backlog(company_id),
            *self._flow(company_id),
            self._refused(company_id),
            *self._outbound(company_id),
        ]

    @api.model
    def _rows(self, statement, company_id):
        self.env.cr.execute(statement, (company_id,))
        return self.env.cr.fetchall()

    @api.model
    def _backlog(self, company_id):
        rows = [
            ({"source": code, "state": state}, count, age)
            for code, state, count, age in self._rows(BACKLOG, company_id)
        ]
        return [
            (
                "retail_ops_inbox_events",
                "Events that are not through yet or need a person.",
                "gauge",
                [(labels, count) for labels, count, _age in rows],
            ),
            (
                "retail_ops_inbox_oldest_seconds",
                "Age of the oldest of them.",
                "gauge",
                [(labels, age) for labels, _count, age in rows],
            ),
        ]

    @api.model
    def _flow(self, company_id):
        rows = self._rows(FLOW, company_id)
        counts = {
            "received": "Events received in the last hour.",
            "transient_failures": "Of these, failed transiently.",
            "business_failures": "Of these, against a business rule or parked.",
            "retried": "Of these, tried more than once.",
        }
        families = [
            (
                f"retail_ops_inbox_{name}_1h",
                explanation,
                "gauge",
                [({"source": row[0]}, row[position]) for row in rows],
            )
            for position, (name, explanation) in enumerate(counts.items(), 2)
        ]
        return [*families, self._seconds(rows)]

    @api.model
    def _seconds(self, rows):
        return (
            "retail_ops_inbox_seconds_1h",
            "From arrival to done in the last hour, by quantile.",
            "gauge",
            [
                (
                    {"source": row[0], "latency_class": row[1], "quantile": quantile},
                    float(seconds),
                )
                for row in rows
                for quantile, seconds in zip(QUANTILES, row[6] or (), strict=False)
                if seconds is not None
            ],
        )

    @api.model
    def _refused(self, company_id):
        return (
            "retail_ops_refused_requests_24h",
            "Requests refused in 24 hours; no source: not proven to be one.",
            "gauge",
            [
                ({"source": code, "reason": reason}, count)
                for code, reason, count in self._rows(REFUSED, company_id)
            ],
        )

    @api.model
    def _outbound(self, company_id):
        rows = [
            ({"endpoint": name, "state": state}, count, age)
            for name, state, count, age in self._rows(OUTBOUND, company_id)
        ]
        return [
            (
                "retail_ops_outbox_deliveries",
                "Deliveries that have not reached their endpoint, paused included.",
                "gauge",
                [(labels, count) for labels, count, _age in rows],
            ),
            (
                "retail_ops_outbox_oldest_seconds",
                "Age of the oldest of them.",
                "gauge",
                [(labels, age) for labels, _count, age in rows],
            ),
        ]
