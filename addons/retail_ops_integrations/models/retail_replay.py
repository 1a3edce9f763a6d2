import math

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

BATCH = 200
MAX_RATE = 60000
CRON = "retail_ops_integrations.cron_replay"
MODELS = {"events": "retail.event.job", "deliveries": "retail.delivery"}
FAILED = {"events": ("dead", "parked"), "deliveries": ("dead",)}
ENDED = {
    "events": ("done", "dead", "parked", "skipped"),
    "deliveries": ("delivered", "dead", "cancelled"),
}
# What the ledger says was asked for; how fast may be changed at any time.
ASKED = frozenset(
    {
        "company_id",
        "endpoint_id",
        "event_type",
        "kind",
        "reason",
        "record_ids",
        "scope",
        "since",
        "source_id",
        "until",
    }
)


class RetailReplay(models.Model):
    """Many events or deliveries once more, at a rate that nobody suffers from.

    It walks by id and remembers where it is: it may be stopped at any time, and
    goes on where it was. A replay has no second effect.
    """

    _name = "retail.replay"
    _description = "Replay"
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    kind = fields.Selection(
        [("events", "Events, processed again"), ("deliveries", "Deliveries, resent")],
        required=True,
        default="events",
        help="Events go through the inbox again; deliveries go to their endpoint "
        "again under the same webhook-id.",
    )
    scope = fields.Selection(
        [("failed", "Everything that failed"), ("ended", "Everything that ended")],
        required=True,
        default="failed",
        help="Failed: dead letters and parked events. Ended: also what was done, for "
        "a receiver that lost its data; nothing here happens twice.",
    )
    since = fields.Datetime(
        required=True, help="Received or published from this moment on."
    )
    until = fields.Datetime(help="And before this moment. Empty has no end.")
    source_id = fields.Many2one(
        "retail.source", check_company=True, help="Empty takes every source."
    )
    endpoint_id = fields.Many2one(
        "retail.endpoint", check_company=True, help="Empty takes every endpoint."
    )
    event_type = fields.Char(
        help="Name of a type, such as stock.discrepancy.found. Empty takes every type."
    )
    record_ids = fields.Json(
        readonly=True, help="A selection instead of the conditions above."
    )
    rate_per_minute = fields.Integer(
        string="At most a minute",
        required=True,
        default=600,
        help="A backlog that comes back at once would hold up what happens now.",
    )
    reason = fields.Char(
        required=True, help="Stands in the audit ledger with your name."
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("running", "Running"),
            ("paused", "Paused"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
    )
    matching_count = fields.Integer(
        string="Matches now",
        compute="_compute_matching_count",
        help="How many it would take if it began now.",
    )
    total = fields.Integer(readonly=True, copy=False)
    seen = fields.Integer(string="Looked at", readonly=True, copy=False)
    replayed = fields.Integer(readonly=True, copy=False)
    progress = fields.Float(compute="_compute_progress", help="Percent looked at.")
    cursor_id = fields.Integer(readonly=True, copy=False)
    last_step_at = fields.Datetime(readonly=True, copy=False)
    finished_at = fields.Datetime(readonly=True, copy=False)

    @api.model
    def _has_field_access(self, field, operation):
        controlled = {"state", "record_ids", "cursor_id", "total", "seen", "replayed"}
        if operation == "write" and field.name in controlled:
            return self.env.su
        return super()._has_field_access(field, operation)

    @api.depends("kind", "since")
    def _compute_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for replay in self:
            replay.name = f"{kinds.get(replay.kind)} · {replay.since or ''}"

    @api.depends(
        "kind",
        "scope",
        "since",
        "until",
        "source_id",
        "endpoint_id",
        "event_type",
        "company_id",
        "record_ids",
    )
    def _compute_matching_count(self):
        for replay in self:
            replay.matching_count = replay.since and replay._records().search_count(
                replay._domain()
            )

    @api.depends("total", "seen")
    def _compute_progress(self):
        for replay in self:
            replay.progress = 100 * replay.seen / replay.total if replay.total else 0

    @api.constrains("rate_per_minute")
    def _check_rate(self):
        if any(not 1 <= replay.rate_per_minute <= MAX_RATE for replay in self):
            raise ValidationError(
                self.env._("Choose a rate from 1 to %s a minute.", MAX_RATE)
            )

    def write(self, vals):
        """Change what is not begun yet.

        :raise UserError: it began, and stands in the ledger as it was asked for
        """
        if ASKED & vals.keys() and any(one.state != "draft" for one in self):
            raise UserError(
                self.env._("A replay that began stays as it is: make a new one.")
            )
        return super().write(vals)

    # === What it takes === #
    def _records(self):
        return self.env[MODELS[self.kind]].sudo()

    def _domain(self):
        """Return the domain of all that it takes, whatever is through already."""
        self.ensure_one()
        states = (FAILED if self.scope == "failed" else ENDED)[self.kind]
        domain = Domain("company_id", "=", self.company_id.id)
        domain &= Domain("state", "in", states)
        if self.record_ids:
            return domain & Domain("id", "in", self.record_ids)
        at = "received_at" if self.kind == "events" else "published_at"
        domain &= Domain(at, ">=", self.since)
        if self.until:
            domain &= Domain(at, "<", self.until)
        return domain & self._narrower()

    def _narrower(self):
        domain = Domain.TRUE
        if self.event_type:
            domain &= Domain("type", "=", self.event_type)
        if self.kind == "events" and self.source_id:
            domain &= Domain("source_id", "=", self.source_id.id)
        if self.kind == "deliveries" and self.endpoint_id:
            domain &= Domain("endpoint_id", "=", self.endpoint_id.id)
        return domain

    # === Life === #
    @api.model
    def _of_selection(self, records, reason):
        """Begin replays of selected records, too many for one go, one a company.

        :param records: retail.event.job or retail.delivery
        :param reason: text
        :return: retail.replay, running
        """
        kinds = {model: kind for kind, model in MODELS.items()}
        replays = self.sudo().create(
            [
                {
                    "kind": kinds[records._name],
                    "scope": "ended",
                    "since": fields.Datetime.now(),
                    "record_ids": selected.ids,
                    "company_id": company.id,
                    "reason": reason,
                }
                for company, selected in records.grouped("company_id").items()
            ]
        )
        matching = replays.filtered("matching_count") or replays
        (replays - matching).unlink()
        for replay in matching:
            replay._begin()
        return matching.sudo(False)

    def action_start(self):
        """Begin, or go on after a pause."""
        self.check_access("write")
        for replay in self.sudo():
            if replay.state == "draft":
                replay._begin()
            elif replay.state == "paused":
                replay._set_state("running")

    def _begin(self):
        if not self.matching_count:
            raise UserError(self.env._("Nothing matches: choose an earlier moment."))
        self.write({"total": self.matching_count, "last_step_at": False})
        self._set_state("running")

    def action_pause(self):
        """Stop after the batch in hand."""
        self.check_access("write")
        self.filtered(lambda one: one.state == "running").sudo()._set_state("paused")

    def action_cancel(self):
        """End it; what was replayed stays so."""
        self.check_access("write")
        going = self.filtered(lambda one: one.state in ("draft", "running", "paused"))
        going.sudo()._set_state("cancelled")

    def _set_state(self, state):
        self.write({"state": state})
        facts = [
            {"kind": one.kind, "total": one.total, "seen": one.seen}
            | {"replayed": one.replayed, "reason": one.reason}
            for one in self
        ]
        self.env["retail.audit.entry"]._record(self, f"replay.{state}", facts)
        if state == "running":
            self.env["retail.wakeup"]._wake(CRON)

    # === Going on === #
    @api.model
    def _replay_on(self):
        """Take the next of every running replay, as many as its rate allows.

        Called by the Scheduled Action “Integrations: replay”.
        """
        commit_progress = self.env["ir.cron"]._commit_progress
        running = self.sudo().search([("state", "=", "running")], order="id")
        commit_progress(remaining=len(running))
        for replay in running:
            replay._take_turn(commit_progress)
            commit_progress(1)

    def _take_turn(self, commit_progress):
        now = fields.Datetime.now()
        budget = self._budget(now)
        while budget > 0 and self.state == "running":
            taken = self._step(min(budget, BATCH))
            budget -= taken
            self.last_step_at = now
            if not commit_progress():
                break

    def _budget(self, now):
        """Return how many the rate allows since the last turn, a minute's at most."""
        if not self.last_step_at:
            return self.rate_per_minute
        minutes = min((now - self.last_step_at).total_seconds() / 60, 1)
        return math.floor(self.rate_per_minute * minutes)

    def _step(self, limit):
        """Replay the next few; return how many were looked at."""
        domain = self._domain() & Domain("id", ">", self.cursor_id)
        records = self._records().search(domain, order="id", limit=limit)
        if not records:
            self.finished_at = fields.Datetime.now()
            self._set_state("done")
            return limit
        by_user = records.with_user(self.create_uid).sudo()
        verb = by_user._replay if self.kind == "events" else by_user._resend
        self.write(
            {
                "replayed": self.replayed + len(verb(self.reason)),
                "seen": self.seen + len(records),
                "cursor_id": records[-1].id,
            }
        )
        return len(records)

    def action_open_records(self):
        """Show what it takes or took, whatever became of it."""
        self.ensure_one()
        name = "action_event" if self.kind == "events" else "action_delivery"
        action = self.env["ir.actions.act_window"]._for_xml_id(
            f"retail_ops_integrations.{name}"
        )
        at = "received_at" if self.kind == "events" else "published_at"
        domain = (
            [("id", "in", self.record_ids)]
            if self.record_ids
            else [(at, ">=", self.since)]
        )
        return {**action, "domain": domain, "context": {}}
