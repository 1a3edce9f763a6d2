import hashlib
from base64 import b64decode

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools.misc import format_date, format_datetime, formatLang

STATES = [
    ("draft", "Draft"),
    ("submitted", "Submitted"),
    ("returned", "Returned"),  # headquarters asks for a correction
    ("validated", "Validated"),
    ("corrected", "Corrected"),  # a newer version stands in its place
]

# Target state: the states it may be reached from.
TRANSITIONS = {
    "submitted": {"draft"},
    "returned": {"submitted", "validated"},
    "validated": {"submitted"},
    "corrected": {"submitted", "returned"},
}

# What the store declares: written while the report is a draft, never after.
FIGURE_FIELDS = {
    "tender_ids",
    "deposit_amount",
    "deposit_reference",
    "slip",
    "transaction_count",
    "staff_planned",
    "staff_present",
    "incident_count",
    "incidents",
    "done_item_ids",
    "notes",
}

# Set by the system alone: users reach them through actions that check.
CONTROLLED_FIELDS = {
    "store_id",
    "company_id",
    "region_id",
    "business_date",
    "version",
    "is_current",
    "previous_id",
    "origin_id",
    "correction_reason",
    "return_reason",
    "asked_item_ids",
    "state",
    "due_at",
    "filed_at",
    "missing_at",
    "reminded_at",
    "filing",
    "hours_late",
    "submitted_at",
    "submitted_by_id",
    "validated_at",
    "validated_by_id",
    "check_ids",
    "failed_count",
    "validation",
    "slip_sha256",
}

WHOLE_CHAIN_GROUPS = "retail_ops_core.group_finance,retail_ops_core.group_operations"
COMMENT_GROUPS = f"retail_ops_core.group_store_user,{WHOLE_CHAIN_GROUPS}"


