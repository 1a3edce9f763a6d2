import re
import time
from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from ..tools import backoff, envelope, scheme, standard_webhooks
from .retail_event_type import LATENCY_CLASSES

MAX_TOLERANCE = 3600
SYSTEM_KINDS = [
    ("pos", "Point of sale"),
    ("shop", "E-commerce"),
    ("payment", "Payment"),
    ("logistics", "Logistics"),
    ("workforce", "Workforce"),
    ("maintenance", "Maintenance vendor"),
    ("bi", "Business intelligence"),
    ("communication", "Communication"),
    ("loyalty", "Loyalty"),
    ("marketplace", "Marketplace"),
    ("other", "Other"),
]
RETRY_PROFILES = [("standard", "Standard"), ("patient", "Patient")]
CODE = re.compile(r"[a-z0-9][a-z0-9-]{1,63}", re.ASCII)
# A case is raised once for its key: a source of such a name could take the keys of
# cases that are raised here.
TAKEN_CODES = frozenset(
    {
        "alert",
        "checklist",
        "import",
        "ledger",
        "outlier",
        "report",
        "screen",
        "status-word",
    }
)


class DoorKey(NamedTuple):
    """A key as the door uses it: bytes, and unix seconds from and until."""

    key: bytes
    valid_from: float
    valid_until: float


class DoorApiKey(NamedTuple):
    """An API key as the door uses it: SHA-256, unix seconds until, scopes."""

    digest: str
    valid_until: float
    scopes: frozenset


class Door(NamedTuple):
    """What the door must know of an active source."""

    id: int
    code: str
    user_id: int
    company_id: int
    tolerance: int
    rate_per_minute: int
    scheme: str
    keys: tuple
    api_keys: tuple
    type_ids: frozenset
    signed_scopes: frozenset
    required_pointers: tuple
    object_rules: dict

    def keys_at(self, now):
        """Return the keys (bytes) in force at unix seconds ``now``."""
        return [key.key for key in self.keys if key.valid_from <= now < key.valid_until]

    def api_keys_at(self, now):
        """Return the API keys in force at unix seconds ``now``."""
        return [key for key in self.api_keys if now < key.valid_until]


