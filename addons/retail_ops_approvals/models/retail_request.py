import uuid

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date
from odoo.tools.misc import formatLang

STATES = [
    ("draft", "Draft"),
    ("waiting", "Waiting for approval"),
    ("approved", "Approved"),  # the queue carries it out
    ("in_force", "In force"),  # until its end date
    ("done", "Done"),
    ("refused", "Refused"),
    ("ended", "Ended"),
    ("cancelled", "Cancelled"),
]
CONTROLLED = {
    "name",
    "state",
    "granted_amount",
    "editor_ids",
    "done_at",
    "correlation_id",
}
CONTENT = {
    "kind_id",
    "store_id",
    "summary",
    "reason",
    "scope",
    "amount",
    "currency_id",
    "partner_id",
    "date_from",
    "date_to",
    "is_emergency",
    "evidence_ids",
}
RECURRENCE_DAYS = 90
HISTORY_LIMIT = 5


class RetailRequest(models.Model):
    """What a store asks for where Odoo has no document of its own."""

    _name = "retail.request"
    _description = "Store Request"
    _inherit = ["mail.thread", "retail.approval.mixin"]
    _order = "id desc"
    # It is nothing but the question: wherever it is asked it is decided.
    _approval_follows_rollout = False
    _approval_kind_by_model = False
    _rec_names_search = ["name", "summary"]
    _keeps_evidence = True

    name = fields.Char(string="Reference", readonly=True, copy=False, default="")
    state = fields.Selection(
        STATES,
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    kind_id = fields.Many2one(
        "retail.request.kind",
        string="What for",
        required=True,
        domain=[("model", "=", "retail.request")],
        index=True,
        ondelete="restrict",
        help="Says who decides, what has to be shown, and what happens then.",
    )
    kind_description = fields.Text(related="kind_id.description")
    summary = fields.Char(
        required=True, tracking=True, help="What you ask for, in one line."
    )
    reason = fields.Text(
        required=True,
        help="Why it is needed, and what happens without it. Who decides reads this.",
    )
    store_id = fields.Many2one(
        "retail.store",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self._default_store(),
        help="Who needs it. Its region, format and company decide who is asked.",
    )
    region_id = fields.Many2one(related="store_id.region_id", store=True, index=True)
    company_id = fields.Many2one(related="store_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        help="Of the amount; limits are compared in the company's currency.",
    )
    amount = fields.Monetary(tracking=True, help="What it costs or gives away in all.")
    granted_amount = fields.Monetary(
        string="Approved amount", readonly=True, copy=False
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Vendor or customer",
        help="Whom it is about, if anybody. Requests about the same one are added up "
        "when splitting is looked for.",
    )
    is_emergency = fields.Boolean(
        string="Emergency",
        tracking=True,
        help="It cannot wait. The policy may ask fewer people, and somebody looks at "
        "it again afterwards.",
    )
    has_period = fields.Boolean(related="kind_id.has_period")
    scope = fields.Char(help="Exactly what may be done differently, and where.")
    date_from = fields.Datetime(string="From", help="Empty: once approved.")
    date_to = fields.Datetime(string="Until", help="It lapses then, by itself.")
    evidence_ids = fields.Many2many(
        "ir.attachment",
        relation="retail_request_evidence_rel",
        string="Evidence",
        copy=False,
        help="Photos, quotes, reports. They are part of what is approved: changing "
        "them afterwards needs another approval.",
    )
    evidence_digest = fields.Char(compute="_compute_evidence_digest")
    editor_ids = fields.Many2many(
        "res.users",
        relation="retail_request_editor_rel",
        string="Written by",
        readonly=True,
        copy=False,
        help="Everybody who wrote at it. None of them can decide about it.",
    )
    done_at = fields.Datetime(readonly=True, copy=False)
    correlation_id = fields.Char(readonly=True, copy=False, index=True)

    _amount_not_negative = models.Constraint(
        "CHECK(amount >= 0)", "An amount is never below zero."
    )
    _ends_after_it_begins = models.Constraint(
        "CHECK(date_to > date_from)", "The end has to be after the beginning."
    )
    _in_force_idx = models.Index("(date_to) WHERE state = 'in_force'")

    @api.model
    def _default_store(self):
        stores = self.env["retail.store"].search(
            [
                "|",
                ("manager_id", "=", self.env.uid),
                ("member_ids", "in", self.env.uid),
            ],
            limit=2,
        )
        return stores if len(stores) == 1 else stores.browse()

    @api.depends("name", "summary")
    def _compute_display_name(self):
        for request in self:
            request.display_name = f"{request.name} {request.summary or ''}".strip()

    @api.depends("evidence_ids.checksum", "evidence_ids.url")
    def _compute_evidence_digest(self):
        for request in self:
            request.evidence_digest = ",".join(request._approval_evidence_digests())

    # === WHO MAY CHANGE WHAT === #

    def _has_field_access(self, field, operation):
        if operation == "write" and field.name in CONTROLLED and not self.env.su:
            return False
        return super()._has_field_access(field, operation)

    @api.model_create_multi
    def create(self, vals_list):
        requests = super().create(vals_list)
        sequence = self.env.ref("retail_ops_approvals.sequence_store_request").sudo()
        names = sequence._next_batch(len(requests))
        for request, name in zip(requests.sudo(), names, strict=True):
            request.write({"name": name, "correlation_id": str(uuid.uuid4())})
        requests._own_evidence()
        return requests

    def write(self, vals):
        if CONTENT & set(vals):
            self._check_open()
            self._note_editor()
        result = super().write(vals)
        if "evidence_ids" in vals:
            self._own_evidence()
            self.sudo()._void_changed_approvals()
        return result

    def _check_open(self):
        for request in self.sudo():
            if request._approval_is_settled():
                raise UserError(
                    self.env._(
                        "%s is settled and stands as it is: make a new request.",
                        request.display_name,
                    )
                )

    def _note_editor(self):
        for request in self.sudo():
            if self.env.user not in request.editor_ids:
                request.editor_ids |= self.env.user

    def _own_evidence(self):
        """Whoever may read the request may read its evidence."""
        for request in self:
            loose = request.evidence_ids.filtered(lambda each: not each.res_id)
            loose.write({"res_model": self._name, "res_id": request.id})

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise AccessError(
            self.env._("Requests are kept as history: cancel it instead.")
        )

    # === ACTIONS === #

    def action_submit(self):
        """Ask for approval.

        :raise UserError: when the end date, the scope or the evidence is missing
        """
        self.check_access("write")
        for request in self:
            request._check_complete()
        self.action_request_approval()
        return True

    def _check_complete(self):
        if self.state not in ("draft", "refused", "waiting"):
            raise UserError(
                self.env._("%s is settled: make a new request.", self.display_name)
            )
        if self.has_period and not (self.date_to and self.scope):
            raise UserError(
                self.env._(
                    "Say exactly what may be done differently, and until when: a "
                    "deviation without an end becomes the rule."
                )
            )
        if self.date_to and self.date_to <= fields.Datetime.now():
            raise UserError(self.env._("The end date has passed: choose a later one."))

    def action_cancel(self):
        """Give the request up; what waits for approval is withdrawn."""
        self.check_access("write")
        for request in self.sudo():
            if request.state in ("draft", "refused", "waiting"):
                request.state = "cancelled"
                request._withdraw_approval(self.env._("The request was cancelled."))
        return True

    # === WHAT IT IS ABOUT === #

    def _approval_kind(self):
        return self.kind_id

    def _approval_amount(self):
        return self.amount

    def _approval_currency(self):
        return self.currency_id

    def _approval_is_emergency(self):
        return self.is_emergency

    def _approval_recurrence(self):
        since = fields.Datetime.now() - relativedelta(days=RECURRENCE_DAYS)
        return 1 + self.search_count(
            [
                ("store_id", "=", self.store_id.id),
                ("kind_id", "=", self.kind_id.id),
                ("create_date", ">=", since),
                ("state", "not in", ("draft", "cancelled")),
                ("id", "!=", self.id),
            ]
        )

    def _approval_partner(self):
        return self.partner_id

    def _approval_evidence(self):
        return self.evidence_ids

    def _approval_excluded(self):
        editors = dict.fromkeys(self.editor_ids.ids, "editor")
        return {**editors, **super()._approval_excluded()}

    def _approval_is_settled(self):
        return self.state in ("in_force", "done", "ended", "cancelled")

    def _approval_context_fields(self):
        names = ["summary", "reason", "is_emergency", "partner_id"]
        return [*names, "scope", "date_from", "date_to", "evidence_ids"]

    def _approval_related(self):
        before = self.search(
            [
                ("store_id", "=", self.store_id.id),
                ("kind_id", "=", self.kind_id.id),
                ("state", "!=", "draft"),
                ("id", "!=", self.id),
            ],
            limit=HISTORY_LIMIT,
        )
        return [request._history_line() for request in before]

    def _history_line(self):
        states = dict(self._fields["state"]._description_selection(self.env))
        return {
            "name": self.display_name,
            "date": format_date(self.env, self.create_date),
            "amount": formatLang(self.env, self.amount, currency_obj=self.currency_id),
            "state": states[self.state],
        }

    # === WHAT HAPPENS === #

    def _approval_asked(self, request):
        self.state = "waiting"

    def _approval_granted(self, request):
        self.write({"state": "approved", "granted_amount": request.granted_amount})
        request._queue_act()

    def _approval_refused(self, request, reason):
        self.state = "refused"
        self.message_post(body=reason)

    def _approval_voided(self, request):
        if self.state in ("waiting", "approved"):
            self.state = "draft"

    def _approval_act(self, request):
        """Carry it out as the kind says, then let it hold until its end date."""
        action = request.kind_id.sudo().action_id
        if action:
            self._run_action(action)
        is_timed = self.sudo().kind_id.has_period
        self.sudo().write(
            {
                "state": "in_force" if is_timed else "done",
                "done_at": fields.Datetime.now(),
            }
        )

    def _run_action(self, action):
        """Run the kind's server action with the rights of whom the kind names."""
        context = {
            "active_model": self._name,
            "active_id": self.id,
            "active_ids": self.ids,
        }
        action.with_env(self.env).with_context(**context).run()

    # === LAPSING === #

    def _holds_now(self):
        """Tell whether what was granted for a time may be used at this moment."""
        now = fields.Datetime.now()
        begun = not self.date_from or self.date_from <= now
        return self.state == "in_force" and begun and now < self.date_to

    @api.model
    def _cron_end(self):
        """Scheduled Action: end what was granted for a time that is over."""
        over = [("state", "=", "in_force"), ("date_to", "<=", fields.Datetime.now())]
        progress = self.env["ir.cron"]._commit_progress
        progress(remaining=self.search_count(over))
        while batch := self.search(over, order="date_to", limit=100):
            batch = batch.try_lock_for_update()
            if not batch:
                break
            batch._end()
            if not progress(len(batch)):
                break

    def _end(self):
        self.write({"state": "ended"})
        for request in self:
            request.message_post(
                body=self.env._("The time it was granted for is over.")
            )
        self.env["retail.audit.entry"]._record(
            self,
            "request.ended",
            [
                {
                    "kind": each.kind_id.code,
                    "to": fields.Datetime.to_string(each.date_to),
                }
                for each in self
            ],
        )

    @api.constrains("state")
    def _check_done_as_approved(self):
        """Catch every path to what only an approval allows."""
        for request in self.sudo():
            if request.state not in ("approved", "in_force", "done"):
                continue
            approved = request.approval_request_ids.filtered(
                lambda each: each.state == "approved"
            )
            if not approved:
                raise AccessError(
                    self.env._("%s was not approved.", request.display_name)
                )
