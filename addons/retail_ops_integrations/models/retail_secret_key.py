import hashlib
import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import NO_ACCESS, Domain

from ..tools import standard_webhooks
from ..tools.secret_box import SecretBoxError
from .retail_counterpart import ENVIRONMENTS

_logger = logging.getLogger(__name__)

MAX_KEYS = 10
MAX_OVERLAP_HOURS = 7 * 24
DEFAULT_OVERLAP_HOURS = 24


class RetailSecretKey(models.AbstractModel):
    """A signing secret: made here, shown once, kept encrypted, several at once."""

    _name = "retail.secret.key"
    _description = "Signing key"
    _allow_sudo_commands = False
    _order = "id desc"
    _rec_name = "fingerprint"

    fingerprint = fields.Char(
        readonly=True,
        help="First characters of the secret's SHA-256: tells keys apart without "
        "revealing anything.",
    )
    sealed_secret = fields.Char(
        readonly=True, required=True, copy=False, groups=NO_ACCESS
    )
    valid_from = fields.Datetime(
        readonly=True, required=True, default=fields.Datetime.now
    )
    valid_until = fields.Datetime(
        readonly=True,
        help="Until then the key counts; set when a newer one replaces it.",
    )
    revoked_at = fields.Datetime(readonly=True)
    environment = fields.Selection(
        ENVIRONMENTS,
        readonly=True,
        help="Which systems the key is for. When its owner moves to the other "
        "environment, the key is revoked.",
    )
    issued_by_id = fields.Many2one("res.users", readonly=True)
    state = fields.Selection(
        [
            ("in_force", "In force"),
            ("expiring", "Expiring"),
            ("expired", "Expired"),
            ("revoked", "Revoked"),
        ],
        compute="_compute_state",
    )

    @api.depends("valid_until", "revoked_at")
    def _compute_state(self):
        now = fields.Datetime.now()
        for key in self:
            if key.revoked_at:
                key.state = "revoked"
            elif key.valid_until and key.valid_until <= now:
                key.state = "expired"
            else:
                key.state = "expiring" if key.valid_until else "in_force"

    @api.model
    def _in_force(self):
        """Return the domain of keys that count now."""
        now = fields.Datetime.now()
        return (
            Domain("revoked_at", "=", False)
            & Domain("valid_from", "<=", now)
            & (Domain("valid_until", "=", False) | Domain("valid_until", ">", now))
        )

    @api.model
    def _issue(self, owner_vals, overlap_hours=DEFAULT_OVERLAP_HOURS):
        """Make a new key and let the older ones of the same owner run out.

        :param owner_vals: dict naming the owner, such as ``{"source_id": 1}``
        :param overlap_hours: hours that older keys go on counting, 0 to 168
        :return: text, the secret, which cannot be shown again
        """
        secret = standard_webhooks.new_secret()
        self._keep(owner_vals, secret, overlap_hours, "key.issued")
        return secret

    @api.model
    def _keep(self, owner_vals, secret, overlap_hours, action):
        """Store a secret encrypted, and let the older ones run out.

        :param owner_vals: dict naming the owner
        :param secret: text
        :param overlap_hours: hours that older keys go on counting, 0 to 168
        :param action: text for the ledger
        :return: the new key
        """
        hours = min(max(overlap_hours, 0), MAX_OVERLAP_HOURS)
        owner = Domain.AND(Domain(name, "=", owner_vals[name]) for name in owner_vals)
        older = self.sudo().search(owner & self._in_force())
        older._run_out(fields.Datetime.now() + timedelta(hours=hours))
        older[MAX_KEYS - 1 :]._revoke()
        key = self.sudo().create(
            {
                **owner_vals,
                "fingerprint": hashlib.sha256(secret.encode()).hexdigest()[:12],
                "sealed_secret": self.env["retail.secret.box"]._seal(secret),
                "issued_by_id": self.env.uid,
            }
        )
        key.environment = key._owner().environment
        self.env["retail.audit.entry"]._record(
            key, action, {"fingerprint": key.fingerprint, **owner_vals}
        )
        return key

    def _run_out(self, moment):
        for key in self:
            key.valid_until = min(filter(None, (key.valid_until, moment)))

    def _revoke(self):
        """Make the keys worthless from now on."""
        pending = self.filtered(lambda key: not key.revoked_at)
        pending.sudo().revoked_at = fields.Datetime.now()
        self.env["retail.audit.entry"]._record(
            pending,
            "key.revoked",
            [{"fingerprint": key.fingerprint} for key in pending],
        )

    def action_revoke(self):
        """Revoke the key at once.

        :raise AccessError: when the user may not change the key's owner
        """
        self._owner().check_access("write")
        self._revoke()

    def _signing_keys(self):
        """Return what the keys that this process can open sign with.

        :return: list of bytes, newest first
        """
        opened = []
        for key in self.sudo():
            try:
                secret = self.env["retail.secret.box"]._unseal(key.sealed_secret)
                opened.append(key._decode(secret))
            except (SecretBoxError, ValueError) as error:
                _logger.error("key %s cannot be used: %s", key.fingerprint, error)
        return opened

    def _decode(self, secret):
        """Return the key bytes of a secret.

        :raise ValueError: it is none of this kind
        """
        return standard_webhooks.decode_secret(secret)
