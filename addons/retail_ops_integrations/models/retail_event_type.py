import json
from typing import NamedTuple

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from ..tools import compat, envelope, schema

LATENCY_CLASSES = [
    ("real_time", "Real time"),
    ("near_real_time", "Near real time"),
    ("scheduled", "Scheduled"),
]


class Contract(NamedTuple):
    """What the door must know of an inbound event type.

    id: int; revision: int; schema: JSON text; pointers: tuple of JSON pointers into
    the data; object_code: the shared object that it changes, or False;
    object_pointer: where the data names that object, or False.
    """

    id: int
    revision: int
    schema: str
    pointers: tuple
    object_code: str
    object_pointer: str


class RetailEventType(models.Model):
    _name = "retail.event.type"
    _description = "Event type"
    _inherit = ["mail.thread", "retail.cached"]
    _order = "direction, name, version desc"

    name = fields.Char(
        required=True,
        help="A business fact in words with dots between them, such as "
        "stock.discrepancy.found.",
    )
    version = fields.Integer(
        required=True,
        default=1,
        help="A change that breaks senders or receivers is a new version beside "
        "the old one.",
    )
    direction = fields.Selection(
        [("in", "Inbound"), ("out", "Outbound")],
        required=True,
        default="in",
        help="Inbound: a source sends it to us. Outbound: we tell endpoints.",
    )
    active = fields.Boolean(default=True)
    description = fields.Text(translate=True)
    schema = fields.Text(
        required=True,
        default='{"type": "object"}',
        tracking=True,
        help="JSON Schema 2020-12 of the event's data. References to other "
        "documents are refused.",
    )
    revision = fields.Integer(
        readonly=True,
        copy=False,
        tracking=True,
        help="Counts compatible changes of the schema within a version. Each event "
        "keeps the one it was checked against.",
    )
    published_schema = fields.Text(readonly=True, copy=False)
    sample = fields.Text(
        required=True, default="{}", help="An example of the data, as JSON."
    )
    handler = fields.Char(
        help="Name of the method that turns the event into work, without "
        "“_handle_”. Inbound only.",
    )
    ordering_key_path = fields.Char(
        help="JSON pointers into the data with spaces between them, such as "
        "“/store /product”. Events with equal values there are processed one "
        "after the other; empty means in any order.",
    )
    exhausted_policy = fields.Selection(
        [("continue", "Go on with the next"), ("hold", "Hold those that follow")],
        required=True,
        default="continue",
        help="What happens to later events of the same ordering key when one cannot "
        "be processed. Hold where a later fact is wrong without the earlier one, "
        "such as payments.",
    )
    late_policy = fields.Selection(
        [
            ("process", "Process it: each one counts"),
            ("supersede", "Set it aside: only the newest counts"),
        ],
        string="A late event",
        required=True,
        default="process",
        help="What happens to an event that is older than one of the same ordering "
        "key that was processed already. Set it aside where events say how something "
        "stands now, such as a status or a price.",
    )
    object_id = fields.Many2one(
        "retail.object",
        string="Changes",
        ondelete="restrict",
        help="The shared object that these events change: only its system of record "
        "may send them. Empty: they report something and change nothing.",
    )
    object_pointer = fields.Char(
        string="Changes what stands at",
        help="JSON pointer to the code of the object that an event changes, where "
        "one type serves several, such as “/object”.",
    )
    latency_class = fields.Selection(
        LATENCY_CLASSES,
        required=True,
        default="near_real_time",
        help="How soon after it happened its effect should be here.",
    )
    system_of_record = fields.Char(
        help="The system whose word counts for the objects in this event."
    )
    producer = fields.Char(help="Who sends it.")
    consumer = fields.Char(help="Who acts on it.")

    _name_unique = models.UniqueIndex(
        "(direction, name, version)",
        "This event type exists in this version: raise the version number.",
    )

    def init(self):
        """Take the schemas of a database that knew no revisions as published."""
        self.env.cr.execute(
            "UPDATE retail_event_type SET published_schema = schema "
            "WHERE published_schema IS NULL"
        )

    @api.depends("name", "version")
    def _compute_display_name(self):
        for event_type in self:
            event_type.display_name = f"{event_type.name} v{event_type.version}"

    @api.constrains("name", "version")
    def _check_name(self):
        for event_type in self:
            if not envelope.is_type(event_type.name) or event_type.version < 1:
                raise ValidationError(
                    self.env._(
                        "“%s” is no event type: use words of letters, digits and _ "
                        "with dots between them, and a version from 1.",
                        event_type.name,
                    )
                )

    @api.constrains("schema", "sample")
    def _check_schema(self):
        for event_type in self:
            try:
                schema.compile_schema(event_type.schema)
                sample = json.loads(event_type.sample)
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "Schema or sample of %(type)s cannot be used: %(reason)s",
                        type=event_type.display_name,
                        reason=error,
                    )
                ) from error
            event_type._check_sample(schema.errors(event_type.schema, sample))
            event_type._check_compatible()

    def _check_sample(self, errors):
        if errors:
            raise ValidationError(
                self.env._(
                    "The sample of %(type)s does not match its schema: %(first)s",
                    type=self.display_name,
                    first=f"{errors[0]['pointer']} {errors[0]['detail']}",
                )
            )

    def _check_compatible(self):
        """Let a schema in use change only in ways that break nobody.

        :raise ValidationError: names what would break and asks for a new version
        """
        if self.published_schema == self.schema:
            return
        if self.published_schema and self._is_used():
            old, new = json.loads(self.published_schema), json.loads(self.schema)
            broken = compat.breaking_changes(old, new, self.direction)
            if broken:
                raise ValidationError(
                    self.env._(
                        "%(type)s is in use, and this change is not shown to be "
                        "compatible: %(broken)s. Make version %(next)s beside it.",
                        type=self.display_name,
                        broken="; ".join(broken[:5]),
                        next=self.version + 1,
                    )
                )
        self.sudo().write(
            {
                "published_schema": self.schema,
                "revision": self.revision + bool(self.published_schema),
            }
        )

    def _is_used(self):
        """Tell whether events or facts of this version were ever exchanged."""
        model = "retail.event" if self.direction == "in" else "retail.outbox"
        domain = [("type", "=", self.name), ("version", "=", self.version)]
        return bool(self.env[model].sudo().search_count(domain, limit=1))

    @api.constrains("handler")
    def _check_handler(self):
        handlers = self.env["retail.event.handler"]
        for event_type in self.filtered("handler"):
            if not hasattr(handlers, event_type._handler_method()):
                raise ValidationError(
                    self.env._(
                        "No addon knows how to handle “%s”: choose the name of a "
                        "handler that is installed.",
                        event_type.handler,
                    )
                )

    def _handler_method(self):
        return f"_handle_{self.handler}"

    @api.model
    @tools.ormcache()
    def _catalogue(self):
        """Return the inbound contracts.

        :return: dict (name, version) -> :class:`Contract`
        """
        inbound = self.sudo().search([("direction", "=", "in")])
        return {
            (event_type.name, event_type.version): Contract(
                event_type.id,
                event_type.revision,
                event_type.schema,
                tuple((event_type.ordering_key_path or "").split()),
                event_type.object_id.code,
                event_type.object_pointer,
            )
            for event_type in inbound
        }

    @api.model
    @tools.ormcache("name")
    def _current_version(self, name):
        """Return the highest version in which an outbound fact is published."""
        current = self.sudo().search(
            [("direction", "=", "out"), ("name", "=", name)], limit=1
        )
        return current.version or 1

    @api.model
    def _described(self):
        """Return what an API description says about the types in force.

        :return: list of dicts: name, version, direction, description, schema and
            sample (parsed), contract (dict of texts)
        """
        return [
            {
                "name": event_type.name,
                "version": event_type.version,
                "direction": event_type.direction,
                "description": event_type.description or "",
                "schema": json.loads(event_type.schema),
                "sample": json.loads(event_type.sample),
                "contract": event_type._described_contract(),
            }
            for event_type in self.search([])
        ]

    def _described_contract(self):
        """Return who stands behind a type, as texts for people and machines."""
        latency = dict(LATENCY_CLASSES)[self.latency_class]
        contract = {
            "Version": f"{self.version}.{self.revision}",
            "Producer": self.producer,
            "Consumer": self.consumer,
            "System of record": self.system_of_record,
            "Changes": self.object_id.name,
            "Latency class": latency,
            "Ordering key": self.ordering_key_path,
        }
        return {name: text for name, text in contract.items() if text}
