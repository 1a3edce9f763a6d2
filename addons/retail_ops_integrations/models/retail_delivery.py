from odoo import api, fields, models

from ..tools import backoff

CRON = "retail_ops_integrations.cron_deliver_outbox"

STATES = [
    ("waiting", "Waiting for an earlier one"),
    ("pending", "Queued"),
    ("leased", "Being sent"),
    ("delivered", "Delivered"),
    ("dead", "Given up"),
    ("cancelled", "Cancelled"),
]


class RetailDelivery(models.Model):
    """One fact on its way to one endpoint.

    pending → leased → delivered or, after the last attempt, dead. At an ordered
    endpoint all but the first of an ordering key are waiting.
    """

    _name = "retail.delivery"
    _description = "Delivery"
    _inherits = {"retail.outbox": "outbox_id"}
    _log_access = False
    _allow_sudo_commands = False
    _order = "id desc"
    _rec_name = "message_id"

    outbox_id = fields.Many2one(
        "retail.outbox", required=True, readonly=True, ondelete="cascade"
    )
    endpoint_id = fields.Many2one(
        "retail.endpoint", required=True, readonly=True, ondelete="restrict"
    )
    environment = fields.Selection(related="endpoint_id.environment")
    ordering_key = fields.Char(
        readonly=True,
        help="What an ordered endpoint gets with the same key comes one after the "
        "other, in the order it happened.",
    )
    state = fields.Selection(STATES, required=True, readonly=True)
    attempts = fields.Integer(readonly=True)
    next_at = fields.Datetime(string="Next attempt", readonly=True)
    lease_until = fields.Datetime(readonly=True)
    lease_token = fields.Char(readonly=True)
    last_status = fields.Integer(string="Last answer", readonly=True)
    last_error = fields.Char(readonly=True)
    delivered_at = fields.Datetime(readonly=True)
    owner_told = fields.Boolean(readonly=True)
    attempt_ids = fields.One2many(
        "retail.delivery.attempt", "delivery_id", readonly=True
    )
    plan = fields.Char(compute="_compute_plan", help="What happens next, and when.")

    _endpoint_unique = models.UniqueIndex(
        "(endpoint_id, outbox_id)", "This endpoint gets this fact already."
    )
    _outbox_idx = models.Index("(outbox_id)")
    _ready_idx = models.Index("(endpoint_id, next_at, id) WHERE state = 'pending'")
    _waiting_idx = models.Index(
        "(endpoint_id, ordering_key, id) WHERE state = 'waiting'"
    )
    _head_idx = models.Index(
        "(endpoint_id, ordering_key) WHERE state IN ('pending', 'leased', 'dead')"
    )
    _lease_idx = models.Index("(lease_until) WHERE state = 'leased'")
    _open_idx = models.Index(
        "(endpoint_id, id) WHERE state IN ('waiting', 'pending', 'leased')"
    )
    _attention_idx = models.Index("(endpoint_id) WHERE state = 'dead'")

    @api.depends("state", "attempts", "endpoint_id.state")
    def _compute_plan(self):
        for delivery in self:
            delivery.plan = delivery._what_is_next()

    def _what_is_next(self):
        endpoint = self.endpoint_id
        if self.state not in ("pending", "waiting"):
            return False
        if endpoint.state != "active":
            return self.env._("Waits until the endpoint is active")
        if self.state == "waiting":
            return self.env._("Waits until what came before it is delivered")
        return self.env._(
            "Attempt %(next)s of %(total)s",
            next=self.attempts + 1,
            total=len(backoff.SCHEDULES[endpoint.retry_profile]),
        )

    @api.model
    def _wake_delivery(self):
        self.env["retail.wakeup"]._wake(CRON)

    # === Verbs === #
    def _resend(self, reason):
        """Send again what ended; the receiver knows it by the same webhook-id.

        What lost its payload to the retention policy stays as it is.

        :param reason: text for the ledger
        :return: the deliveries that were queued
        """
        ended = self.sudo().filtered(
            lambda delivery: delivery.state in ("delivered", "dead", "cancelled")
            and delivery.data
        )
        ordered = ended.filtered(
            lambda delivery: delivery.endpoint_id.is_ordered and delivery.ordering_key
        )
        fresh = {"attempts": 0, "next_at": self.env.cr.now(), "owner_told": False}
        ordered.write({**fresh, "state": "waiting"})
        (ended - ordered).write({**fresh, "state": "pending"})
        self._note(ended, "delivery.resent", reason)
        self._wake_delivery()
        return ended

    def _cancel(self, reason):
        """Do not send any more.

        :param reason: text for the ledger
        :return: the deliveries that were cancelled
        """
        cancelled = self.filtered(
            lambda delivery: delivery.state in ("waiting", "pending", "dead")
        ).sudo()
        cancelled.write({"state": "cancelled", "last_error": reason})
        self._note(cancelled, "delivery.cancelled", reason)
        return cancelled

    def _note(self, deliveries, action, reason):
        facts = [
            {"endpoint": delivery.endpoint_id.id, "message": delivery.message_id}
            | {"reason": reason}
            for delivery in deliveries
        ]
        self.env["retail.audit.entry"]._record(deliveries, action, facts)

    # === Actions of users === #
    def action_resend(self):
        """Ask why, then send again."""
        return self.env["retail.reason"]._ask("delivery_resend", self)

    def action_cancel(self):
        """Ask why, then stop sending."""
        return self.env["retail.reason"]._ask("delivery_cancel", self)

    def action_show_raw(self):
        """Ask why, then show the payload as it is sent."""
        self.ensure_one()
        return self.env["retail.raw.payload"]._ask(self)

    def action_open_trace(self):
        """Show every hop of the fact's case."""
        self.ensure_one()
        return self.env["retail.trace"]._open(self.correlation_id)
