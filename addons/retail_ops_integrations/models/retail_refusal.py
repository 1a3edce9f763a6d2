import threading
import time
from collections import Counter

import psycopg2

from odoo import SUPERUSER_ID, api, fields, models

WRITE_EVERY_SECONDS = 1
WRITTEN_AT_ONCE = 20
RETENTION_DAYS = 90

# Who sends this once an hour is told to a person, and stands in the ledger.
SECURITY_EVENTS = ("event-id-reused",)
REASONS = [
    ("argument-invalid", "Argument of the address is wrong"),
    ("batch-refused", "No event of a batch was in order"),
    ("body-not-json", "Not strict JSON"),
    ("envelope-invalid", "Incomplete envelope"),
    ("event-id-missing", "No event id"),
    ("event-id-reused", "Event id used for another body"),
    ("event-not-found", "Asked for an event that is not its own"),
    ("internal-error", "Failure of this server"),
    ("media-type-unsupported", "Content type not taken"),
    ("method-not-allowed", "Method not taken"),
    ("not-found", "Unknown address"),
    ("not-system-of-record", "Not the system of record"),
    ("payload-too-large", "Body too large"),
    ("quota-exceeded", "Too many events"),
    ("schema-violation", "Data does not match the schema"),
    ("scope-missing", "API key without the scope"),
    ("temporarily-unavailable", "This server could not store"),
    ("timestamp-outside-window", "Timestamp outside the tolerance"),
    ("type-not-allowed", "Type not allowed for the source"),
    ("unauthenticated", "Missing or wrong signature, or unknown source"),
]


class _Tally:
    """Counts of this process that are not written yet.

    A burst's first ones are written at once, then whenever as many more have come as
    are written: should silence follow, the log shows half of them at least.
    """

    def __init__(self):
        self._lock = threading.Lock()
        self._counts = Counter()
        self._bursts = {}  # key to (when last written, how many of the burst)

    def add(self, key):
        """Count one, and return the sum to write when it is time to write."""
        with self._lock:
            self._counts[key] += 1
            now = time.monotonic()
            written_at, written = self._bursts.get(key, (float("-inf"), 0))
            if now - written_at >= WRITE_EVERY_SECONDS:
                written = 0
            elif WRITTEN_AT_ONCE <= written and self._counts[key] < written:
                return 0
            count = self._counts.pop(key)
            self._bursts[key] = (now, written + count)
            return count

    def put_back(self, key, count):
        """Keep a sum that could not be written for the next time."""
        with self._lock:
            self._counts[key] += count

    def clear(self):
        """Forget everything."""
        with self._lock:
            self._counts.clear()
            self._bursts.clear()


TALLY = _Tally()


class RetailRefusal(models.Model):
    """How often the door said no: one row an hour, whatever an attacker sends."""

    _name = "retail.refusal"
    _description = "Refused requests"
    _log_access = False
    _allow_sudo_commands = False
    _order = "hour desc, count desc"
    _rec_name = "reason"

    source_id = fields.Many2one(
        "retail.source",
        readonly=True,
        ondelete="cascade",
        help="Empty when the request did not prove to come from a source.",
    )
    company_id = fields.Many2one(related="source_id.company_id")
    reason = fields.Selection(REASONS, required=True, readonly=True)
    hour = fields.Datetime(required=True, readonly=True)
    count = fields.Integer(string="Requests", readonly=True)
    last_at = fields.Datetime(string="Last", readonly=True)

    _hour_unique = models.UniqueIndex(
        "(hour, reason, COALESCE(source_id, 0))",
        "Refused requests of this hour and reason are counted in one row.",
    )
    _source_idx = models.Index("(source_id, hour)")

    @api.model
    def _count(self, source_id, reason):
        """Count a refused request, in a transaction of its own.

        Each process writes ever more seldom while a flood lasts: it costs no more
        than a trickle.

        :param source_id: int, or False when nobody is proven
        :param reason: slug of the problem
        """
        key = (self.env.cr.dbname, source_id or None, reason)
        count = TALLY.add(key)
        if not count:
            return
        try:
            with self.env.registry.cursor() as cr:
                is_first = self._write_count(cr, source_id or None, reason, count)
                if is_first and source_id and reason in SECURITY_EVENTS:
                    env = api.Environment(cr, SUPERUSER_ID, {})
                    env["retail.source"].browse(source_id)._report_misuse(reason)
        except psycopg2.Error:
            TALLY.put_back(key, count)

    @api.model
    def _write_count(self, cr, source_id, reason, count):
        """Add to the hour's row; tell whether it is the first of the hour."""
        cr.execute(
            """
            INSERT INTO retail_refusal (source_id, reason, hour, count, last_at)
            VALUES (%s, %s, date_trunc('hour', now() AT TIME ZONE 'utc'), %s,
                    now() AT TIME ZONE 'utc')
            ON CONFLICT (hour, reason, COALESCE(source_id, 0))
            DO UPDATE SET count = retail_refusal.count + EXCLUDED.count,
                          last_at = EXCLUDED.last_at
            RETURNING xmax = 0
            """,
            (source_id, reason, count),
            log_exceptions=False,
        )
        return cr.fetchone()[0]

    @api.autovacuum
    def _gc_refusals(self):
        self.env.cr.execute(
            "DELETE FROM retail_refusal WHERE hour < now() - make_interval(days => %s)",
            (RETENTION_DAYS,),
        )
