import uuid
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import formatLang

from ..tools import priority
from .retail_sla_target import SEVERITIES

STATES = [
    ("new", "New"),  # raised, not yet classified
    ("triaged", "Triaged"),  # severity, owner and deadlines are set
    ("in_progress", "In progress"),
    ("waiting", "Waiting"),  # for an approval, a supplier, information
    ("resolved", "Resolved"),
    ("closed", "Closed"),
    ("cancelled", "Cancelled"),
]
OPEN_STATES = ("new", "triaged", "in_progress", "waiting")

# Target state: the states it may be reached from.
TRANSITIONS = {
    "triaged": {"new"},
    "in_progress": {"new", "triaged", "waiting", "resolved", "closed"},
    "waiting": {"new", "triaged", "in_progress"},
    "resolved": {"triaged", "in_progress", "waiting"},
    "closed": {"resolved"},
    "cancelled": {"new", "triaged", "in_progress", "waiting"},
}

# Set by the system alone: users reach them through actions that check.
CONTROLLED_FIELDS = {
    "name",
    "state",
    "waiting_reason",
    "waiting_since",
    "severity",
    "classifier_id",
    "classification_note",
    "needs_classification",
    "queue_id",
    "user_id",
    "region_id",
    "company_id",
    "origin",
    "intake_key",
    "correlation_id",
    "opened_at",
    "acknowledge_due",
    "act_due",
    "resolve_due",
    "effective_due",
    "priority_note",
    "acknowledged_at",
    "acted_at",
    "resolved_at",
    "closed_at",
    "breached_at",
    "next_escalation_at",
    "escalation_level",
    "review_state",
    "resolution",
    "root_cause_id",
}


