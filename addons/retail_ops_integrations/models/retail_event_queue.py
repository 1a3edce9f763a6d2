import json
import logging
import uuid
from collections import defaultdict

from psycopg2 import OperationalError
from psycopg2.errors import UniqueViolation

from odoo import api, models
from odoo.exceptions import ConcurrencyError, LockError, UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..tools import backoff, envelope, schema
from ..tools.outcome import Done, Failed, Parked, Superseded

_logger = logging.getLogger(__name__)

BATCH = 200
MIN_SHARE = 10
PLACE_AT_ONCE = 2000
LEASE_SECONDS = 120
LOCK_CLAIM = 0x5E7A12
LOCK_TELL = 0x5E7A13
MAX_REASON = 500

TRANSIENT = (ConcurrencyError, LockError, *PG_CONCURRENCY_EXCEPTIONS_TO_RETRY)
# Two lanes met, such as on the first case of a storm: one of them simply goes again.
COLLISIONS = (UniqueViolation, *PG_CONCURRENCY_EXCEPTIONS_TO_RETRY)
COLLISION_TRIES = 5
BUSINESS = (UserError, ValueError, KeyError)

UTC_NOW = "(now() AT TIME ZONE 'utc')"

REAP = f"""
    WITH lost AS (
        SELECT job.id,
               job.attempts >= COALESCE(
                   (%s::jsonb ->> source.retry_profile)::int, %s) AS is_over,
               job.ordering_key IS NOT NULL
                   AND type.exhausted_policy = 'hold' AS is_holding
          FROM retail_event_job AS job
          JOIN retail_source AS source ON source.id = job.source_id
          JOIN retail_event AS event ON event.id = job.payload_id
     LEFT JOIN retail_event_type AS type ON type.id = event.event_type_id
         WHERE job.state = 'leased' AND job.lease_until < {UTC_NOW}
    )
    UPDATE retail_event_job AS job
       SET state = CASE WHEN lost.is_over THEN 'dead' ELSE 'pending' END,
           error_class = 'transient',
           reason = 'The worker that processed it ended before it was done',
           holds_key = lost.is_over AND COALESCE(lost.is_holding, false),
           is_suspect = NOT lost.is_over,
           finished_at = CASE WHEN lost.is_over THEN {UTC_NOW} END,
           lease_until = NULL, lease_token = NULL, next_at = {UTC_NOW}
      FROM lost
     WHERE job.id = lost.id
       AND job.state = 'leased' AND job.lease_until < {UTC_NOW}
"""  # noqa: S608

PLACE = """
    UPDATE retail_event_job SET state = 'waiting'
     WHERE id IN (SELECT id FROM retail_event_job WHERE state = 'received'
                   ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
    RETURNING source_id, ordering_key
"""

# A loose index scan: as many steps as there are keys, however long their queues.
WAITING_KEYS = """
    WITH RECURSIVE keys AS (
        (SELECT source_id, ordering_key FROM retail_event_job
          WHERE state = 'waiting' ORDER BY source_id, ordering_key LIMIT 1)
        UNION ALL
        SELECT following.source_id, following.ordering_key
          FROM keys CROSS JOIN LATERAL (
               SELECT source_id, ordering_key FROM retail_event_job
                WHERE state = 'waiting'
                  AND (source_id, ordering_key) > (keys.source_id, keys.ordering_key)
                ORDER BY source_id, ordering_key LIMIT 1
          ) AS following
    )
    SELECT source_id, ordering_key FROM keys
"""

PROMOTE = f"""
    UPDATE retail_event_job SET state = 'pending', next_at = {UTC_NOW}
     WHERE id IN (
        SELECT head.id
          FROM unnest(%s::int[], %s::text[]) AS key (source_id, ordering_key)
         CROSS JOIN LATERAL (
               SELECT id FROM retail_event_job AS job
                WHERE job.source_id = key.source_id
                  AND job.ordering_key = key.ordering_key
                  AND job.state = 'waiting'
                ORDER BY id LIMIT 1
         ) AS head
         WHERE NOT EXISTS (
               SELECT FROM retail_event_job AS first
                WHERE first.source_id = key.source_id
                  AND first.ordering_key = key.ordering_key
                  AND (first.state IN ('pending', 'leased') OR first.holds_key)
         )
     )
"""  # noqa: S608

