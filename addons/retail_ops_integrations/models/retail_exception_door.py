from odoo import api, fields, models

from ..tools import envelope, schema
from ..tools.problem import Problem

REPORTED = ("store.exception.reported", 1)
MAX_PAGE = 200
OWN = """
    SELECT job.id, event.event_id AS id, job.state AS event_state, job.reason,
           event.correlation_id, exception.name AS reference,
           kind.code AS exception_type,
           store.code AS store, exception.summary, exception.severity,
           exception.state, exception.effective_due AS due_at,
           exception.resolved_at, exception.is_open
      FROM retail_event_job AS job
      JOIN retail_event AS event ON event.id = job.payload_id
      JOIN retail_exception AS exception ON exception.id = job.exception_id
      JOIN retail_exception_type AS kind ON kind.id = exception.type_id
      JOIN retail_store AS store ON store.id = exception.store_id
     WHERE job.source_id = %(source_id)s
       AND (%(event_id)s IS NULL OR event.event_id = %(event_id)s)
       AND (%(before)s IS NULL OR job.id < %(before)s)
       AND (%(open)s IS NULL OR exception.is_open = %(open)s)
     ORDER BY job.id DESC LIMIT %(limit)s
"""


class RetailEvent(models.Model):
    """Exceptions as other systems raise and read them; their state is not theirs."""

    _inherit = "retail.event"

    @api.model
    def _accept_exception(self, door, body, message_id):
        """Store what another system reports about a store.

        It goes the way of every event: stored, deduplicated, worked off by the queue.

        :param door: retail_source.Door
        :param body: bytes, a JSON object: the data of store.exception.reported and,
            optionally, ``occurred_at``
        :param message_id: text
        :return: dict, the receipt
        :raise Problem: refused; the problem says why
        """
        data = self._parse(body)
        self._checked_envelope(
            envelope.require, isinstance(data, dict), "", "must be a JSON object"
        )
        self._refuse_foreign_members(data)
        event = envelope.Event(
            message_id,
            *REPORTED,
            self._moment_of(data),
            data,
            self._checked_envelope(
                envelope.correlation, data.get("correlation_id"), "/correlation_id"
            ),
        )
        catalogue = self.env["retail.event.type"]._catalogue()
        try:
            row = self._row(door, event, body.decode(), catalogue)
        except Problem as problem:
            for error in problem.document.get("errors", ()):
                error["pointer"] = error["pointer"].removeprefix("/data")
            raise
        return self._store_one(door, row._replace(body_format="bare"))

    @api.model
    def _moment_of(self, data):
        """Return when it happened; what does not say so happened now."""
        if "occurred_at" not in data:
            return fields.Datetime.now()
        return self._checked_envelope(
            envelope.moment, data["occurred_at"], "/occurred_at"
        )

    @api.model
    def _refuse_foreign_members(self, data):
        """Refuse members that are nobody's to set from outside, such as state."""
        contract = self.env["retail.event.type"]._catalogue().get(REPORTED)
        known = schema.properties(contract.schema) if contract else ()
        taken = {"occurred_at", *known}
        foreign = sorted(set(data) - taken)
        if foreign:
            raise Problem(
                "schema-violation",
                422,
                "states, owners and approvals are decided in Odoo",
                errors=[
                    {"pointer": schema.pointer([name]), "detail": "is not taken here"}
                    for name in foreign[: schema.MAX_ERRORS]
                ],
            )

    @api.model
    def _own_exceptions(self, source_id, limit=50, before=None, is_open=None):
        """Return the exceptions that events of a source led to, newest first.

        :param limit: int, at most 200
        :param before: int, the ``next`` of the page before
        :param is_open: bool or None for all
        :return: tuple (list of dicts, ``next`` or None)
        """
        rows = self._read_own(
            source_id=source_id,
            event_id=None,
            before=before,
            open=is_open,
            limit=min(limit, MAX_PAGE),
        )
        following = rows[-1]["id"] if len(rows) == min(limit, MAX_PAGE) else None
        return [_public(row) for row in rows], following

    @api.model
    def _own_exception(self, source_id, event_id):
        """Return the exception that one event of a source led to, None without one."""
        rows = self._read_own(
            source_id=source_id, event_id=event_id, before=None, open=None, limit=1
        )
        return _public(rows[0]) if rows else None

    @api.model
    def _read_own(self, **values):
        self.env.cr.execute(OWN, values)
        names = [column.name for column in self.env.cr.description]
        return [
            {"id": row[0], "event": dict(zip(names[1:], row[1:], strict=True))}
            for row in self.env.cr.fetchall()
        ]


def _public(row):
    """Return a row as the sender reads it: times in RFC 3339."""
    return {
        name: value.isoformat(timespec="seconds") + "Z"
        if hasattr(value, "isoformat")
        else value
        for name, value in row["event"].items()
    }
