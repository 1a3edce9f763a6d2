from datetime import timedelta

from odoo import api, fields, models

# Code (its order is that of columns), label, hours from, hours to (None: without end).
BUCKETS = [
    ("1_day", "Up to 1 day", 0, 24),
    ("2_three_days", "1 to 3 days", 24, 72),
    ("3_week", "3 to 7 days", 72, 168),
    ("4_month", "7 to 30 days", 168, 720),
    ("5_older", "Over 30 days", 720, None),
]
KEEP_DAYS = 400


class RetailQueueAgeing(models.Model):
    """How old the open exceptions of each queue are, counted every hour."""

    _name = "retail.queue.ageing"
    _description = "Age of Open Exceptions"
    _log_access = False
    _order = "day desc, queue_id, bucket"

    day = fields.Date(required=True, readonly=True, index=True)
    counted_at = fields.Datetime(required=True, readonly=True)
    queue_id = fields.Many2one(
        "retail.queue", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    business_owner_id = fields.Many2one(related="queue_id.business_owner_id")
    bucket = fields.Selection(
        [(code, label) for code, label, _from, _to in BUCKETS],
        "Open for",
        required=True,
        readonly=True,
    )
    count = fields.Integer("Open exceptions", readonly=True)
    oldest_at = fields.Datetime("Oldest since", readonly=True)

    _bucket_unique = models.Constraint(
        "UNIQUE(day, company_id, queue_id, bucket)",
        "Each bucket of a queue is counted once a day.",
    )

    @api.model
    def _cron_count(self):
        """Scheduled Action: count the ages in every queue; repeating it is safe."""
        now = fields.Datetime.now()
        today = self.search([("day", "=", now.date())])
        today.unlink()
        self.create(
            [
                row
                for bucket in BUCKETS
                for row in self._rows_of_bucket(now, *bucket[:1], *bucket[2:])
            ]
        )
        self.search([("day", "<", now.date() - timedelta(days=KEEP_DAYS))]).unlink()

    @api.model
    def _rows_of_bucket(self, now, code, hours_from, hours_to):
        """Return values of one row for each queue and company, zeros included."""
        counts = {
            (queue, company): (count, oldest)
            for queue, company, count, oldest in self.env[
                "retail.exception"
            ]._read_group(
                self._domain_of_bucket(now, hours_from, hours_to),
                ["queue_id", "company_id"],
                ["__count", "opened_at:min"],
            )
        }
        rows = []
        for queue, company in self._queues_and_companies():
            count, oldest = counts.get((queue, company), (0, False))
            rows.append(
                {
                    "day": now.date(),
                    "counted_at": now,
                    "queue_id": queue.id,
                    "company_id": company.id,
                    "bucket": code,
                    "count": count,
                    "oldest_at": oldest,
                }
            )
        return rows

    @api.model
    def _domain_of_bucket(self, now, hours_from, hours_to):
        domain = [("is_open", "=", True)]
        if hours_from:
            domain.append(("opened_at", "<=", now - timedelta(hours=hours_from)))
        if hours_to:
            domain.append(("opened_at", ">", now - timedelta(hours=hours_to)))
        return domain

    @api.model
    def _queues_and_companies(self):
        stores = self.env["retail.store"]._read_group([], ["company_id"])
        queues = self.env["retail.queue"].search([("active", "=", True)])
        return [
            (queue, company)
            for queue in queues
            for [company] in stores
            if not queue.company_id or queue.company_id == company
        ]

    def action_open_exceptions(self):
        """Open the exceptions that stand in this bucket now."""
        self.ensure_one()
        self.check_access("read")
        [bounds] = [
            (hours_from, hours_to)
            for code, _label, hours_from, hours_to in BUCKETS
            if code == self.bucket
        ]
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "retail_ops_core.action_exception_all"
        )
        action["domain"] = [
            ("queue_id", "=", self.queue_id.id),
            ("company_id", "=", self.company_id.id),
            *self._domain_of_bucket(fields.Datetime.now(), *bounds),
        ]
        return action
