from typing import NamedTuple

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..tools import egress


class Route(NamedTuple):
    """Where facts of a company go: endpoint id, company id, topics (empty: all)."""

    endpoint_id: int
    company_id: int
    topics: frozenset


class RetailEndpoint(models.Model):
    """Who is told about business facts, and where."""

    _name = "retail.endpoint"
    _description = "Endpoint"
    _inherit = ["retail.counterpart", "retail.cached"]

    url = fields.Char(
        string="Address",
        required=True,
        tracking=True,
        help="https address that takes a POST. Addresses that are not public need an "
        "egress rule.",
    )
    event_type_ids = fields.Many2many(
        "retail.event.type",
        string="Event types",
        domain=[("direction", "=", "out")],
        help="What is sent here; empty sends everything.",
    )
    body_format = fields.Selection(
        [("plain", "Plain (type, timestamp, data)"), ("cloudevents", "CloudEvents")],
        string="Body",
        required=True,
        default="plain",
        help="Both are signed alike, by Standard Webhooks.",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("active", "Active"), ("disabled", "Disabled")],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        tracking=True,
    )
    disabled_reason = fields.Char(readonly=True, copy=False)
    resting_until = fields.Datetime(
        readonly=True,
        copy=False,
        help="Nothing is sent before, since the receiver could not be reached.",
    )
    key_ids = fields.One2many("retail.endpoint.key", "endpoint_id", readonly=True)
    delivered_count = fields.Integer(compute="_compute_counts")
    open_count = fields.Integer(string="Undelivered", compute="_compute_counts")
    dead_count = fields.Integer(string="Given up", compute="_compute_counts")
    oldest_open_at = fields.Datetime(
        string="Waiting since",
        compute="_compute_counts",
        help="When the oldest undelivered fact was published, paused ones included.",
    )

    # === Facts === #
    def _compute_counts(self):
        rows = (
            self.env["retail.delivery"]
            .sudo()
            ._read_group(
                [("endpoint_id", "in", self.ids)],
                ["endpoint_id", "state"],
                ["__count", "published_at:min"],
            )
        )
        counts = {(endpoint, state): (count, at) for endpoint, state, count, at in rows}
        for endpoint in self:
            undelivered = [
                counts[endpoint, state]
                for state in ("pending", "leased")
                if (endpoint, state) in counts
            ]
            endpoint.open_count = sum(count for count, _at in undelivered)
            endpoint.oldest_open_at = min((at for _n, at in undelivered), default=False)
            endpoint.delivered_count = counts.get((endpoint, "delivered"), (0,))[0]
            endpoint.dead_count = counts.get((endpoint, "dead"), (0,))[0]

    # === Rules === #
    @api.constrains("url")
    def _check_url(self):
        allowances = self.env["retail.egress.rule"]._allowances()
        for endpoint in self:
            try:
                egress.check_url(endpoint.url, allowances)
            except egress.EgressError as error:
                raise ValidationError(
                    self.env._(
                        "Nothing may be sent to %(url)s: %(reason)s. A retail "
                        "administrator can allow it under Egress rules.",
                        url=endpoint.url,
                        reason=error,
                    )
                ) from error

    def _audit_name(self):
        return "endpoint"

    # === Life === #
    def action_activate(self):
        """Begin to deliver, what waited meanwhile first.

        :raise UserError: when no key signs yet
        """
        self.check_access("write")
        for endpoint in self:
            if not endpoint._signing_key_records():
                raise UserError(
                    self.env._("%s has no key: issue one first.", endpoint.name)
                )
        self._set_state("active", disabled_reason=False, resting_until=False)
        self.env["retail.delivery"]._wake_delivery()

    def action_disable(self):
        """Stop to deliver; what is published meanwhile waits."""
        self.check_access("write")
        self._set_disabled(self.env._("Disabled by %s", self.env.user.name))

    def _set_disabled(self, reason):
        return self._set_state("disabled", disabled_reason=reason)

    def action_issue_key(self):
        """Make a new key, show it once, and let older ones run out in a day.

        :return: action of the window that shows the secret
        """
        self.ensure_one()
        self.check_access("write")
        secret = self.env["retail.endpoint.key"]._issue({"endpoint_id": self.id})
        return self.env["retail.secret.reveal"]._show(self, secret)

    def action_send_test(self):
        """Queue a “ping” for this endpoint alone.

        :raise UserError: when the endpoint is not active
        """
        self.ensure_one()
        self.check_access("read")
        if self.state != "active":
            raise UserError(self.env._("Activate %s before you test it.", self.name))
        self.env["retail.outbox"]._ping(self)
        return self.action_open_deliveries()

    def action_open_deliveries(self):
        """Show what was and is to be sent here."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "retail_ops_integrations.action_delivery"
        )
        return {**action, "context": {"search_default_endpoint_id": self.id}}

    def action_open_dead(self):
        """Show what was given up."""
        action = self.action_open_deliveries()
        return {**action, "context": {**action["context"], "search_default_dead": 1}}

    # === Delivery === #
    def _signing_key_records(self):
        keys = self.env["retail.endpoint.key"].sudo()
        return keys.search(Domain("endpoint_id", "=", self.id) & keys._in_force())

    @api.model
    @tools.ormcache()
    def _routes(self):
        """Return where facts go; disabled endpoints are served once active again.

        :return: list of :class:`Route`
        """
        endpoints = self.sudo().search([("state", "!=", "draft")])
        return [
            Route(
                endpoint.id,
                endpoint.company_id.id,
                frozenset(endpoint.event_type_ids.mapped("name")),
            )
            for endpoint in endpoints
        ]

    @api.model
    def _routes_for(self, topic, company_id):
        return [
            route.endpoint_id
            for route in self._routes()
            if route.company_id == company_id
            and (not route.topics or topic in route.topics)
        ]