class RetailSource(models.Model):
    """Who may send events, which ones, how fast, and who answers for them."""

    _name = "retail.source"
    _description = "Event source"
    _inherit = ["retail.counterpart", "retail.cached"]

    code = fields.Char(
        required=True,
        copy=False,
        help="What the sender puts into the Retail-Ops-Source header: lower-case "
        "letters, digits and -.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Integration user",
        required=True,
        copy=False,
        help="In whose name the source's events are processed: an account of its own "
        "with the role Integration account, which can do nothing else.",
    )
    event_type_ids = fields.Many2many(
        "retail.event.type",
        string="Allowed event types",
        domain=[("direction", "=", "in")],
        help="What this source may send. Known types that are not listed are "
        "refused; unknown ones are parked.",
    )
    rate_per_minute = fields.Integer(
        required=True,
        default=3000,
        help="Events a minute that each server process takes before it answers 429 "
        "and says when to come back. 0 means no limit.",
    )
    clock_tolerance = fields.Integer(
        string="Clock tolerance (s)",
        required=True,
        default=standard_webhooks.DEFAULT_TOLERANCE,
        help="Seconds that the sender's clock may differ from this server's. A "
        "longer time makes it easier to replay an intercepted message.",
    )
    latency_class = fields.Selection(
        LATENCY_CLASSES,
        required=True,
        default="near_real_time",
        help="How soon its events should have their effect. The monitor shows the "
        "measured lag against it.",
    )
    system_kind = fields.Selection(
        SYSTEM_KINDS, string="Kind of system", help="What stands at the other end."
    )
    business_owner_id = fields.Many2one(
        "res.users",
        default=lambda self: self.env.user,
        tracking=True,
        help="Decides what its facts mean; the owner above keeps it running.",
    )
    queue_id = fields.Many2one(
        "retail.queue",
        string="Exception path",
        default=lambda self: self._default_queue(),
        tracking=True,
        check_company=True,
        help="The queue whose team answers for events that fail.",
    )
    required_pointers = fields.Char(
        string="Also required",
        help="JSON pointers into the data that this source must fill beyond the "
        "schema, such as “/currency /reason”.",
    )
    retry_profile = fields.Selection(
        RETRY_PROFILES,
        required=True,
        default="standard",
        help="How often an event is tried again after a transient failure. A broken "
        "business rule is never tried again by itself.",
    )
    retry_rule = fields.Char(compute="_compute_retry_rule")
    owned_object_ids = fields.Many2many(
        "retail.object",
        string="System of record for",
        compute="_compute_owned_object_ids",
    )
    contract_type_ids = fields.Many2many(
        "retail.event.type", string="May send", related="event_type_ids"
    )
    signature_scheme = fields.Selection(
        lambda _model: scheme.choices(),
        required=True,
        default="standard_webhooks",
        help="How the sender signs. Keys are for one scheme only: after a change, "
        "issue or enter a new one.",
    )
    is_key_issued = fields.Boolean(compute="_compute_is_key_issued")
    allows_api_keys = fields.Boolean(
        string="API keys allowed",
        tracking=True,
        help="For a system that cannot sign. An API key travels with every request "
        "and proves nothing about the body or the time: sign wherever possible.",
    )
    allows_metrics = fields.Boolean(
        string="May read metrics",
        tracking=True,
        help="Whether it may read the figures of the doors at /retail_ops/v1/metrics.",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("active", "Active"), ("suspended", "Suspended")],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        tracking=True,
    )
    key_ids = fields.One2many("retail.source.key", "source_id", readonly=True)
    api_key_ids = fields.One2many("retail.source.api.key", "source_id", readonly=True)
    event_count = fields.Integer(compute="_compute_counts")
    failed_count = fields.Integer(compute="_compute_counts")
    refusal_count = fields.Integer(
        string="Refused (24 h)", compute="_compute_refusal_count"
    )
    last_received_at = fields.Datetime(compute="_compute_counts")

    _code_unique = models.UniqueIndex(
        "(code)", "Another source has this code: choose a code of its own."
    )
    _user_unique = models.UniqueIndex(
        "(user_id)",
        "Another source uses this integration user: give each source one of its own, "
        "so that what it did can be told apart and stopped alone.",
    )

    # === Facts === #
    def _compute_counts(self):
        jobs = self.env["retail.event.job"].sudo()
        rows = jobs._read_group(
            [("source_id", "in", self.ids)],
            ["source_id"],
            ["__count", "received_at:max"],
        )
        received = {source: (count, last) for source, count, last in rows}
        failed = dict(
            jobs._read_group(
                [("source_id", "in", self.ids), ("state", "in", ("dead", "parked"))],
                ["source_id"],
                ["__count"],
            )
        )
        for source in self:
            source.event_count, source.last_received_at = received.get(
                source, (0, False)
            )
            source.failed_count = failed.get(source, 0)

    def _compute_refusal_count(self):
        since = fields.Datetime.subtract(fields.Datetime.now(), hours=24)
        counts = dict(
            self.env["retail.refusal"]
            .sudo()
            ._read_group(
                [("source_id", "in", self.ids), ("hour", ">=", since)],
                ["source_id"],
                ["count:sum"],
            )
        )
        for source in self:
            source.refusal_count = counts.get(source, 0)

    @api.model
    def _default_queue(self):
        return self.env.ref(
            "retail_ops_core.queue_integration", raise_if_not_found=False
        )

    def _retry_schedule(self):
        """Return the seconds before each attempt at processing an event."""
        return backoff.INBOX_PROFILES[self.retry_profile]

    @api.depends("retry_profile")
    def _compute_retry_rule(self):
        for source in self:
            schedule = source._retry_schedule()
            source.retry_rule = self.env._(
                "%(attempts)s attempts over %(hours)s hours, each ±20 %%",
                attempts=len(schedule),
                hours=round(sum(schedule) / backoff.HOUR, 1),
            )

    @api.depends("code", "company_id")
    def _compute_owned_object_ids(self):
        owners = self.env["retail.object.owner"].search(
            [("source_ids", "in", self.ids)]
        )
        for source in self:
            source.owned_object_ids = source._owned(owners).object_id

    def _owned(self, owners):
        return owners.filtered(lambda owner: self in owner.source_ids)

    @api.depends("signature_scheme")
    def _compute_is_key_issued(self):
        for source in self:
            source.is_key_issued = scheme.SCHEMES[source.signature_scheme].is_issued

    # === Rules === #
    @api.constrains("code")
    def _check_code(self):
        for source in self:
            if not CODE.fullmatch(source.code):
                raise ValidationError(
                    self.env._(
                        "“%s” is no code of a source: use 2 to 64 lower-case "
                        "letters, digits and -.",
                        source.code,
                    )
                )
            if source.code in TAKEN_CODES:
                raise ValidationError(
                    self.env._(
                        "“%s” names cases that are raised here: choose a code that "
                        "tells which system sends.",
                        source.code,
                    )
                )

    def write(self, vals):
        """Keep the code of a source whose cases are known by it.

        :raise UserError: an event replayed under another code would be another case
        """
        if "code" in vals and any(one.code != vals["code"] for one in self):
            self._check_code_names_nothing()
        return super().write(vals)

    def _check_code_names_nothing(self):
        jobs = self.env["retail.event.job"].sudo()
        if jobs.search_count([("source_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._(
                    "The cases that this source led to are known by its code: keep it, "
                    "or make a new source with another code and suspend this one."
                )
            )

    @api.constrains("clock_tolerance", "rate_per_minute")
    def _check_limits(self):
        for source in self:
            if not 1 <= source.clock_tolerance <= MAX_TOLERANCE:
                raise ValidationError(
                    self.env._(
                        "The clock tolerance must be from 1 to %s seconds.",
                        MAX_TOLERANCE,
                    )
                )
            if source.rate_per_minute < 0:
                raise ValidationError(
                    self.env._("The rate must be 0 (no limit) or more.")
                )

    @api.constrains("required_pointers")
    def _check_required_pointers(self):
        for source in self:
            pointers = (source.required_pointers or "").split()
            if any(not pointer.startswith("/") for pointer in pointers):
                raise ValidationError(
                    self.env._(
                        "Write what is also required as JSON pointers with spaces "
                        "between them, such as “/currency /reason”."
                    )
                )

    @api.constrains("event_type_ids", "business_owner_id", "queue_id", "company_id")
    def _check_stays_complete(self):
        for source in self.filtered(lambda source: source.state == "active"):
            source._check_contract()

    @api.constrains("user_id")
    def _check_user_id(self):
        for source in self:
            if not source.user_id._is_integration_account():
                raise ValidationError(
                    self.env._(
                        "%s has more rights than an integration account may have. "
                        "Use an account of its own with the role Integration account "
                        "and no other.",
                        source.user_id.name,
                    )
                )

    # === Accounts === #
    @api.model
    def _part_shared_accounts(self):
        """Give each source that shares an account with an older one its own.

        For databases that come from before accounts were one to a source: each
        update of the addon asks, and there is nothing to do the second time.
        """
        sources = self.sudo().with_context(active_test=False)._sharing_accounts()
        for source in sources:
            shared = source.user_id
            source.user_id = source._own_account(shared)
            self.env["retail.audit.entry"]._record(
                source,
                "source.account_parted",
                {"from": shared.id, "to": source.user_id.id},
            )
            source.message_post(
                body=self.env._(
                    "It shared the integration user %(shared)s with another source "
                    "and has %(own)s now: what each of them did can be told apart.",
                    shared=shared.login,
                    own=source.user_id.login,
                )
            )

    @api.model
    def _sharing_accounts(self):
        """Return the sources whose account an older source has as well."""
        shared = self._read_group(
            [], ["user_id"], ["id:recordset"], having=[("__count", ">", 1)]
        )
        return self.union(*(sources.sorted("id")[1:] for _user, sources in shared))

    def _own_account(self, shared):
        """Return a new integration account with the companies of a shared one."""
        role = self.env.ref("retail_ops_integrations.group_integration")
        return shared.with_context(no_reset_password=True).copy(
            {
                "name": self.name,
                "login": f"source-{self.id}-{self.code}",
                "group_ids": [Command.set(role.ids)],
            }
        )

    # === Life === #
    def action_activate(self):
        """Open the door to the source.

        :raise UserError: when a key or an allowed event type is missing
        """
        self.check_access("write")
        for source in self:
            source._check_complete()
        self._set_state("active")

    def action_suspend(self):
        """Refuse whatever the source sends, until it is activated again."""
        self.check_access("write")
        self._set_state("suspended")

    def _check_complete(self):
        if not self._has_a_key():
            raise UserError(
                self.env._("%s has no key: issue one first.", self.display_name)
            )
        if not self.event_type_ids:
            raise UserError(
                self.env._(
                    "%s may send nothing: choose its allowed event types first.",
                    self.display_name,
                )
            )
        self._check_contract()

    def _check_contract(self):
        """Raise unless the contract says who answers and who owns what.

        :raise ValidationError: names what is missing
        """
        missing = [
            self._fields[name]._description_string(self.env)
            for name in ("business_owner_id", "queue_id")
            if not self[name]
        ]
        owners = self.env["retail.object.owner"]._of_company(self.company_id)
        missing += self._unowned(owners)
        missing += [
            self.env._("system of record of “%s”", kind.display_name)
            for kind in self.event_type_ids
            if not kind.system_of_record
        ]
        if missing:
            raise ValidationError(
                self.env._(
                    "The contract of %(name)s lacks: %(missing)s. Complete it first.",
                    name=self.display_name,
                    missing=", ".join(missing),
                )
            )

    def _unowned(self, owners):
        """Return what it changes that no system of record speaks for, as texts.

        A type whose data names the object may name any: the source must at least be
        the system of record of one.

        :param owners: retail.object.owner, all of the company
        """
        unowned = self.event_type_ids.object_id - owners.object_id
        pointing = self.event_type_ids.filtered("object_pointer")
        if self in owners.source_ids:
            pointing = pointing.browse()
        return [
            *(self.env._("system of record of “%s”", thing.name) for thing in unowned),
            *(
                self.env._("an object that it is the system of record for (“%s”)", name)
                for name in pointing.mapped("display_name")
            ),
        ]

    def _check_owned(self):
        for source in self:
            owners = self.env["retail.object.owner"]._of_company(source.company_id)
            source._refuse_unowned(owners)

    def _refuse_unowned(self, owners):
        """Raise if an active source would send what has no system of record."""
        unowned = self._unowned(owners)
        if unowned:
            raise ValidationError(
                self.env._(
                    "%(name)s is active and would lack: %(missing)s. Suspend it, or "
                    "take the event types from it, first.",
                    name=self.display_name,
                    missing=", ".join(unowned),
                )
            )

    def _has_a_key(self):
        signing = self.key_ids.filtered(
            lambda key: key.scheme == self.signature_scheme
            and key.state in ("in_force", "expiring")
        )
        return bool(
            signing
            or self.allows_api_keys
            and self.api_key_ids.filtered(lambda key: key.state == "in_force")
        )

    def _audit_name(self):
        return "source"

    def _report_misuse(self, reason):
        """Note in the ledger that the source did what no honest one does.

        :param reason: slug of the problem it got
        """
        self.env["retail.audit.entry"]._record(
            self, "security." + reason.replace("-", "_"), {"source": self.code}
        )
        self._ask_for_attention(
            1,
            self.env._(
                "It sent another body under the id of an event that is stored. Ask its "
                "makers whether ids are reused; if not, someone else holds its key: "
                "revoke the key."
            ),
        )

    def action_issue_key(self):
        """Make a new key, show it once, and let older ones run out in a day.

        :return: action of the window that shows the secret
        """
        self.ensure_one()
        self.check_access("write")
        secret = self.env["retail.source.key"]._issue({"source_id": self.id})
        return self.env["retail.secret.reveal"]._show(self, secret)

    def action_enter_key(self):
        """Ask for the secret, or the public key, that the sender has made.

        :return: action of the window that takes it
        """
        self.check_access("write")
        return self.env["retail.secret.entry"]._ask(self)

    def action_issue_api_key(self):
        """Ask what an API key is for.

        :return: action of the window that makes it
        """
        self.check_access("write")
        return self.env["retail.api.key.request"]._ask(self)

    def action_open_events(self):
        """Show the events of the source."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "retail_ops_integrations.action_event"
        )
        return {**action, "context": {"search_default_source_id": self.id}}

    def action_open_failed(self):
        """Show the events of the source that need a person."""
        action = self.action_open_events()
        return {
            **action,
            "context": {**action["context"], "search_default_attention": 1},
        }

    # === The door === #
    @api.model
    @tools.ormcache()
    def _doors(self):
        """Return the active sources.

        All of them in one entry: codes come from strangers, who must not be able
        to fill the cache.

        :return: dict code -> :class:`Door`
        """
        active = self.sudo().search([("state", "=", "active")])
        return {source.code: source._door() for source in active}

    def _door(self):
        return Door(
            self.id,
            self.code,
            self.user_id.id,
            self.company_id.id,
            self.clock_tolerance,
            self.rate_per_minute,
            self.signature_scheme,
            tuple(self._door_keys()),
            tuple(self._door_api_keys()),
            frozenset(self.event_type_ids.ids),
            self._signed_scopes(),
            tuple((self.required_pointers or "").split()),
            self.env["retail.object.owner"]._rules_for(self),
        )

    def _signed_scopes(self):
        """Return what a signed message of the source may do.

        Questions have no body: only a scheme that signs an id proves them.
        """
        if scheme.SCHEMES[self.signature_scheme].read:
            return frozenset({"may_send_events"})
        metrics = {"may_read_metrics"} if self.allows_metrics else set()
        return frozenset(
            {"may_send_events", "may_raise_exceptions", "may_read"} | metrics
        )

    def _door_keys(self):
        """Yield the keys that count now or later, those that cannot be opened not."""
        kept = self.key_ids.filtered(
            lambda key: not key.revoked_at and key.scheme == self.signature_scheme
        )
        for key in kept:
            for opened in key._signing_keys():
                yield DoorKey(
                    opened,
                    _unix(key.valid_from),
                    _unix(key.valid_until) if key.valid_until else float("inf"),
                )

    def _door_api_keys(self):
        """Yield the API keys of the source's environment, none unless it allows any."""
        if not self.allows_api_keys:
            return
        for key in self.api_key_ids.sudo():
            if not key.revoked_at and key.environment == self.environment:
                yield DoorApiKey(key.key_sha256, _unix(key.valid_until), key._scopes())

    @api.model
    def _keys_for(self, code):
        """Return the active source of a code and the keys that count now.

        :return: tuple (:class:`Door` or None, list of bytes)
        """
        door = self._doors().get(code)
        return door, door.keys_at(time.time()) if door else []

    # === Demo === #
    @api.model
    def _provision_demo_credentials(self):
        """Issue keys for the demo's POS and its listener, and open both.

        :return: dict ``{"source": {"code", "secret"}, "endpoint": {"url",
            "secret"}}``
        :raise ValueError: the demo data is not installed
        """
        source = self.env.ref("retail_ops_integrations.source_demo_pos")
        endpoint = self.env.ref("retail_ops_integrations.endpoint_demo_listen")
        keys = self.env["retail.source.key"]
        source_secret = keys._issue({"source_id": source.id}, overlap_hours=0)
        endpoint_secret = self.env["retail.endpoint.key"]._issue(
            {"endpoint_id": endpoint.id}, overlap_hours=0
        )
        source.action_activate()
        endpoint.action_activate()
        return {
            "source": {"code": source.code, "secret": source_secret},
            "endpoint": {"url": endpoint.url, "secret": endpoint_secret},
        }

    @api.model
    def _receive_demo(self, source_id, event_id, event_type, hours_ago, data):
        """Receive an event of the demo data as the door does, once it is proven.

        :param source_id: int
        :param hours_ago: how long ago it happened
        :param data: dict
        """
        occurred_at = fields.Datetime.now() - timedelta(hours=hours_ago)
        body = envelope.write_plain(event_type, 1, occurred_at, data)
        door = self.browse(source_id)._door()
        self.env["retail.event"]._accept(door, body, envelope.PLAIN, event_id)


def _unix(moment):
    return (moment - fields.Datetime.to_datetime("1970-01-01")).total_seconds()
