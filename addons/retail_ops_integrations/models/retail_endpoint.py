from typing import NamedTuple

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..tools import egress
from .retail_endpoint_health import REST_REASONS

DISABLE_AFTER_HOURS = {"standard": 5 * 24, "payments": 30 * 24}


class Route(NamedTuple):
    """Where facts of a company go: endpoint id, company id, topics (empty: all)."""

    endpoint_id: int
    company_id: int
    topics: frozenset
    is_ordered: bool


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
    retry_profile = fields.Selection(
        [
            ("standard", "Ten attempts in three days"),
            ("payments", "37 attempts in 30 days"),
        ],
        string="Retries",
        required=True,
        default="standard",
        tracking=True,
        help="Both begin with 0 s, 5 s, 5 min, 30 min, 2, 5, 10, 14, 20 and 24 hours, "
        "each ±20 %; for payments once a day follows until thirty days have passed.",
    )
    rate_per_minute = fields.Integer(
        tracking=True,
        help="Letters a minute that the receiver is sent at most; a sixth of them may "
        "come at once. 0 means no limit.",
    )
    is_ordered = fields.Boolean(
        string="In order",
        tracking=True,
        help="Facts with the same ordering key, such as those about one exception, "
        "are sent one after the other: the next one only when the receiver has taken "
        "the one before. Costs throughput, and other keys are not held up.",
    )
    exhausted_policy = fields.Selection(
        [("continue", "Go on with the next"), ("hold", "Hold those that follow")],
        string="When one is given up",
        required=True,
        default="continue",
        help="For endpoints in order: hold where a later fact is wrong without the "
        "earlier one, until a person sends it again or stops it.",
    )
    disable_after_hours = fields.Integer(
        string="Disable after (hours)",
        compute="_compute_disable_after_hours",
        store=True,
        readonly=False,
        tracking=True,
        help="An endpoint that takes nothing for so long is disabled; its owner is "
        "told at 50, 70 and 90 %. What is published meanwhile waits. 0 means never.",
    )
    health_ids = fields.One2many("retail.endpoint.health", "endpoint_id", readonly=True)
    resting_until = fields.Datetime(
        compute="_compute_health", help="Nothing is sent before."
    )
    rest_reason = fields.Selection(
        REST_REASONS, string="Rests because", compute="_compute_health"
    )
    failing_since = fields.Datetime(
        compute="_compute_health",
        help="The first failure since the receiver last took a letter.",
    )
    last_success_at = fields.Datetime(string="Last taken", compute="_compute_health")
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
                for state in ("waiting", "pending", "leased")
                if (endpoint, state) in counts
            ]
            endpoint.open_count = sum(count for count, _at in undelivered)
            endpoint.oldest_open_at = min((at for _n, at in undelivered), default=False)
            endpoint.delivered_count = counts.get((endpoint, "delivered"), (0,))[0]
            endpoint.dead_count = counts.get((endpoint, "dead"), (0,))[0]

    @api.depends(
        "health_ids.resting_until",
        "health_ids.rest_reason",
        "health_ids.failing_since",
        "health_ids.last_success_at",
    )
    def _compute_health(self):
        now = fields.Datetime.now()
        for endpoint in self:
            health = endpoint.health_ids[:1]
            rests = health.resting_until and health.resting_until > now
            endpoint.resting_until = rests and health.resting_until
            endpoint.rest_reason = rests and health.rest_reason
            endpoint.failing_since = health.failing_since
            endpoint.last_success_at = health.last_success_at

    @api.depends("retry_profile")
    def _compute_disable_after_hours(self):
        for endpoint in self:
            endpoint.disable_after_hours = DISABLE_AFTER_HOURS[endpoint.retry_profile]

    # === Rules === #
    _limits_not_negative = models.Constraint(
        "CHECK(rate_per_minute >= 0 AND disable_after_hours >= 0)",
        "A rate and a number of hours cannot be below zero; 0 means no limit.",
    )

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
    def write(self, vals):
        """A new address begins with a clean record."""
        moved = self.filtered(lambda each: vals.get("url", each.url) != each.url)
        result = super().write(vals)
        if moved:
            self.env["retail.endpoint.health"]._of(moved)._forgive()
        return result

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
        self._set_state("active", disabled_reason=False)
        self.env["retail.endpoint.health"]._of(self)._forgive()
        self.env["retail.delivery"]._wake_delivery()

    def action_disable(self):
        """Stop to deliver; what is published meanwhile waits."""
        self.check_access("write")
        self._set_disabled(self.env._("Disabled by %s", self.env.user.name))

    def _set_disabled(self, reason):
        return self._set_state("disabled", disabled_reason=reason)

    def _warn_owner(self, reason):
        """Tell the owner now, and keep one activity open for him.

        :param reason: text
        """
        self.ensure_one()
        self.message_post(body=reason, partner_ids=self.owner_id.partner_id.ids)
        self._ask_for_attention(self.open_count, reason)

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
                endpoint.is_ordered,
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

    @api.model
    def _ordered(self):
        return [route.endpoint_id for route in self._routes() if route.is_ordered]