class RetailException(models.Model):
    _name = "retail.exception"
    _description = "Store Exception"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "effective_due, id"
    _check_company_auto = True

    # === What happened === #
    name = fields.Char("Reference", readonly=True, copy=False, index="trigram")
    summary = fields.Char(
        required=True,
        tracking=True,
        help="What is wrong, in one line: the title of the case in every list.",
    )
    type_id = fields.Many2one(
        "retail.exception.type",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
        help="What went wrong. It decides facts, severity, deadlines, queue and "
        "approval.",
    )
    family = fields.Selection(related="type_id.family", store=True)
    impact_formula = fields.Selection(related="type_id.impact_formula")
    root_cause_required = fields.Boolean(related="type_id.root_cause_required")
    store_id = fields.Many2one(
        "retail.store",
        required=True,
        ondelete="restrict",
        default=lambda self: self._default_store(),
        help="Where it happened. Its opening hours, people and policy hold for the "
        "case.",
    )
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_place",
        store=True,
        precompute=True,
        index=True,
    )
    region_id = fields.Many2one(
        "retail.region",
        compute="_compute_place",
        store=True,
        precompute=True,
        index=True,
    )
    reason = fields.Text(help="What you saw, and why you think it happened.")
    occurred_at = fields.Datetime(
        default=fields.Datetime.now, help="When it happened, in your own time zone."
    )
    origin = fields.Selection(
        [
            ("manual", "By hand"),
            ("event", "Event"),
            ("automation", "Automation"),
            ("import", "Imported"),
        ],
        default="manual",
        required=True,
        copy=False,
        help="How it came about: by hand, an event of another system, a rule, or "
        "an import.",
    )
    intake_key = fields.Char(
        copy=False, help="Names the fact that raised it, so that it is raised once."
    )
    correlation_id = fields.Char(
        default=lambda self: str(uuid.uuid4()),
        required=True,
        copy=False,
        index=True,
        help="The same on every message and record of this case, in every system.",
    )

    # === Facts === #
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company currency"
    )
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_currency_id",
        store=True,
        precompute=True,
        readonly=False,
        help="Of amount and unit cost; limits are compared in the company's currency.",
    )
    product_id = fields.Many2one(
        "product.product",
        check_company=True,
        help="The goods it is about; like cases of the same goods count as repeats.",
    )
    product_code = fields.Char(
        help="The code the sender used, kept when no product of ours has it."
    )
    expected_quantity = fields.Float(
        digits="Product Unit",
        help="What the books say should be there.",
    )
    counted_quantity = fields.Float(
        digits="Product Unit",
        help="What was found. The difference and its cost decide the severity.",
    )
    variance_quantity = fields.Float(
        compute="_compute_variance",
        store=True,
        digits="Product Unit",
        help="Counted less expected.",
    )
    variance_percent = fields.Float(
        "Variance %",
        compute="_compute_variance",
        store=True,
        help="Size of the variance in percent of what was expected.",
    )
    unit_cost = fields.Monetary(
        compute="_compute_unit_cost",
        store=True,
        precompute=True,
        readonly=False,
        help="Cost of one unit; the product's own where nothing else is known.",
    )
    amount = fields.Monetary(help="The amount at stake, when the fact is money.")
    impact_amount = fields.Monetary(
        "Money impact",
        compute="_compute_impact_amount",
        store=True,
        currency_field="company_currency_id",
        tracking=True,
        help="What is at stake, in the company's currency, by the type's formula.",
    )

    # === Triage === #
    severity = fields.Selection(
        SEVERITIES,
        compute="_compute_severity",
        store=True,
        precompute=True,
        tracking=True,
    )
    classifier_id = fields.Many2one(
        "retail.exception.classifier", "Decided by", readonly=True, copy=False
    )
    classification_note = fields.Text("Why this severity", readonly=True, copy=False)
    needs_classification = fields.Boolean(
        compute="_compute_needs_classification",
        store=True,
        readonly=False,
        copy=False,
        help="Facts came or changed, and no classifier has looked at them yet.",
    )
    queue_id = fields.Many2one(
        "retail.queue",
        compute="_compute_queue_id",
        store=True,
        precompute=True,
        index=True,
        tracking=True,
    )
    user_id = fields.Many2one(
        "res.users",
        "Assignee",
        compute="_compute_user_id",
        store=True,
        precompute=True,
        index=True,
        tracking=True,
    )
    review_state = fields.Selection(
        [
            ("not_needed", "Not needed"),
            ("needed", "Needed"),
            ("requested", "Requested"),
        ],
        "HQ review",
        default="not_needed",
        copy=False,
        readonly=True,
    )

    # === Life === #
    state = fields.Selection(
        STATES, default="new", required=True, copy=False, tracking=True, readonly=True
    )
    is_open = fields.Boolean(compute="_compute_is_open", store=True)
    waiting_reason = fields.Selection(
        [
            ("approval", "An approval"),
            ("supplier", "A supplier"),
            ("information", "Information"),
            ("headquarters", "Headquarters"),
            ("other", "Something else"),
        ],
        "Waiting for",
        copy=False,
        readonly=True,
        tracking=True,
    )
    waiting_since = fields.Datetime(copy=False, readonly=True)
    resolution = fields.Text(copy=False, readonly=True, tracking=True)
    root_cause_id = fields.Many2one(
        "retail.root.cause", copy=False, readonly=True, tracking=True
    )
    acknowledged_at = fields.Datetime(copy=False, readonly=True)
    acted_at = fields.Datetime(copy=False, readonly=True)
    resolved_at = fields.Datetime(copy=False, readonly=True)
    closed_at = fields.Datetime(copy=False, readonly=True)

    _intake_key_unique = models.UniqueIndex(
        "(intake_key) WHERE intake_key IS NOT NULL",
        "This fact has already raised an exception.",
    )
    # What record rules look at, the id included, so that counts read no row.
    _visible_idx = models.Index(
        "(store_id, region_id, company_id, queue_id, family, id)"
    )
    _history_idx = models.Index(
        "(opened_at DESC, id DESC) INCLUDE (company_id, family, region_id, store_id)"
    )
    _resolved_idx = models.Index(
        "(resolved_at, company_id, family, opened_at, breached_at, region_id, store_id,"
        " id) WHERE resolved_at IS NOT NULL"
    )
    _open_worklist_idx = models.Index("(effective_due, id) WHERE is_open IS TRUE")
    _open_store_idx = models.Index("(store_id, effective_due) WHERE is_open IS TRUE")
    _open_region_idx = models.Index("(region_id, effective_due) WHERE is_open IS TRUE")
    _unclassified_idx = models.Index(
        "(id) WHERE needs_classification IS TRUE AND is_open IS TRUE"
    )

    # === Computes === #
    @api.model
    def _default_store(self):
        return self.env["retail.store"].search(
            [
                "|",
                ("manager_id", "=", self.env.uid),
                ("member_ids", "in", self.env.uid),
            ],
            limit=1,
        )

    @api.depends("store_id")
    def _compute_place(self):
        for exception in self:
            exception.company_id = exception.store_id.company_id
            exception.region_id = exception.store_id.region_id

    @api.depends("company_id")
    def _compute_currency_id(self):
        for exception in self:
            exception.currency_id = (
                exception.currency_id or exception.company_id.currency_id
            )

    @api.depends("product_id")
    def _compute_unit_cost(self):
        for exception in self:
            product = exception.product_id.with_company(exception.company_id)
            exception.unit_cost = exception.unit_cost or product.standard_price

    @api.depends("expected_quantity", "counted_quantity")
    def _compute_variance(self):
        for exception in self:
            expected = exception.expected_quantity
            variance = exception.counted_quantity - expected
            exception.variance_quantity = variance
            exception.variance_percent = (
                100 * abs(variance) / abs(expected)
                if expected
                else 100.0 * bool(variance)
            )

    @api.depends(
        "impact_formula",
        "variance_quantity",
        "unit_cost",
        "amount",
        "currency_id",
        "company_id",
    )
    def _compute_impact_amount(self):
        for exception in self:
            exception.impact_amount = exception._impact_in_company_currency()

    def _impact_in_company_currency(self):
        formula = self.type_id.impact_formula
        if formula == "quantity_cost":
            impact = abs(self.variance_quantity * self.unit_cost)
        else:
            impact = abs(self.amount) if formula == "amount" else 0.0
        if not impact or self.currency_id == self.company_currency_id:
            return impact
        day = (self.occurred_at or fields.Datetime.now()).date()
        return self.currency_id._convert(
            impact, self.company_currency_id, self.company_id, day
        )

    @api.depends("type_id")
    def _compute_severity(self):
        for exception in self:
            exception.severity = exception.type_id.default_severity

    @api.depends("type_id")
    def _compute_queue_id(self):
        for exception in self:
            exception.queue_id = exception.type_id.queue_id

    @api.depends("type_id", "impact_amount", "variance_percent", "store_id")
    def _compute_needs_classification(self):
        self.needs_classification = True

    @api.depends("state")
    def _compute_is_open(self):
        for exception in self:
            exception.is_open = exception.state in OPEN_STATES

    @api.depends("name", "summary")
    def _compute_display_name(self):
        for exception in self:
            parts = [exception.name, exception.summary]
            exception.display_name = " ".join(part for part in parts if part)

    @api.onchange("type_id", "product_id")
    def _onchange_suggest_summary(self):
        if self.type_id and not self.summary:
            self.summary = self._suggested_summary()

    def _suggested_summary(self):
        what = self.product_id.display_name or self.product_code
        return f"{self.type_id.name}: {what}" if what else self.type_id.name

    # === Birth === #
    @api.model
    def _has_field_access(self, field, operation):
        if operation == "write" and field.name in CONTROLLED_FIELDS:
            return self.env.su
        return super()._has_field_access(field, operation)

    @api.model
    def _prepare_create_values(self, vals_list):
        """Give references after the values that users may give were checked."""
        prepared = super()._prepare_create_values(vals_list)
        sequence = self.env.ref("retail_ops_core.sequence_exception").sudo()
        references = sequence._next_batch(len(prepared))
        for vals, reference in zip(prepared, references, strict=True):
            vals["name"] = reference
        return prepared

    @api.model_create_multi
    def create(self, vals_list):
        exceptions = super().create(vals_list)
        exceptions.sudo()._set_deadlines()
        return exceptions

    def _write_each(self, vals_list):
        """Write to each record its own values, with as few writes as there are kinds.

        Each write asks every Automation Rule: what changes nothing is left out, and
        records that get the same are written together.

        :param vals_list: iterable of dicts, aligned
        """
        groups = defaultdict(list)
        for record, vals in zip(self, list(vals_list), strict=True):
            changes = tuple(
                (name, value)
                for name, value in vals.items()
                if self._fields[name].convert_to_write(record[name], record) != value
            )
            groups[changes].append(record.id)
        for changes, ids in groups.items():
            if changes:
                self.browse(ids).write(dict(changes))

    # === Classification === #
    def _classify(self):
        """Let the classifiers decide severity and queue, and triage.

        Called by the Automation Rule “Classify”; calling it again changes
        nothing unless facts, classifiers or tolerances changed.
        """
        exceptions = self.sudo()
        exceptions._link_recurrence()
        classifiers = exceptions._deciding_classifiers()
        acting = exceptions._classified_by_rules()
        exceptions._write_each(
            exception._classification_values(*classifiers._decide(exception))
            if exception in acting
            else exception._left_alone_values()
            for exception in exceptions
        )
        exceptions._set_deadlines()
        exceptions._group_storms()
        exceptions.filtered(lambda exc: exc.state == "new")._set_triaged()

    def _deciding_classifiers(self):
        classifiers = self.env["retail.exception.classifier"].sudo()
        return classifiers.search([("is_draft", "=", False)])

    def _severity_by(self, classifier):
        """Return the severity when ``classifier`` decides, or none does."""
        return classifier.severity or self.type_id.default_severity

    def _classification_values(self, classifier, note):
        values = {
            "severity": self._severity_by(classifier),
            "classifier_id": classifier.id,
            "classification_note": note,
            "needs_classification": False,
        }
        if classifier.queue_id:
            values["queue_id"] = classifier.queue_id.id
        threshold = self.type_id.review_threshold
        if threshold and self.impact_amount >= threshold:
            if self.review_state == "not_needed":
                values["review_state"] = "needed"
        return values

    def _request_review(self):
        """Give headquarters one review task for each exception that needs it.

        Called by the Automation Rule “Ask headquarters for a review”.
        """
        needed = self.sudo().filtered(lambda exc: exc.review_state == "needed")
        needed.review_state = "requested"
        needed._add_activities(
            "retail_ops_core.activity_review",
            lambda exc: exc.queue_id._answering(),
            lambda exc: exc._review_note(),
        )

    def _review_note(self):
        return self.env._(
            "Money impact %(impact)s is at or above the review threshold %(threshold)s "
            "of “%(type)s”.",
            impact=self._money(self.impact_amount),
            threshold=self._money(self.type_id.review_threshold),
            type=self.type_id.name,
        )

    def _money(self, amount):
        return formatLang(self.env, amount, currency_obj=self.company_currency_id)

    # === Activities === #
    def _add_activities(self, xmlid, user_of, note_of):
        """Schedule one activity each, dated by the store's own day.

        :param xmlid: the activity type
        :param user_of: function of one exception that returns whose activity it is
        :param note_of: function of one exception that returns the note
        """
        kind = self.env.ref(xmlid)
        model = self.env["ir.model"]._get("retail.exception")
        # People are told by notices that respect their preferences.
        Activity = self.env["mail.activity"].sudo()
        Activity.with_context(mail_activity_quick_update=True).create(
            [
                {
                    "activity_type_id": kind.id,
                    "automated": True,
                    "res_model_id": model.id,
                    "res_id": exception.id,
                    "date_deadline": exception._deadline_day(),
                    "user_id": user_of(exception).id,
                    "summary": exception.summary,
                    "note": note_of(exception),
                }
                for exception in self
            ]
        )

    def _deadline_day(self):
        zoned = self.with_context(tz=self.store_id.tz)
        due = self.effective_due or fields.Datetime.now()
        return fields.Datetime.context_timestamp(zoned, due).date()

    def _schedule_handling(self):
        """Put each exception on its assignee's list of activities, once."""
        kind = self.env.ref("retail_ops_core.activity_handle")
        activities = self.activity_ids.filtered(
            lambda act: act.activity_type_id == kind
        )
        handled = activities.grouped("res_id")
        for user, exceptions in self.grouped("user_id").items():
            theirs = activities.filtered(
                lambda act, ids=exceptions.ids: act.res_id in ids
            )
            theirs.filtered(lambda act, user=user: act.user_id != user).with_context(
                mail_activity_quick_update=True
            ).user_id = user
        alone = self.filtered(lambda exc: exc.id not in handled and not exc.storm_id)
        alone._add_activities(
            "retail_ops_core.activity_handle",
            lambda exc: exc.user_id,
            lambda exc: exc.classification_note,
        )

    # === Transitions === #
    def _transition(self, target, values, facts=None):
        """Move to ``target`` those that are not there yet.

        :param target: a state of :data:`STATES`
        :param values: further values to write with it
        :param facts: dict for the ledger
        :return: the exceptions that moved
        :raise UserError: when one of them may not go there from where it is
        """
        moving = self.filtered(lambda exception: exception.state != target)
        for exception in moving:
            exception._check_transition(target)
        entries = [
            {"from": exception.state, "to": target, **(facts or {})}
            for exception in moving
        ]
        moving.write({"state": target, **values})
        self.env["retail.audit.entry"]._record(moving, f"exception.{target}", entries)
        return moving

    def _check_transition(self, target):
        if self.state in TRANSITIONS[target]:
            return
        labels = dict(self._fields["state"]._description_selection(self.env))
        raise UserError(
            self.env._(
                "%(reference)s is %(state)s and cannot become %(target)s. From here it "
                "can become: %(possible)s.",
                reference=self.name,
                state=labels[self.state],
                target=labels[target],
                possible=", ".join(
                    labels[state]
                    for state, sources in TRANSITIONS.items()
                    if self.state in sources
                )
                or self.env._("nothing else"),
            )
        )

    def _set_triaged(self):
        triaged = self._transition("triaged", {})
        triaged._schedule_handling()
        return triaged

    def _set_acknowledged(self):
        unseen = self.filtered(lambda exc: exc.is_open and not exc.acknowledged_at)
        unseen.acknowledged_at = fields.Datetime.now()
        self.env["retail.audit.entry"]._record(unseen, "exception.acknowledged", {})

    def _set_in_progress(self):
        self._set_acknowledged()
        self._end_waiting()
        moved = self._transition(
            "in_progress", {"waiting_reason": False, "waiting_since": False}
        )
        moved.filtered(lambda exc: not exc.acted_at).acted_at = fields.Datetime.now()
        return moved

    def _set_waiting(self, reason):
        """Pause the clocks until what is waited for has come.

        :param reason: approval, supplier, information or other
        """
        return self._transition(
            "waiting",
            {"waiting_reason": reason, "waiting_since": fields.Datetime.now()},
            {"reason": reason},
        )

    def _check_can_resolve(self):
        """Raise when something still forbids resolving; addons above add to it."""
        for exception in self:
            if exception.root_cause_required and not exception.root_cause_id:
                raise UserError(
                    self.env._(
                        "%(reference)s needs a root cause before it can be resolved: "
                        "choose one.",
                        reference=exception.name,
                    )
                )

    def _set_resolved(self, resolution, root_cause=None):
        """Resolve, when nothing forbids it.

        :param resolution: what was done about it, a text
        :param root_cause: retail.root.cause, when the type asks for one
        :raise UserError: when a requirement is not met
        """
        pending = self.filtered(lambda exception: exception.state != "resolved")
        if root_cause:
            pending.root_cause_id = root_cause
        pending._check_can_resolve()
        pending._end_waiting()
        now = fields.Datetime.now()
        resolved = pending._transition(
            "resolved",
            {
                "resolution": resolution,
                "resolved_at": now,
                "waiting_reason": False,
                "waiting_since": False,
            },
            {"why": resolution},
        )
        resolved.filtered(lambda exc: not exc.acknowledged_at).acknowledged_at = now
        resolved._finish_activities(resolution)
        return resolved

    def _set_closed(self):
        return self._transition("closed", {"closed_at": fields.Datetime.now()})

    def _set_cancelled(self, reason):
        cancelled = self._transition(
            "cancelled",
            {"resolution": reason, "waiting_reason": False, "waiting_since": False},
            {"why": reason},
        )
        cancelled._finish_activities(reason)
        return cancelled

    def _set_reopened(self, reason):
        """Take up again what was resolved or closed.

        :param reason: why, a text
        """
        finished = self.filtered(lambda exc: exc.state in ("resolved", "closed"))
        finished._transition(
            "in_progress",
            {
                "resolved_at": False,
                "closed_at": False,
                "reopened_at": fields.Datetime.now(),
                "warned_at": False,
            },
            {"why": reason},
        )
        finished._set_deadlines()
        for exception in finished:
            exception.message_post(body=reason)
        finished._schedule_handling()
        return finished

    def _finish_activities(self, feedback):
        kinds = [
            "retail_ops_core.activity_handle",
            "retail_ops_core.activity_escalated",
        ]
        self.activity_feedback(kinds, feedback=feedback)

    # === Publication === #
    def _publication_data(self):
        """Return the JSON-able facts that other systems hear about it.

        Other systems are promised a severity: where nobody has set one, it is the
        type's own.
        """
        self.ensure_one()
        return {
            "reference": self.name,
            "type": self.type_id.code,
            "store": self.store_id.code,
            "region": self.region_id.code or None,
            "summary": self.summary,
            "severity": self.severity or self.type_id.default_severity,
            "state": self.state,
            "impact": {
                "amount": self.impact_amount,
                "currency": self.company_currency_id.name,
            },
            "product": self.product_id.default_code or self.product_code or None,
            "variance_quantity": self.variance_quantity,
            "resolution": self.resolution or None,
            "correlation_id": self.correlation_id,
        }

    def _publish_fact(self, topic):
        """Publish one fact about each exception, such as ``exception.resolved``.

        Called by the Automation Rules that publish.
        """
        for exception in self.sudo():
            self.env["retail.publisher"]._publish(
                topic,
                exception._publication_data(),
                company=exception.company_id,
                correlation_id=exception.correlation_id,
                key=exception.name,
            )

    # === Actions of users === #
    def action_acknowledge(self):
        """Say: I have seen it."""
        self.check_access("write")
        self.sudo()._set_acknowledged()

    def action_start(self):
        """Begin to work on it, or go on after waiting."""
        self.check_access("write")
        self._check_not_held()
        self.sudo()._set_in_progress()

    def action_take(self):
        """Take it over as the assignee."""
        self.check_access("write")
        self.sudo()._assign(self.env.user)

    def action_wait(self):
        """Ask what is being waited for."""
        return self._open_step("wait")

    def action_resolve(self):
        """Ask for the resolution."""
        return self._open_step("resolve")

    def action_cancel(self):
        """Ask why it is cancelled."""
        return self._open_step("cancel")

    def action_reopen(self):
        """Ask why it is taken up again."""
        return self._open_step("reopen")

    def action_close(self):
        """Close what was resolved."""
        self.check_access("write")
        self.sudo()._set_closed()

    def action_escalate(self):
        """Hand it one level up now, without waiting for the deadline."""
        self.check_access("write")
        self.sudo().filtered("is_open")._escalate()

    def action_raise_severity(self):
        """Set the next higher severity by hand; deadlines follow."""
        self.check_access("write")
        for exception in self.sudo().filtered("is_open"):
            exception._set_severity(
                exception._one_higher(exception.severity), self.env._("One level up.")
            )

    def _set_severity(self, severity, reason):
        before = self.severity
        self.write(
            {
                "severity": severity,
                "classifier_id": False,
                "classification_note": self.env._(
                    "Set by %(user)s: %(reason)s",
                    user=self.env.user.name,
                    reason=reason,
                ),
            }
        )
        self._set_deadlines()
        self.env["retail.audit.entry"]._record(
            self, "exception.severity", {"from": before, "to": severity, "why": reason}
        )

    def _check_not_held(self):
        held = self.filtered(lambda exc: exc.waiting_reason == "approval")
        if held:
            raise UserError(
                self.env._(
                    "%(reference)s waits for an approval and goes on by itself once "
                    "that is decided.",
                    reference=held[0].name,
                )
            )

    def _assign(self, user, why=False):
        """Hand the exceptions to ``user``, activity included.

        :param user: res.users
        :param why: what the person before said about it, a text
        """
        before = [exception.user_id.id for exception in self]
        self.user_id = user
        self._schedule_handling()
        self.env["retail.audit.entry"]._record(
            self,
            "exception.assigned",
            [
                {"from": {"user_id": old}, "to": {"user_id": user.id}, "why": why}
                for old in before
            ],
        )

    def _open_step(self, step):
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": dict(
                self.env["retail.exception.step"]
                ._fields["step"]
                ._description_selection(self.env)
            )[step],
            "res_model": "retail.exception.step",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_step": step,
                "default_exception_ids": self.ids,
            },
        }

    @api.model
    def _priority_note(self, exception, factor):
        severities = self.env["retail.sla.target"]._severity_labels()
        return self.env._(
            "Time allowed × %(factor).2f (severity %(severity)s, money impact "
            "%(impact)s)",
            factor=factor,
            severity=severities[exception.severity],
            impact=exception._money(exception.impact_amount),
        )

    def _priority_factor(self):
        return priority.due_factor(
            self.severity, self.impact_amount, self.type_id.review_threshold
        )