class RetailStoreReport(models.Model):
    """What one store declares about one business day.

    A submitted report stays as it was: a correction is a new version, linked to the
    one it replaces.
    """

    _name = "retail.store.report"
    _description = "Daily Store Report"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "business_date desc, store_id, version desc"
    _keeps_evidence = True

    # === Which day of which store === #
    store_id = fields.Many2one(
        "retail.store",
        required=True,
        index=True,
        ondelete="restrict",
        help="Whose day it is; its team files the report, its region validates it.",
    )
    business_date = fields.Date(
        "Day", required=True, index=True, help="Business day in the store's own zone."
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
    currency_id = fields.Many2one(related="company_id.currency_id", store=True)

    # === Versions === #
    version = fields.Integer(default=1, readonly=True, copy=False)
    is_current = fields.Boolean(default=True, readonly=True, copy=False)
    previous_id = fields.Many2one(
        "retail.store.report",
        "Corrects",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    origin_id = fields.Many2one(
        "retail.store.report", readonly=True, copy=False, ondelete="restrict"
    )
    correction_ids = fields.One2many("retail.store.report", "previous_id")
    correction_reason = fields.Text("Why corrected", readonly=True, copy=False)
    version_ids = fields.Many2many(
        "retail.store.report", compute="_compute_version_ids", string="Versions"
    )

    # === Cash === #
    tender_ids = fields.One2many(
        "retail.store.report.tender", "report_id", string="Tenders", copy=False
    )
    expected_total = fields.Monetary(compute="_compute_totals", store=True)
    counted_total = fields.Monetary(compute="_compute_totals", store=True)
    over_short_total = fields.Monetary(
        "Over/short", compute="_compute_totals", store=True
    )
    deposit_amount = fields.Monetary(
        "Deposited", copy=False, help="Cash brought or sent to the bank for this day."
    )
    deposit_reference = fields.Char(
        copy=False, help="Number on the deposit slip or of the sealed bag."
    )
    slip = fields.Image(
        "Deposit slip", copy=False, help="Photo of the slip the bank stamped."
    )
    slip_sha256 = fields.Char(
        "Slip fingerprint",
        compute="_compute_slip_sha256",
        store=True,
        help="SHA-256 of the photo, as recorded in the ledger.",
    )
    slip_is_altered = fields.Boolean(compute="_compute_slip_is_altered")
    cash_exception_ids = fields.Many2many(
        "retail.exception",
        compute="_compute_cash_exception_ids",
        string="Open cash exceptions",
        help="Cash exceptions of the store that are open while the day is closed.",
    )

    # === The day === #
    transaction_count = fields.Integer(
        "Transactions",
        copy=False,
        help="Receipts of the day, from the end-of-day print of the tills. Exceptions "
        "per 1,000 transactions are counted on days that have this figure.",
    )
    staff_planned = fields.Integer(
        "People planned",
        copy=False,
        help="How many people the roster had for the day.",
    )
    staff_present = fields.Integer(
        "People present",
        copy=False,
        help="How many came; the others count as absent.",
    )
    staff_absent = fields.Integer(
        "People absent", compute="_compute_staff_absent", store=True
    )
    incident_count = fields.Integer(
        "Incidents",
        copy=False,
        help="Accidents, thefts and complaints of the day; say below what they were.",
    )
    incidents = fields.Text(
        "What happened", copy=False, help="One line each; leave empty when none."
    )
    asked_item_ids = fields.Many2many(
        "retail.report.item",
        relation="retail_store_report_asked_rel",
        readonly=True,
        copy=False,
    )
    done_item_ids = fields.Many2many(
        "retail.report.item",
        relation="retail_store_report_done_rel",
        string="Done today",
        domain="[('id', 'in', asked_item_ids)]",
        copy=False,
        help="Of what was asked for today, what is done. The rest counts as open.",
    )
    notes = fields.Text(copy=False)

    # === Filing === #
    state = fields.Selection(
        STATES, default="draft", required=True, readonly=True, copy=False, tracking=True
    )
    due_at = fields.Datetime(
        "Cut-off",
        readonly=True,
        copy=False,
        help="By when the store was to file. Empty when it owed no report that day.",
    )
    due_text = fields.Char("File by", compute="_compute_due_text")
    filed_at = fields.Datetime(
        readonly=True, copy=False, help="When the day was reported for the first time."
    )
    missing_at = fields.Datetime(
        readonly=True, copy=False, help="The cut-off that was missed."
    )
    reminded_at = fields.Datetime(readonly=True, copy=False)
    filing = fields.Selection(
        [
            ("awaited", "Not due yet"),
            ("missing", "Missing"),
            ("late", "Late"),
            ("on_time", "On time"),
            ("not_required", "Not required"),
        ],
        compute="_compute_filing",
        store=True,
        index=True,
    )
    hours_late = fields.Float(
        compute="_compute_filing",
        store=True,
        help="Hours between the cut-off and the first filing.",
    )
    submitted_at = fields.Datetime(readonly=True, copy=False)
    submitted_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    validated_at = fields.Datetime(readonly=True, copy=False)
    validated_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    return_reason = fields.Text("Why returned", readonly=True, copy=False)

    # === Validation === #
    check_ids = fields.One2many(
        "retail.store.report.check", "report_id", string="Checks", copy=False
    )
    failed_count = fields.Integer("Failed rules", compute="_compute_failed", store=True)
    validation = fields.Selection(
        [
            ("unchecked", "Not checked"),
            ("passed", "Passed"),
            ("failed", "Failed"),
        ],
        string="Checks result",
        compute="_compute_failed",
        store=True,
    )
    exception_count = fields.Integer(compute="_compute_exception_count")
    is_of_my_store = fields.Boolean(compute="_compute_is_of_my_store")

    _current_unique = models.UniqueIndex(
        "(store_id, business_date) WHERE is_current IS TRUE",
        "This store has a report for this day already: open that one.",
    )
    _version_unique = models.Constraint(
        "UNIQUE(store_id, business_date, version)",
        "This version is being corrected already: open the correction.",
    )
    _submitted_has_a_time = models.Constraint(
        "CHECK(state = 'draft' OR submitted_at IS NOT NULL)",
        "A report leaves draft by being submitted: press Submit.",
    )
    _validated_by_another = models.Constraint(
        "CHECK(validated_by_id IS NULL OR validated_by_id != submitted_by_id)",
        "A report is validated by somebody other than the person who submitted it.",
    )
    _not_negative = models.Constraint(
        "CHECK(deposit_amount >= 0 AND staff_planned >= 0 AND staff_present >= 0"
        " AND incident_count >= 0 AND COALESCE(transaction_count, 0) >= 0)",
        "Deposit, transactions, people and incidents cannot be below zero.",
    )
    _due_idx = models.Index("(due_at) WHERE state = 'draft' AND missing_at IS NULL")

    # === Computes === #
    @api.depends("store_id")
    def _compute_place(self):
        for report in self:
            report.company_id = report.store_id.company_id
            report.region_id = report.store_id.region_id

    @api.depends("store_id", "business_date", "version")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for report in self:
            day = format_date(self.env, report.business_date)
            name = f"{report.store_id.code} {day}"
            report.display_name = (
                f"{name} v{report.version}" if report.previous_id else name
            )

    def _compute_version_ids(self):
        for report in self:
            report.version_ids = self.search(
                [
                    ("store_id", "=", report.store_id.id),
                    ("business_date", "=", report.business_date),
                ],
                order="version",
            )

    @api.depends("tender_ids.expected_amount", "tender_ids.counted_amount")
    def _compute_totals(self):
        for report in self:
            report.expected_total = sum(report.tender_ids.mapped("expected_amount"))
            report.counted_total = sum(report.tender_ids.mapped("counted_amount"))
            report.over_short_total = report.counted_total - report.expected_total

    @api.depends("slip")
    def _compute_slip_sha256(self):
        for report in self:
            report.slip_sha256 = report._slip_fingerprint()

    @api.depends("slip", "slip_sha256")
    def _compute_slip_is_altered(self):
        for report in self:
            report.slip_is_altered = report.slip_sha256 != report._slip_fingerprint()

    def _slip_fingerprint(self):
        slip = self.with_context(bin_size=False).slip
        return hashlib.sha256(b64decode(slip)).hexdigest() if slip else False

    def _compute_cash_exception_ids(self):
        found = self.env["retail.exception"].search(
            [
                ("store_id", "in", self.store_id.ids),
                ("family", "=", "cash"),
                ("is_open", "=", True),
            ]
        )
        for report in self:
            report.cash_exception_ids = found.filtered(
                lambda exc, report=report: exc.store_id == report.store_id
                and exc.report_id != report
            )

    @api.depends("staff_planned", "staff_present")
    def _compute_staff_absent(self):
        for report in self:
            report.staff_absent = max(report.staff_planned - report.staff_present, 0)

    @api.depends("due_at", "store_id.tz")
    def _compute_due_text(self):
        for report in self:
            due, zone = report.due_at, report.store_id.tz
            report.due_text = due and f"{report._local_text(due)} ({zone})"

    @api.depends("due_at", "filed_at", "missing_at")
    def _compute_filing(self):
        for report in self:
            due, filed = report.due_at, report.filed_at
            late = (filed - due).total_seconds() / 3600 if due and filed else 0.0
            report.hours_late = max(late, 0.0)
            if filed:
                report.filing = "late" if late > 0 else "on_time"
            elif report.missing_at:
                report.filing = "missing"
            else:
                report.filing = "awaited" if due else "not_required"

    @api.depends("check_ids.passed")
    def _compute_failed(self):
        for report in self:
            failed = report.check_ids.filtered(lambda check: not check.passed)
            report.failed_count = len(failed)
            checked = "failed" if failed else "passed"
            report.validation = checked if report.check_ids else "unchecked"

    def _compute_exception_count(self):
        counts = dict(
            self.env["retail.exception"]._read_group(
                [("report_id", "in", self.ids)], ["report_id"], ["__count"]
            )
        )
        for report in self:
            report.exception_count = counts.get(report, 0)

    @api.depends_context("uid")
    @api.depends("store_id")
    def _compute_is_of_my_store(self):
        for report in self:
            report.is_of_my_store = report._belongs_to(self.env.user)

    def _belongs_to(self, user):
        store = self.store_id.sudo()
        return user in store.manager_id | store.member_ids

    @api.constrains("done_item_ids", "asked_item_ids")
    def _check_done_items_were_asked(self):
        for report in self:
            if report.done_item_ids - report.asked_item_ids:
                raise ValidationError(
                    self.env._("Tick only items that this report asks for.")
                )

    def _local_text(self, moment):
        """Return ``moment`` by the store's clocks, in the reader's format."""
        return format_datetime(self.env, moment, tz=self.store_id.tz)

    def _money(self, amount):
        return formatLang(self.env, amount, currency_obj=self.currency_id)

    def _cash_lines(self):
        return self.tender_ids.filtered(lambda line: line.category == "cash")

    # === What holds over every path === #
    @api.model
    def _has_field_access(self, field, operation):
        if operation == "write" and field.name in CONTROLLED_FIELDS:
            return self.env.su
        return super()._has_field_access(field, operation)

    def write(self, vals):
        if FIGURE_FIELDS & vals.keys():
            self._check_open_for_figures()
        return super().write(vals)

    def _check_open_for_figures(self):
        """Raise unless every report is a draft, whoever asks."""
        for report in self:
            if report.state != "draft":
                raise UserError(
                    self.env._(
                        "The report %(report)s is %(state)s and stays as it was "
                        "submitted. Press Correct to file a new version.",
                        report=report.display_name,
                        state=report._state_label(report.state),
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise AccessError(
            self.env._("Daily reports are kept: correct a report instead of deleting.")
        )

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        """Who may read a submitted report may comment on it, but the auditor."""
        if message_operation == "create" and self.env.user.has_groups(COMMENT_GROUPS):
            return dict.fromkeys(self, "read")
        return super()._mail_get_operation_for_mail_message_operation(message_operation)

    def _state_label(self, state):
        return dict(self._fields["state"]._description_selection(self.env))[state]

    # === Transitions === #
    def _transition(self, target, values, facts=None):
        """Move to ``target`` those that are not there yet.

        :param target: a state of :data:`STATES`
        :param values: further values to write with it
        :param facts: dict for the ledger
        :return: the reports that moved
        :raise UserError: when one of them may not go there from where it is
        """
        moving = self.filtered(lambda report: report.state != target)
        for report in moving:
            report._check_transition(target)
        entries = [
            {"from": report.state, "version": report.version, **(facts or {})}
            for report in moving
        ]
        moving.write({"state": target, **values})
        self.env["retail.audit.entry"]._record(moving, f"report.{target}", entries)
        return moving

    def _check_transition(self, target):
        if self.state in TRANSITIONS[target]:
            return
        possible = [
            self._state_label(state)
            for state, sources in TRANSITIONS.items()
            if self.state in sources
        ]
        raise UserError(
            self.env._(
                "The report %(report)s is %(state)s and cannot become %(target)s. From "
                "here it can become: %(possible)s.",
                report=self.display_name,
                state=self._state_label(self.state),
                target=self._state_label(target),
                possible=", ".join(possible) or self.env._("nothing else"),
            )
        )

    def _set_submitted(self):
        """File the reports: figures freeze, rules are held against them.

        A repeat changes nothing.
        """
        for report in self.filtered(lambda one: one.state != "submitted"):
            report._submit()

    def _submit(self):
        self._check_transition("submitted")
        now = fields.Datetime.now()
        self.previous_id._set_corrected()
        self.write(
            {
                "submitted_at": self.submitted_at or now,
                "filed_at": self.filed_at or now,
                "submitted_by_id": self.env.uid,
                "is_current": True,
                "slip_sha256": self._slip_fingerprint(),
            }
        )
        # Whoever submits at the same moment stops at the row, and then finds it done.
        self.flush_recordset()
        self._run_checks()
        self._transition("submitted", {}, self._submission_facts())
        self._end_missing()

    def _submission_facts(self):
        failed = self.check_ids.filtered(lambda check: not check.passed)
        return {
            "tenders": {
                line.kind_id.code: [line.expected_amount, line.counted_amount]
                for line in self.tender_ids
            },
            "deposit": self.deposit_amount,
            "slip_sha256": self.slip_sha256 or None,
            "failed": failed.rule_id.mapped("code"),
            "open_cash_exceptions": self.cash_exception_ids.mapped("name"),
        }

    def _set_validated(self):
        """Accept the reports as they stand."""
        return self._transition(
            "validated",
            {"validated_at": fields.Datetime.now(), "validated_by_id": self.env.uid},
        )

    def _set_returned(self, reason):
        """Ask the store for a correction.

        :param reason: what is to be corrected, a text
        """
        returned = self._transition(
            "returned",
            {
                "return_reason": reason,
                "validated_at": False,
                "validated_by_id": False,
            },
        )
        for report in returned:
            report.message_post(body=reason)
            report._ask_store("retail_ops_core.activity_report_returned", reason)
        return returned

    def _set_corrected(self):
        corrected = self._transition("corrected", {"is_current": False})
        corrected._finish_activities()
        # The unique index admits the new version only once this one has stepped back.
        corrected.flush_recordset(["is_current"])
        return corrected

    def _open_correction(self, reason):
        """Return the draft of the next version, with the figures of this one.

        :param reason: why it is corrected, a text
        :raise UserError: when this version cannot be corrected
        """
        self.ensure_one()
        self._check_transition("corrected")
        if self.correction_ids:
            return self.correction_ids
        correction = self.create(self._correction_values(reason))
        self.message_post(body=reason)
        self.env["retail.audit.entry"]._record(
            correction,
            "report.correction_opened",
            {"corrects": self.id, "version": correction.version},
        )
        return correction

    def _correction_values(self, reason):
        original = self.with_context(bin_size=False)
        copied = (
            "business_date",
            "due_at",
            "filed_at",
            "missing_at",
            "deposit_amount",
            "deposit_reference",
            "slip",
            "transaction_count",
            "staff_planned",
            "staff_present",
            "incident_count",
            "incidents",
            "notes",
        )
        return {
            **{name: original[name] for name in copied},
            "store_id": self.store_id.id,
            "version": self.version + 1,
            "is_current": False,
            "previous_id": self.id,
            "origin_id": self._first_version().id,
            "correction_reason": reason,
            "asked_item_ids": [Command.set(self.asked_item_ids.ids)],
            "done_item_ids": [Command.set(self.done_item_ids.ids)],
            "tender_ids": [
                Command.create(
                    {
                        "kind_id": line.kind_id.id,
                        "expected_amount": line.expected_amount,
                        "counted_amount": line.counted_amount,
                    }
                )
                for line in self.tender_ids
            ],
        }

    def _first_version(self):
        return self.origin_id or self

    # === Who may === #
    def _check_store_person(self):
        """Raise unless the user belongs to the store of every report."""
        self.check_access("read")
        self.browse().check_access("write")
        for report in self:
            if not report._belongs_to(self.env.user):
                raise AccessError(
                    self.env._(
                        "Only the people of store %s correct its reports: return the "
                        "report to them.",
                        report.store_id.display_name,
                    )
                )

    def _check_reviewer(self):
        """Raise unless the user answers for the stores' region or for the chain."""
        self.check_access("read")
        user = self.env.user
        if user.has_groups(WHOLE_CHAIN_GROUPS):
            return
        if not user.has_group("retail_ops_core.group_regional_manager") or any(
            user not in report.sudo().region_id.leader_ids for report in self
        ):
            raise AccessError(
                self.env._(
                    "Daily reports are validated and returned by the store's regional "
                    "manager, finance or operations: ask one of them."
                )
            )

    def _check_not_own(self):
        own = self.filtered(lambda report: report.submitted_by_id == self.env.user)
        if own:
            raise UserError(
                self.env._(
                    "You submitted %s yourself: somebody else has to validate it.",
                    own[0].display_name,
                )
            )

    # === Actions of users === #
    @api.model
    def action_open_today(self):
        """Open today's report of the user's store, making it when it is not there.

        :return: an action: the form for one store, a list for several; what was
            filed in their regions for regional managers without a store
        :raise UserError: when the user belongs to no store
        """
        self.browse().check_access("write")
        stores = self.env["retail.store"]._of_user()
        if not stores:
            return self._action_without_store()
        reports = self._open_days([(store, store._business_day()) for store in stores])
        return reports.sudo(False)._form_action()

    @api.model
    def _action_without_store(self):
        if self.env.user.has_group("retail_ops_core.group_regional_manager"):
            return self.env["ir.actions.act_window"]._for_xml_id(
                "retail_ops_core.action_store_report_filing"
            )
        raise UserError(
            self.env._(
                "You belong to no store that is open: ask the retail administrator to "
                "add you to the store's team."
            )
        )

    def _form_action(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "retail_ops_core.action_store_report_today"
        )
        if len(self) == 1:
            form = self.env.ref("retail_ops_core.view_store_report_form")
            action.update(res_id=self.id, view_mode="form", views=[(form.id, "form")])
        else:
            action["domain"] = [("id", "in", self.ids)]
        return action

    def action_submit(self):
        """File the report; what a rule finds becomes an exception.

        :return: the client action that says what the rules found
        """
        waiting = self.filtered(lambda report: report.state == "draft")
        waiting.check_access("write")
        (self - waiting)._check_store_person()
        self.sudo()._set_submitted()
        return self._submitted_notice()

    def _submitted_notice(self):
        failed = self.sudo().check_ids.filtered(lambda check: not check.passed)
        found = ", ".join(failed.rule_id.mapped("name"))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("Report submitted"),
                "message": self.env._("An exception was raised: %s", found)
                if found
                else self.env._("Every rule passes. Thank you."),
                "type": "warning" if found else "success",
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_validate(self):
        """Accept what the store declared."""
        self._check_reviewer()
        self._check_not_own()
        self.sudo()._set_validated()

    def action_return(self):
        """Ask why the report goes back to the store."""
        self._check_reviewer()
        return self._open_step("return")

    def action_correct(self):
        """Ask why the store files a new version."""
        self._check_store_person()
        if self.correction_ids:
            return self.correction_ids._form_action()
        return self._open_step("correct")

    def action_open_correction(self):
        """Open the version that replaces this one."""
        self.ensure_one()
        return self.correction_ids._form_action()

    def action_open_exceptions(self):
        """Open the exceptions that this report raised."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "retail_ops_core.action_exception_all"
        )
        action["domain"] = [("report_id", "=", self.id)]
        return action

    def _open_step(self, step):
        self.ensure_one()
        labels = dict(
            self.env["retail.store.report.step"]
            ._fields["step"]
            ._description_selection(self.env)
        )
        return {
            "type": "ir.actions.act_window",
            "name": labels[step],
            "res_model": "retail.store.report.step",
            "view_mode": "form",
            "target": "new",
            "context": {"default_step": step, "default_report_id": self.id},
        }
