import json
import secrets

from odoo import api, fields, models
from odoo.fields import NO_ACCESS

from ..tools import envelope

PENDING_FACTS = "retail_ops_integrations.facts"
PING = "ping"

PUBLISH = """
    WITH published AS (
        INSERT INTO retail_outbox (
            message_id, type, version, company_id, data, correlation_id,
            ordering_key, published_at
        )
        SELECT fact.*, now() AT TIME ZONE 'utc'
          FROM unnest(%(message_id)s::text[], %(type)s::text[], %(version)s::int[],
                      %(company_id)s::int[], %(data)s::text[],
                      %(correlation_id)s::text[], %(ordering_key)s::text[]) AS fact
        RETURNING id, message_id, ordering_key
    )
    INSERT INTO retail_delivery (
        outbox_id, endpoint_id, ordering_key, state, attempts, next_at, owner_told
    )
    SELECT published.id, route.endpoint_id, published.ordering_key,
           CASE WHEN route.endpoint_id = ANY(%(ordered)s::int[])
                 AND published.ordering_key IS NOT NULL
                THEN 'waiting' ELSE 'pending' END,
           0, now() AT TIME ZONE 'utc', false
      FROM published
      JOIN unnest(%(routed_id)s::text[], %(endpoint_id)s::int[])
           AS route (message_id, endpoint_id) USING (message_id)
"""


class RetailOutbox(models.Model):
    """A business fact to be told, written in the transaction that made it true."""

    _name = "retail.outbox"
    _description = "Published fact"
    _log_access = False
    _allow_sudo_commands = False
    _order = "id desc"
    _rec_name = "message_id"

    message_id = fields.Char(
        required=True,
        readonly=True,
        help="The webhook-id: the same on every attempt and to every endpoint.",
    )
    type = fields.Char(required=True, readonly=True)
    version = fields.Integer(required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    data = fields.Text(readonly=True, groups=NO_ACCESS)
    correlation_id = fields.Char(readonly=True)
    ordering_key = fields.Char(readonly=True)
    published_at = fields.Datetime(required=True, readonly=True)
    payload_pretty = fields.Text(
        string="Payload", compute="_compute_payload_pretty", compute_sudo=True
    )

    _message_unique = models.UniqueIndex(
        "(message_id)", "This fact is in the outbox already."
    )
    _correlation_idx = models.Index("(correlation_id)")
    _payload_idx = models.Index("(published_at) WHERE data IS NOT NULL")
    _published_idx = models.Index("(published_at)")

    @api.depends("data")
    def _compute_payload_pretty(self):
        rules = self.env["retail.mask.rule"]
        for fact in self:
            fact.payload_pretty = fact.data and json.dumps(
                rules._mask(json.loads(fact.data)), indent=2, ensure_ascii=False
            )

    @api.model
    def _add(self, topic, data, company, correlation_id, key, endpoints=None):
        """Publish a fact with this transaction.

        Facts are written together just before the transaction or a savepoint of it
        ends: two statements, however many there are.

        :param topic: event type
        :param data: JSON-able dict
        :param company: res.company
        :param endpoints: list of ids, None for all whose filter matches
        """
        if endpoints is None:
            endpoints = self.env["retail.endpoint"]._routes_for(topic, company.id)
        fact = {
            "message_id": "msg_" + secrets.token_hex(16),
            "type": topic,
            "version": self.env["retail.event.type"]._current_version(topic),
            "company_id": company.id,
            "data": json.dumps(data, ensure_ascii=False, separators=(",", ":")),
            "correlation_id": correlation_id or None,
            "ordering_key": key or None,
        }
        precommit = self.env.cr.precommit
        facts = precommit.data.setdefault(PENDING_FACTS, [])
        if not facts:
            precommit.add(self.sudo()._write_facts)
        facts.append((fact, endpoints))

    @api.model
    def _write_facts(self):
        """Write the facts of this transaction and who is to be told of each."""
        facts = self.env.cr.precommit.data.pop(PENDING_FACTS, [])
        if not facts:
            return
        routes = [
            (fact["message_id"], endpoint_id)
            for fact, endpoints in facts
            for endpoint_id in endpoints
        ]
        names = facts[0][0]
        values = {name: [fact[name] for fact, _endpoints in facts] for name in names}
        values["routed_id"] = [message_id for message_id, _endpoint in routes]
        values["ordered"] = self.env["retail.endpoint"]._ordered()
        values["endpoint_id"] = [endpoint_id for _message, endpoint_id in routes]
        self.env.cr.execute(PUBLISH, values)
        if routes:
            self.env["retail.delivery"]._wake_delivery()

    @api.model
    def _ping(self, endpoint):
        """Publish a test for one endpoint."""
        data = {"endpoint": endpoint.name, "asked_by": self.env.user.login}
        self._add(PING, data, endpoint.company_id, None, None, [endpoint.id])

    def _written(self, body_format):
        """Return the body to send, the same bytes on every attempt.

        :param body_format: plain or cloudevents
        :return: bytes
        """
        self.ensure_one()
        data = json.loads(self.sudo().data)
        if body_format == "plain":
            return envelope.write_plain(
                self.type, self.version, self.published_at, data
            )
        return envelope.write_cloudevent(
            self.message_id,
            self._source_uri(),
            self.type,
            self.version,
            self.published_at,
            data,
            {"correlationid": self.correlation_id, "partitionkey": self.ordering_key},
        )

    @api.model
    def _source_uri(self):
        parameters = self.env["ir.config_parameter"].sudo()
        return f"urn:retail-ops:{parameters.get_param('database.uuid')}"
