import json

from odoo import fields, models
from odoo.fields import NO_ACCESS


class RetailEvent(models.Model):
    """An event as it arrived: written once by the door, never changed.

    Its way through the queue stands in the narrow table beside it, so that
    working through a flood does not rewrite payloads.
    """

    _name = "retail.event"
    _description = "Received event"
    _log_access = False
    _allow_sudo_commands = False
    _order = "id desc"
    _rec_name = "event_id"

    source_id = fields.Many2one(
        "retail.source", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    environment = fields.Selection(related="source_id.environment")
    event_id = fields.Char(string="Event id", required=True, readonly=True)
    event_type_id = fields.Many2one(
        "retail.event.type", readonly=True, ondelete="restrict"
    )
    type = fields.Char(required=True, readonly=True)
    version = fields.Integer(required=True, readonly=True)
    revision = fields.Integer(
        readonly=True, help="Of the contract that the event was checked against."
    )
    body_sha256 = fields.Char(string="SHA-256 of the body", readonly=True)
    raw_body = fields.Text(readonly=True, groups=NO_ACCESS)
    body_format = fields.Selection(
        [("envelope", "Data within an envelope"), ("bare", "Data alone")],
        required=True,
        readonly=True,
        default="envelope",
    )
    subject = fields.Char(
        readonly=True, help="The store, or what else the event says it is about."
    )
    ordering_key = fields.Char(readonly=True)
    correlation_id = fields.Char(readonly=True)
    occurred_at = fields.Datetime(readonly=True)
    received_at = fields.Datetime(readonly=True)
    payload_pretty = fields.Text(
        string="Payload", compute="_compute_payload_pretty", compute_sudo=True
    )

    _event_unique = models.UniqueIndex(
        "(source_id, event_id)", "This source has sent this event before."
    )
    _correlation_idx = models.Index("(correlation_id)")
    _payload_idx = models.Index("(received_at) WHERE raw_body IS NOT NULL")
    _received_idx = models.Index("(received_at)")

    def _body(self):
        """Return the parsed body, False when its time of keeping has passed."""
        return bool(self.raw_body) and json.loads(self.raw_body)

    def _data(self):
        """Return the event's data, a dict."""
        body = self._body() or {}
        return body if self.body_format == "bare" else body.get("data", {})
