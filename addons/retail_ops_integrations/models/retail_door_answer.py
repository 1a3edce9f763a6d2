import logging
from collections import defaultdict
from datetime import UTC, datetime

import psycopg2

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.sql_db import db_connect

from ..tools import histogram
from ..tools.coalesce import Coalescer

_logger = logging.getLogger(__name__)

RETENTION_DAYS = 30
FIRST_WRITE_SECONDS = 1
WRITE_EVERY_SECONDS = 5

# A source may be gone by the time it is written.
ADD = """
    INSERT INTO retail_door_answer (source_id, hour, within_ms, count)
    SELECT answer.source_id, answer.hour, answer.within_ms, answer.count
      FROM unnest(%s::int[], %s::timestamp[], %s::int[], %s::int[])
           AS answer (source_id, hour, within_ms, count)
      JOIN retail_source AS source ON source.id = answer.source_id
        ON CONFLICT (hour, source_id, within_ms)
        DO UPDATE SET count = retail_door_answer.count + EXCLUDED.count
"""


def _write(dbname, _asked):
    """Add what this process has counted, in a transaction of its own."""
    counts = ANSWERS.take(dbname)
    if not counts:  # the run before took what this one was asked for
        return
    try:
        with db_connect(dbname).cursor() as cr:
            add(cr, counts)
    except psycopg2.Error as error:
        _logger.info("answer times are written later: %s", error)
        for place, count in counts.items():
            ANSWERS.add(dbname, place, count)
        if isinstance(error, PG_CONCURRENCY_EXCEPTIONS_TO_RETRY):
            WRITER.call(dbname, ())  # another process was at the same row


def add(cr, counts):
    """Add counts to their hours' rows.

    :param counts: dict (source id, hour, step in milliseconds) -> how many
    """
    rows = sorted((*place, count) for place, count in counts.items())
    columns = [list(column) for column in zip(*rows, strict=True)]
    cr.execute(ADD, columns, log_exceptions=False)


ANSWERS = histogram.Tally()
WRITER = Coalescer(FIRST_WRITE_SECONDS, WRITE_EVERY_SECONDS, _write)


def count_answer(dbname, source_id, seconds):
    """Count how long an answer took; it is written within seconds.

    :param dbname: text
    :param source_id: int
    :param seconds: float, from the request's arrival to its commit
    """
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0, tzinfo=None)
    ANSWERS.add(dbname, (source_id, hour, histogram.step(seconds)))
    WRITER.call(dbname, ())


class RetailDoorAnswer(models.Model):
    """How long proven senders waited: one row an hour, source and step."""

    _name = "retail.door.answer"
    _description = "Answer times of the door"
    _log_access = False
    _allow_sudo_commands = False
    _order = "hour desc, source_id, within_ms"
    _rec_name = "hour"

    source_id = fields.Many2one(
        "retail.source", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="source_id.company_id")
    hour = fields.Datetime(required=True, readonly=True)
    within_ms = fields.Integer(
        string="Within (ms)",
        required=True,
        readonly=True,
        help="They took this long or less, and longer than the step before.",
    )
    count = fields.Integer(string="Answers", required=True, readonly=True)

    _hour_unique = models.UniqueIndex(
        "(hour, source_id, within_ms)",
        "Answers of this hour, source and step are counted in one row.",
    )

    @api.model
    def _p95_of(self, sources, since, until=None):
        """Return how long the answers to sources took.

        :param sources: retail.source
        :param since: naive UTC datetime, the first hour
        :param until: naive UTC datetime, the hour that is not counted any more
        :return: dict retail.source -> (seconds of the 95th percentile, answers)
        """
        domain = [("source_id", "in", sources.ids), ("hour", ">=", since)]
        if until:
            domain.append(("hour", "<", until))
        counts = defaultdict(dict)
        for source, step, count in self.sudo()._read_group(
            domain, ["source_id", "within_ms"], ["count:sum"]
        ):
            counts[source][step] = count
        return {
            source: (histogram.quantile(steps, 0.95), sum(steps.values()))
            for source, steps in counts.items()
        }

    @api.autovacuum
    def _gc_answers(self):
        self.env.cr.execute(
            "DELETE FROM retail_door_answer "
            "WHERE hour < now() AT TIME ZONE 'utc' - make_interval(days => %s)",
            (RETENTION_DAYS,),
        )
