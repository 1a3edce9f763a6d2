import hashlib
import os
from typing import NamedTuple

from psycopg2.errors import SerializationFailure

from odoo import api, models

from ..tools import envelope, schema, sql_array, strict_json
from ..tools.problem import Problem

MAX_REPLAYS = 3
# How the queue's states read to a sender, who does not care for leases.
PUBLIC_STATES = {
    "received": "queued",
    "waiting": "queued",
    "pending": "queued",
    "leased": "queued",
}

# What lies further ahead than clocks may differ counts as happened when it came, or no
# later fact would ever be newer. The body keeps what the sender wrote.
# Keyed events begin as received: the worker alone decides who is first of a key,
# so that two connections that do not see each other cannot both be first.
STORE = """
    WITH incoming AS (
        SELECT * FROM unnest(
            %(event_id)s::text[], %(event_type_id)s::int[], %(type)s::text[],
            %(version)s::int[], %(revision)s::int[], %(body_sha256)s::text[],
            %(raw_body)s::text[],
            %(body_format)s::text[], %(subject)s::text[], %(ordering_key)s::text[],
            %(correlation_id)s::text[], %(occurred_at)s::timestamp[],
            %(state)s::text[], %(reason)s::text[]
        ) AS incoming (
            event_id, event_type_id, type, version, revision, body_sha256, raw_body,
            body_format, subject, ordering_key, correlation_id, occurred_at, state,
            reason
        )
    ), stored AS (
        INSERT INTO retail_event (
            source_id, company_id, event_id, event_type_id, type, version, revision,
            body_sha256, raw_body, body_format, subject, ordering_key,
            correlation_id, occurred_at, received_at
        )
        SELECT %(source_id)s, %(company_id)s, event_id, event_type_id, type,
               version, revision, body_sha256, raw_body, body_format, subject,
               ordering_key, correlation_id,
               CASE WHEN occurred_at > clock.now + make_interval(secs => %(tolerance)s)
                    THEN date_trunc('second', clock.now) ELSE occurred_at END,
               clock.now
          FROM incoming
         CROSS JOIN (SELECT now() AT TIME ZONE 'utc' AS now) AS clock
            ON CONFLICT (source_id, event_id) DO NOTHING
        RETURNING id, event_id, ordering_key
    ), queued AS (
        INSERT INTO retail_event_job (
            payload_id, source_id, ordering_key, state, reason, attempts, owner_told,
            next_at
        )
        SELECT stored.id, %(source_id)s, stored.ordering_key, incoming.state,
               incoming.reason, 0, false, now() AT TIME ZONE 'utc'
          FROM stored JOIN incoming USING (event_id)
    )
    SELECT event_id FROM stored
"""


class Row(NamedTuple):
    """An event ready to be stored; the fields are the table's columns."""

    event_id: str
    event_type_id: int | None
    type: str
    version: int
    revision: int
    body_sha256: str
    raw_body: str
    body_format: str
    subject: str | None
    ordering_key: str | None
    correlation_id: str
    occurred_at: object
    state: str
    reason: str | None


COLUMNS = Row._fields