READY_SOURCES = f"""
    SELECT source.id FROM retail_source AS source
     WHERE EXISTS (SELECT FROM retail_event_job AS job
                    WHERE job.source_id = source.id AND job.state = 'pending'
                      AND job.next_at <= {UTC_NOW})
"""  # noqa: S608

# One of a batch may have killed its worker, and nobody knows which: of such a batch
# one event is taken at a time, or those beside it would run out of attempts with it.
CLAIM = f"""
    WITH heads AS MATERIALIZED (
        SELECT job.id
          FROM unnest(%(sources)s::int[]) AS source (id)
         CROSS JOIN LATERAL (
               SELECT id FROM retail_event_job
                WHERE source_id = source.id AND state = 'pending'
                  AND next_at <= {UTC_NOW} AND is_suspect IS NOT TRUE
                ORDER BY next_at, id LIMIT %(share)s
                  FOR UPDATE SKIP LOCKED
         ) AS job
    ), suspect AS MATERIALIZED (
        SELECT id FROM retail_event_job
         WHERE state = 'pending' AND is_suspect AND next_at <= {UTC_NOW}
         ORDER BY next_at, id LIMIT 1
           FOR UPDATE SKIP LOCKED
    )
    UPDATE retail_event_job AS job
       SET state = 'leased', attempts = attempts + 1, lease_token = %(token)s,
           lease_until = {UTC_NOW} + make_interval(secs => %(lease)s)
     WHERE id IN (SELECT id FROM heads UNION ALL SELECT id FROM suspect)
    RETURNING job.id
"""  # noqa: S608

COMPLETE = f"""
    UPDATE retail_event_job AS job
       SET state = outcome.state, error_class = outcome.error_class,
           reason = outcome.reason, exception_id = outcome.exception_id,
           holds_key = outcome.holds_key, owner_told = false, is_suspect = false,
           finished_at = CASE WHEN outcome.state = 'pending' THEN NULL
                              ELSE clock_timestamp() AT TIME ZONE 'utc' END,
           next_at = {UTC_NOW} + make_interval(secs => outcome.delay),
           lease_until = NULL, lease_token = NULL
      FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[], %s::int[],
                  %s::bool[], %s::float[]) AS outcome (
           id, state, error_class, reason, exception_id, holds_key, delay)
     WHERE job.id = outcome.id AND job.lease_token = %s
"""  # noqa: S608


class LeaseLostError(Exception):
    """Another worker has taken over: what was done here must not count."""


