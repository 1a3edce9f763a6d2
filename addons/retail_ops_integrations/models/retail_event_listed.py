import json

from odoo import api, models

from ..tools.problem import Problem


class RetailEvent(models.Model):
    """A webhook that comes after a list or a file has brought its event."""

    _inherit = "retail.event"

    @api.model
    def _receipt(self, door, row, is_new, known):
        """Take what says the same as a list said before for the same event.

        A list holds the fact, not the bytes that were signed: a webhook that was only
        late differs from it in nothing else. Without a payload nothing can be compared.
        """
        answer = super()._receipt(door, row, is_new, known)
        if isinstance(answer, Problem) and self._is_as_listed(door, row):
            _body_sha256, outcome = known[row.event_id]
            return self._duplicate(outcome)
        return answer

    @api.model
    def _is_as_listed(self, door, row):
        job = (
            self.env["retail.event.job"]
            .sudo()
            .search([("source_id", "=", door.id), ("event_id", "=", row.event_id)])
        )
        listed = (
            self.env["retail.reconciliation.line"]
            .sudo()
            .search_count(
                [("event_job_id", "=", job.id), ("outcome", "=", "repaired")], limit=1
            )
        )
        if not (listed and job.payload_id._body()):
            return False
        runs = self.env["retail.reconciliation.run"]
        return not runs._difference(job.payload_id, _told(row))


def _told(row):
    """Return what a received row says, as a line of a list would."""
    body = json.loads(row.raw_body)
    data = body if row.body_format == "bare" else body["data"]
    return {"type": row.type, "version": row.version, "data": data}