class RetailEvent(models.Model):
    """The door: from a proven body to stored events, in one statement."""

    _inherit = "retail.event"

    @api.model
    def _accept(self, door, body, media_type, message_id, read=None):
        """Store the event of a request whose sender is proven.

        :param door: retail_source.Door
        :param body: bytes as received
        :param media_type: one of envelope.CONTENT_TYPES but the batch
        :param message_id: text, the webhook-id; None where the body has one
        :param read: function (parsed) -> envelope.Event for another envelope
        :return: dict, the receipt
        :raise Problem: refused; the problem says why
        """
        parsed = self._parse(body)
        if read:
            event = self._same_id(self._checked_envelope(read, parsed), message_id)
        else:
            event = self._read(parsed, media_type, message_id)
        catalogue = self.env["retail.event.type"]._catalogue()
        row = self._row(door, event, body.decode(), catalogue)
        if event.data is parsed:
            row = row._replace(body_format="bare")
        return self._store_one(door, row)

    @api.model
    def _store_one(self, door, row):
        receipt = self._store_rows(door, [row])[0]
        if isinstance(receipt, Problem):
            raise receipt
        return receipt

    @api.model
    def _batch_items(self, body):
        """Return the events of a CloudEvents batch, none of them looked at.

        :return: list of tuples (parsed, text as written)
        :raise Problem: it is no batch, or too large
        """
        items = self._parse(body, strict_json.loads_items)
        if not items or len(items) > envelope.MAX_BATCH:
            raise Problem(
                "envelope-invalid",
                400,
                f"a batch is a JSON array of 1 to {envelope.MAX_BATCH} events",
            )
        return items

    @api.model
    def _accept_batch(self, door, items, all_or_none):
        """Store the events of a batch.

        :param items: list, of :meth:`_batch_items`
        :param all_or_none: whether one refused event refuses the batch
        :return: list aligned with the batch, of receipts and of problems
        :raise Problem: the batch as a whole is refused
        """
        catalogue = self.env["retail.event.type"]._catalogue()
        answers = [
            self._item_row(door, item, written, position, catalogue)
            for position, (item, written) in enumerate(items)
        ]
        rows = [answer for answer in answers if isinstance(answer, Row)]
        if not (all_or_none and len(rows) < len(items)):
            receipts = iter(self._store_rows(door, rows))
            answers = [
                next(receipts) if isinstance(answer, Row) else answer
                for answer in answers
            ]
        self._check_batch(answers, all_or_none)
        return answers

    @api.model
    def _check_batch(self, answers, all_or_none):
        refused = [answer for answer in answers if isinstance(answer, Problem)]
        if len(refused) == len(answers) or (all_or_none and refused):
            raise Problem(
                "batch-refused",
                422,
                "nothing was stored",
                errors=[problem.document for problem in refused],
            )

    @api.model
    def _item_row(self, door, item, written, position, catalogue):
        """Return the row of one event of a batch, or the problem with it."""
        try:
            event = self._checked_envelope(envelope.read_cloudevent, item)
            return self._row(door, event, written, catalogue)
        except Problem as problem:
            problem.document["index"] = position
            for error in problem.document.get("errors", ()):
                error["pointer"] = f"/{position}{error['pointer']}"
            return problem

    # === Reading === #
    @api.model
    def _parse(self, body, loads=strict_json.loads):
        try:
            return loads(body)
        except strict_json.StrictJsonError as error:
            raise Problem("body-not-json", 400, str(error)) from error

    @api.model
    def _read(self, parsed, media_type, message_id):
        if media_type == envelope.PLAIN:
            return self._checked_envelope(envelope.read_plain, parsed, message_id)
        event = self._checked_envelope(envelope.read_cloudevent, parsed)
        return self._same_id(event, message_id)

    @api.model
    def _same_id(self, event, message_id):
        """Return the event, whose id a header may repeat but not contradict."""
        if message_id and event.event_id != message_id:
            raise Problem(
                "envelope-invalid",
                400,
                "the event's id must equal the webhook-id header",
                errors=[{"pointer": "/id", "detail": "differs from webhook-id"}],
            )
        return event

    @api.model
    def _checked_envelope(self, read, *args):
        try:
            return read(*args)
        except envelope.EnvelopeError as error:
            raise Problem(
                "envelope-invalid",
                400,
                f"{error.pointer or 'the body'}: {error}",
                errors=[{"pointer": error.pointer, "detail": str(error)}],
            ) from error

    @api.model
    def _row(self, door, event, raw, catalogue):
        """Return the row of an event that the source's contract allows.

        :param raw: text, the event as written
        :param catalogue: dict, retail.event.type._catalogue()
        :raise Problem: 403 or 422
        """
        contract = catalogue.get((event.type, event.version))
        if contract:
            reason = self._check_contract(door, contract, event)
        else:
            reason = f"Unknown event type {event.type} in version {event.version}"
        key = envelope.ordering_key(
            event.data, contract.pointers if contract else (), schema.resolve
        )
        subject = event.data.get("store", event.data.get("reference"))
        return Row(
            event.event_id,
            contract.id if contract else None,
            event.type,
            event.version,
            contract.revision if contract else 0,
            hashlib.sha256(raw.encode()).hexdigest(),
            raw,
            "envelope",
            str(subject)[:64] if isinstance(subject, str | int) else None,
            key,
            event.correlation_id or os.urandom(16).hex(),
            event.occurred_at,
            "parked" if reason else "received" if key else "pending",
            reason,
        )

    @api.model
    def _check_contract(self, door, contract, event):
        """Refuse what the source's contract does not allow.

        :return: text, why the event is stored but parked, or None
        :raise Problem: 403 or 422
        """
        if contract.id not in door.type_ids:
            raise Problem(
                "type-not-allowed",
                403,
                f"the source {door.code} may not send {event.type}",
                event_id=event.event_id,
            )
        errors = schema.errors(contract.schema, event.data) or [
            {"pointer": pointer, "detail": "is required by the source's contract"}
            for pointer in door.required_pointers
            if schema.resolve(event.data, pointer) is None
        ]
        if errors:
            raise Problem(
                "schema-violation",
                422,
                f"{event.type} v{event.version}: {errors[0]['detail']}",
                event_id=event.event_id,
                errors=[
                    {**error, "pointer": "/data" + error["pointer"]} for error in errors
                ],
            )
        return self._check_owner(door, contract, event)

    @api.model
    def _check_owner(self, door, contract, event):
        """Let only the system of record change an object.

        :return: text, why the event is parked, or None
        :raise Problem: 403
        """
        if not (contract.object_code or contract.object_pointer):
            return None
        changed = contract.object_code or schema.resolve(
            event.data, contract.object_pointer
        )
        rule = isinstance(changed, str) and door.object_rules.get(changed)
        if rule == "take":
            return None
        if not rule:
            return (
                f"Nobody is the system of record of {changed!r:.64}: a person decides"
            )
        reason = f"{door.code} is not the system of record of what {event.type} changes"
        if rule == "refuse":
            raise Problem("not-system-of-record", 403, reason, event_id=event.event_id)
        return reason

    # === Storing === #
    @api.model
    def _store_rows(self, door, rows):
        """Insert what is new and answer for each row.

        :return: list aligned with ``rows``, of receipts and of problems
        """
        first_of_id = {}
        for row in rows:
            first_of_id.setdefault(row.event_id, row)
        stored = self._insert(door, list(first_of_id.values()))
        if stored:
            self.env["retail.event.job"]._wake_lanes()
        repeated = len(stored) < len(rows)
        known = self._outcomes(door.id, list(first_of_id)) if repeated else {}
        answers = []
        for row in rows:
            is_new = row.event_id in stored
            stored.discard(row.event_id)
            answers.append(self._receipt(door, row, is_new, known))
        return answers

    @api.model
    def _insert(self, door, rows):
        """Insert events that are not known yet.

        A row that was committed after this transaction's snapshot cannot be
        skipped, only seen by a new transaction: nothing else was done in this
        one, so it begins anew, at once rather than after Odoo's random wait.

        :return: set of event ids that were stored now
        """
        if not rows:  # each item of the batch was refused
            return set()
        columns = map(sql_array.literal, zip(*rows, strict=True))
        values = dict(zip(COLUMNS, columns, strict=True))
        values |= {
            "source_id": door.id,
            "company_id": door.company_id,
            "tolerance": door.tolerance,
        }
        for replay in range(MAX_REPLAYS):
            try:
                self.env.cr.execute(STORE, values, log_exceptions=False)
                return {event_id for (event_id,) in self.env.cr.fetchall()}
            except SerializationFailure:
                if replay + 1 == MAX_REPLAYS:
                    raise
                self.env.cr.rollback()

    @api.model
    def _receipt(self, door, row, is_new, known):
        if is_new:
            return {
                "id": row.event_id,
                "status": "accepted",
                "duplicate": False,
                "correlation_id": row.correlation_id,
                "state": "parked" if row.state == "parked" else "queued",
            }
        body_sha256, outcome = known[row.event_id]
        if body_sha256 == row.body_sha256:
            return self._duplicate(outcome)
        return Problem(
            "event-id-reused",
            422,
            "an event with this id and another body is stored already",
            event_id=row.event_id,
        )

    @api.model
    def _duplicate(self, outcome):
        return {**outcome, "status": "duplicate", "duplicate": True}

    @api.model
    def _outcomes(self, source_id, event_ids):
        """Return what became of events of a source.

        :return: dict event id -> (SHA-256 of the body, dict for the sender)
        """
        self.env.cr.execute(
            """
            SELECT event.event_id AS id, event.body_sha256, event.correlation_id,
                   job.state, job.reason, exception.name AS exception
              FROM retail_event AS event
              JOIN retail_event_job AS job ON job.payload_id = event.id
         LEFT JOIN retail_exception AS exception ON exception.id = job.exception_id
             WHERE event.source_id = %s AND event.event_id = ANY(%s)
            """,
            (source_id, event_ids),
        )
        outcomes = {}
        for row in self.env.cr.dictfetchall():
            row["state"] = PUBLIC_STATES.get(row["state"], row["state"])
            outcomes[row["id"]] = (row.pop("body_sha256"), row)
        return outcomes
