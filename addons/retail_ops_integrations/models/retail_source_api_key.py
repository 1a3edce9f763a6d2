from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import NO_ACCESS

from ..tools import api_key
from .retail_counterpart import ENVIRONMENTS

MAX_DAYS = 365
SCOPES = ("may_send_events", "may_raise_exceptions", "may_read", "may_read_metrics")


class RetailSourceApiKey(models.Model):
    """A key for a system that cannot sign: scoped, expiring, kept as a hash."""

    _name = "retail.source.api.key"
    _description = "API key of a source"
    _inherit = ["retail.cached"]
    _allow_sudo_commands = False
    _order = "id desc"
    _rec_name = "hint"

    source_id = fields.Many2one(
        "retail.source", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="source_id.company_id")
    hint = fields.Char(
        readonly=True, help="First characters of the key, to tell it from others."
    )
    key_sha256 = fields.Char(readonly=True, required=True, copy=False, groups=NO_ACCESS)
    environment = fields.Selection(
        ENVIRONMENTS,
        required=True,
        readonly=True,
        help="The key counts only while its source belongs to this environment.",
    )
    purpose = fields.Char(required=True, readonly=True, help="Who holds it, and why.")
    may_send_events = fields.Boolean(string="Send events", readonly=True)
    may_raise_exceptions = fields.Boolean(string="Raise exceptions", readonly=True)
    may_read = fields.Boolean(
        string="Read its own",
        readonly=True,
        help="What became of the source's own events and exceptions.",
    )
    may_read_metrics = fields.Boolean(string="Read metrics", readonly=True)
    valid_until = fields.Datetime(readonly=True, required=True)
    revoked_at = fields.Datetime(readonly=True)
    issued_by_id = fields.Many2one("res.users", readonly=True)
    state = fields.Selection(
        [("in_force", "In force"), ("expired", "Expired"), ("revoked", "Revoked")],
        compute="_compute_state",
    )

    _key_unique = models.UniqueIndex(
        "(key_sha256)", "This key exists already: issue another one."
    )

    @api.depends("valid_until", "revoked_at")
    def _compute_state(self):
        now = fields.Datetime.now()
        for key in self:
            if key.revoked_at:
                key.state = "revoked"
            else:
                key.state = "in_force" if key.valid_until > now else "expired"

    @api.constrains("purpose", *SCOPES)
    def _check_scopes(self):
        for key in self:
            if not key._scopes():
                raise ValidationError(
                    self.env._("Choose at least one thing that the key may do.")
                )

    def _scopes(self):
        return frozenset(scope for scope in SCOPES if self[scope])

    @api.model
    def _issue(self, source, purpose, scopes, days):
        """Make a key for a source that takes API keys.

        :param source: retail.source
        :param purpose: text
        :param scopes: iterable of :data:`SCOPES`
        :param days: int, 1 to 365
        :return: text, the key, which cannot be shown again
        :raise UserError: the source takes no API keys, or the time is too long
        """
        if not source.allows_api_keys:
            raise UserError(
                self.env._(
                    "%s takes signed messages only. Allow API keys on it first, if "
                    "its system really cannot sign.",
                    source.name,
                )
            )
        if not 1 <= days <= MAX_DAYS:
            raise UserError(self.env._("A key is valid for 1 to %s days.", MAX_DAYS))
        secret = api_key.new_key(source.environment)
        key = self.sudo().create(
            {
                "source_id": source.id,
                "hint": secret[:13],
                "key_sha256": api_key.digest(secret),
                "environment": source.environment,
                "purpose": purpose,
                "valid_until": fields.Datetime.now() + timedelta(days=days),
                "issued_by_id": self.env.uid,
                **dict.fromkeys(scopes, True),
            }
        )
        self.env["retail.audit.entry"]._record(
            key, "api_key.issued", {"hint": key.hint, "scopes": sorted(scopes)}
        )
        return secret

    def action_revoke(self):
        """Make the keys worthless from now on.

        :raise AccessError: when the user may not change the key's source
        """
        self.source_id.check_access("write")
        pending = self.filtered(lambda key: not key.revoked_at)
        pending.sudo().revoked_at = fields.Datetime.now()
        self.env["retail.audit.entry"]._record(
            pending, "api_key.revoked", [{"hint": key.hint} for key in pending]
        )