class RetailEventJob(models.Model):
    """The Scheduled Action that works the queue off."""

    _inherit = "retail.event.job"

    @api.model
    def _process_inbox(self):
        """Claim events in batches and work them off until none is ready.

        Called by the Scheduled Action “Integrations: process inbox”. Several may
        run at once, here or on other hosts.
        """
        commit_progress = self.env["ir.cron"]._commit_progress
        token = uuid.uuid4().hex
        released = self._again_after_another(self._recover)
        commit_progress()
        while jobs := self._claim(released, token):
            seconds_left = commit_progress(remaining=len(jobs))
            released = jobs._keys()
            jobs._work(token)
            if not seconds_left:
                # Odoo goes on by itself too, but notices after its next minute only.
                self._wake_lanes()
                commit_progress(remaining=1)
                break
        commit_progress()
        self._again_after_another(self._tell_owners)
        commit_progress()

    # === Claiming === #
    @api.model
    def _recover(self):
        """Take back what crashed workers hold, and find keys left without head.

        :return: list of (source id, ordering key)
        """
        limits = {
            name: len(schedule) for name, schedule in backoff.INBOX_PROFILES.items()
        }
        self.env.cr.execute(
            REAP, (json.dumps(limits), limits["standard"]), log_exceptions=False
        )
        self.env.cr.execute(WAITING_KEYS)
        return self.env.cr.fetchall()

    @api.model
    def _claim(self, released, token):
        """Lease the next batch, of each ready source its fair share.

        :param released: keys whose first event may be through
        :param token: text that fences this run off from all others
        :return: retail.event.job, leased
        """
        return self._again_after_another(self._lease, released, token)

    @api.model
    def _again_after_another(self, step, *arguments):
        """Do a step that begins a transaction, again when another was at its rows.

        Such as a lane that takes back the same leases, or a person who skips events.

        :param step: function; the transaction holds nothing else
        :return: what the step returns
        """
        for left in reversed(range(COLLISION_TRIES)):
            try:
                result = step(*arguments)
                self.env.flush_all()
                return result
            except COLLISIONS:
                if not left:
                    raise
                self.env.cr.rollback()

    @api.model
    def _lease(self, released, token):
        cr = self.env.cr
        cr.execute("SELECT pg_try_advisory_xact_lock(%s)", (LOCK_CLAIM,))
        if not cr.fetchone()[0]:
            return self.browse()  # another worker is claiming at this moment
        cr.execute(PLACE, (PLACE_AT_ONCE,))
        self._promote({*released, *cr.fetchall()})
        cr.execute(READY_SOURCES)
        sources = [source_id for (source_id,) in cr.fetchall()]
        if not sources:
            return self.browse()
        values = {
            "sources": sources,
            "share": max(MIN_SHARE, BATCH // len(sources)),
            "token": token,
            "lease": LEASE_SECONDS,
        }
        cr.execute(CLAIM, values)
        claimed = sorted(job_id for (job_id,) in cr.fetchall())
        self.invalidate_model()
        return self.browse(claimed)

    @api.model
    def _promote(self, keys):
        if keys:
            self.env.cr.execute(
                PROMOTE, [list(part) for part in zip(*keys, strict=True)]
            )

    def _keys(self):
        return [
            (job.source_id.id, job.ordering_key) for job in self if job.ordering_key
        ]

    # === Working === #
    def _work(self, token):
        """Handle leased events, those of one source and type together.

        What may kill its worker comes last: what is through by then stays so.
        """
        groups = defaultdict(self.browse)
        for job in self.sorted("is_suspect"):
            groups[job.is_suspect, job.source_id, job.event_type_id] += job
        for jobs in groups.values():
            jobs._work_together(token)

    def _work_together(self, token):
        """Handle events in one transaction, or one by one when that fails."""
        try:
            self._handle_and_complete(token)
        except (LeaseLostError, *TRANSIENT) as error:
            self._begin_anew(error, token)
        except OperationalError:
            raise
        except Exception:
            _logger.info("a batch of %s events is split", len(self))
            for job in self:
                job._work_alone(token)
        else:
            self.env["ir.cron"]._commit_progress(len(self))

    def _work_alone(self, token):
        """Handle one event in a transaction of its own."""
        try:
            self._handle_and_complete(token)
        except (LeaseLostError, *TRANSIENT) as error:
            self._begin_anew(error, token)
        except OperationalError:
            raise
        except BUSINESS as error:
            self._complete([Failed(_text(error))], token)
        except Exception as error:
            _logger.exception("event %s could not be processed", self.id)
            self._retry_later(_text(error), token)
        self.env["ir.cron"]._commit_progress(1)

    def _handle_and_complete(self, token):
        """Handle events, again at once when another lane was at the same rows."""
        for left in reversed(range(COLLISION_TRIES)):
            try:
                with self.env.cr.savepoint():
                    return self._complete(self._handle(), token)
            except COLLISIONS:
                if not left:
                    raise
                self.env.cr.rollback()

    def _begin_anew(self, error, token):
        """Undo what was done, and try again later if it is still ours to do.

        After a conflict with another transaction this one sees nothing new: it has
        to end.
        """
        self.env.cr.rollback()
        self._retry_later(_text(error), token)
        self.env["ir.cron"]._commit_progress(len(self))

    def _handle(self):
        """Let the type's handler do its work, in the integration user's name.

        :return: list of outcomes, aligned
        """
        event_type = self.event_type_id
        if not event_type:
            return [Parked(job._unknown_type()) for job in self]
        if not event_type.handler:
            return [Parked(self.env._("This type has no handler")) for job in self]
        source = self.source_id
        handlers = (
            self.env["retail.event.handler"]
            .with_user(source.user_id)
            .with_company(source.company_id)
            .sudo()
        )
        handle = getattr(handlers, event_type._handler_method())
        events = self.payload_id.with_env(handlers.env)
        late = self._late(source.company_id, event_type, events)
        timely = events - late
        outcomes = iter(handle(timely) if timely else ())
        return [
            Superseded(self.env._("A newer fact of the same key was here before"))
            if event in late
            else next(outcomes)
            for event in events
        ]

    @api.model
    def _late(self, company, event_type, events):
        """Return the events that must not overwrite what is newer."""
        if event_type.late_policy != "supersede":
            return events.browse()
        return self.env["retail.latest.fact"]._superseded(company, event_type, events)

    # === Completing === #
    def _complete(self, outcomes, token):
        """Write what became of leased events, unless the lease was lost.

        :param outcomes: list aligned with ``self``
        :raise LeaseLostError: the effects must be rolled back
        """
        self.env.flush_all()
        rows = [
            job._outcome_row(outcome)
            for job, outcome in zip(self, outcomes, strict=True)
        ]
        self._write_rows(rows, token)

    def _write_rows(self, rows, token):
        columns = [list(column) for column in zip(*rows, strict=True)]
        self.env.cr.execute(COMPLETE, [*columns, token])
        if self.env.cr.rowcount != len(self):
            raise LeaseLostError(self.ids)
        self.invalidate_recordset()

    def _outcome_row(self, outcome):
        holds = self.event_type_id.exhausted_policy == "hold" and bool(
            self.ordering_key
        )
        if isinstance(outcome, Done):
            return (
                self.id,
                "done",
                None,
                outcome.note,
                outcome.exception_id,
                False,
                0.0,
            )
        if isinstance(outcome, Superseded):
            return (self.id, "superseded", None, outcome.reason, None, False, 0.0)
        parked = isinstance(outcome, Parked)
        return (
            self.id,
            "parked" if parked else "dead",
            "business",
            outcome.reason[:MAX_REASON],
            outcome.exception_id if parked else None,
            holds,
            0.0,
        )

    def _retry_later(self, reason, token):
        """Give events back with a delay, or up after the last attempt."""
        rows = []
        for job in self:
            delay = backoff.delay(job.source_id._retry_schedule(), job.attempts)
            holds = job.event_type_id.exhausted_policy == "hold"
            state = "dead" if delay is None else "pending"
            rows.append(
                (
                    job.id,
                    state,
                    "transient",
                    reason,
                    None,
                    state == "dead" and holds and bool(job.ordering_key),
                    delay or 0.0,
                )
            )
        try:
            self._write_rows(rows, token)
        except LeaseLostError:
            _logger.warning("another worker has taken over the events %s", self.ids)

    # === Telling people === #
    @api.model
    def _tell_owners(self):
        """Give each source's owner one activity about what needs a person."""
        self.env.cr.execute("SELECT pg_try_advisory_xact_lock(%s)", (LOCK_TELL,))
        if not self.env.cr.fetchone()[0]:
            return  # another lane tells them at this moment
        failed = self.search(
            [("state", "in", ("dead", "parked")), ("owner_told", "=", False)],
            limit=BATCH,
        )
        for source, jobs in failed.grouped("source_id").items():
            source._ask_for_attention(len(jobs), jobs[0].reason)
        failed.sudo().owner_told = True

    # === Late recognition === #
    def _unknown_type(self):
        return self.env._(
            "Unknown event type %(type)s in version %(version)s",
            type=self.type,
            version=self.version,
        )

    def _recognise(self):
        """Bind an event to a type that was added since; tell whether it has one."""
        if self.event_type_id:
            return True
        contract = (
            self.env["retail.event.type"]._catalogue().get((self.type, self.version))
        )
        errors = contract and schema.errors(contract.schema, self.payload_id._data())
        if not contract or errors:
            self.reason = errors[0]["detail"] if errors else self._unknown_type()
            return False
        key = envelope.ordering_key(
            self.payload_id._data(), contract.pointers, schema.resolve
        )
        self.payload_id.write({"event_type_id": contract.id, "ordering_key": key})
        self.ordering_key = key
        return True


def _text(error):
    return str(error.args[0] if error.args else error)[:MAX_REASON] or repr(error)
