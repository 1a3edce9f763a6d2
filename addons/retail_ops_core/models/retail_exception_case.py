from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

CASE_FIELDS = {
    "parent_id",
    "merged_into_id",
    "questioned_at",
    "answered_at",
    "answer_hours",
}


class RetailExceptionType(models.Model):
    _inherit = "retail.exception.type"

    evidence_required = fields.Boolean(
        help="Resolving asks for at least one file or photo on the case."
    )
    reopen_days = fields.Integer(
        default=30,
        help="How long a finished case can be taken up again; later a new one is "
        "raised. 0 sets no limit.",
    )

    def action_new_from_this(self):
        """Ask for the name and the owner of a new type that works like this one."""
        self.browse().check_access("create")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "retail_ops_core.action_exception_type_new"
        )
        action["context"] = {"default_template_id": self[:1].id}
        return action

    def copy_data(self, default=None):
        rows = super().copy_data(default)
        for kind, row in zip(self, rows, strict=True):
            row["code"] = (default or {}).get("code") or self._free_code(kind.code)
        return rows

    @api.model
    def _free_code(self, code):
        taken = set(
            self.with_context(active_test=False)
            .search([("code", "=like", f"{code}%")])
            .mapped("code")
        )
        number = 2
        while f"{code}_{number}" in taken:
            number += 1
        return f"{code}_{number}"


class RetailException(models.Model):
    """Cases: hand-over, questions to headquarters, duplicates, parts of a whole."""

    _inherit = "retail.exception"
    _keeps_evidence = True

    parent_id = fields.Many2one(
        "retail.exception",
        "Part of",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
    )
    child_ids = fields.One2many("retail.exception", "parent_id", "Parts", readonly=True)
    merged_into_id = fields.Many2one(
        "retail.exception",
        "Duplicate of",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    questioned_at = fields.Datetime("Rejected by the store", readonly=True, copy=False)
    answered_at = fields.Datetime("Answered", readonly=True, copy=False)
    answer_hours = fields.Float(
        "HQ answer time (hours)",
        readonly=True,
        copy=False,
        help="From the store's rejection to headquarters' answer.",
    )
    escalation_ids = fields.One2many("retail.escalation", "exception_id", readonly=True)

    @api.model
    def _has_field_access(self, field, operation):
        if operation == "write" and field.name in CASE_FIELDS:
            return self.env.su
        return super()._has_field_access(field, operation)

    # === Hand-over === #
    def _check_can_be_seen_by(self, user):
        """Raise when ``user`` could not even open one of the exceptions."""
        for exception in self:
            if not exception.with_user(user).has_access("write"):
                raise UserError(
                    self.env._(
                        "%(user)s may not work on %(reference)s: choose somebody of "
                        "store %(store)s, its region or headquarters.",
                        user=user.name,
                        reference=exception.name,
                        store=exception.store_id.display_name,
                    )
                )

    def _hand_over(self, user, note):
        """Give the exceptions to ``user`` with a word of why."""
        self._assign(user, note)
        self._tell(lambda _exc: user, lambda _exc: note)

    def _heir_of_activity(self):
        """Return whose activities on this case are, when their user leaves."""
        return self.user_id.filtered("active") or self.queue_id._answering()

    def _heir_in_region(self):
        """Return who goes on when the store's region is another one."""
        if self.escalation_level:
            return self._escalation_target(self.escalation_level)
        return self.queue_id._assignee_for(self.store_id, self.type_id)

    # === The store's no, and headquarters' answer === #
    def _set_rejected(self, reason):
        """Hand a task back to the queue's owner with the reason why not."""
        for exception in self:
            exception._set_waiting("headquarters")
            exception.write(
                {"questioned_at": fields.Datetime.now(), "answered_at": False}
            )
            exception._hand_over(exception.queue_id._answering(), reason)

    def _set_answered(self, answer):
        """Give the answer, note how long it took, and hand back to the store."""
        now = fields.Datetime.now()
        for exception in self.filtered(
            lambda exc: exc.waiting_reason == "headquarters"
        ):
            took = now - exception.questioned_at
            exception.write(
                {"answered_at": now, "answer_hours": took.total_seconds() / 3600}
            )
            exception._set_in_progress()
            heir = exception.queue_id._assignee_for(
                exception.store_id, exception.type_id
            )
            exception._hand_over(heir, answer)

    # === Duplicates === #
    def _merge_into(self, keeper):
        """End duplicates: what was said and shown goes to the one that is kept.

        :param keeper: the retail.exception that goes on
        :raise UserError: when the keeper is itself a duplicate, or finished, and when
            there is nothing to merge or it is of another store
        """
        duplicates = self - keeper
        keeper._check_duplicates(duplicates)
        if keeper.merged_into_id or not keeper.is_open:
            raise UserError(
                self.env._(
                    "%s is finished or a duplicate itself: keep one that is open.",
                    keeper.name,
                )
            )
        for duplicate in duplicates:
            attachments = self.env["ir.attachment"].search(
                [("res_model", "=", self._name), ("res_id", "=", duplicate.id)]
            )
            attachments.write({"res_id": keeper.id})
            duplicate._set_cancelled(self.env._("Duplicate of %s", keeper.display_name))
            duplicate.merged_into_id = keeper
        names = ", ".join(duplicates.mapped("name"))
        keeper.message_post(body=self.env._("Duplicates merged here: %s", names))

    def _check_duplicates(self, duplicates):
        if not duplicates:
            raise UserError(
                self.env._(
                    "There is nothing to merge into %s: select its duplicates too.",
                    self.name,
                )
            )
        for other in duplicates.filtered(lambda exc: exc.store_id != self.store_id):
            raise UserError(
                self.env._(
                    "%(other)s is of store %(store)s: only cases of one store are "
                    "duplicates. Group them under one case instead.",
                    other=other.name,
                    store=other.store_id.display_name,
                )
            )

    # === Parts of a whole === #
    def _set_parent(self, parent):
        """Make the exceptions parts of ``parent``.

        :raise UserError: when that would close a circle
        """
        above = parent
        while above:
            if above in self:
                raise UserError(
                    self.env._(
                        "%s cannot be part of itself: choose another case.", above.name
                    )
                )
            above = above.parent_id
        self.parent_id = parent

    # === Requirements === #
    def _check_can_resolve(self):
        for exception in self:
            exception._check_parts_are_finished()
            exception._check_evidence()
        return super()._check_can_resolve()

    def _check_parts_are_finished(self):
        unfinished = self.child_ids.filtered("is_open")
        if unfinished:
            raise UserError(
                self.env._(
                    "%(reference)s still has open parts: finish %(parts)s first.",
                    reference=self.name,
                    parts=", ".join(unfinished.mapped("name")),
                )
            )

    def _check_evidence(self):
        if self.type_id.evidence_required and not self.message_attachment_count:
            raise UserError(
                self.env._(
                    "%(reference)s needs evidence before it can be resolved: attach a "
                    "photo or a file.",
                    reference=self.name,
                )
            )

    def _set_reopened(self, reason):
        now = fields.Datetime.now()
        for exception in self.filtered(lambda exc: exc.resolved_at):
            days = exception.type_id.reopen_days
            if days and exception.resolved_at + timedelta(days=days) < now:
                raise UserError(
                    self.env._(
                        "%(reference)s was finished more than %(days)s days ago: raise "
                        "a new exception instead.",
                        reference=exception.name,
                        days=days,
                    )
                )
        return super()._set_reopened(reason)

    # === Actions of users === #
    def action_hand_over(self):
        """Ask to whom, and why."""
        return self._open_step("hand_over")

    def action_reject(self):
        """Ask why the store cannot do it."""
        return self._open_step("reject")

    def action_answer(self):
        """Ask for headquarters' answer."""
        return self._open_step("answer")

    def action_reclassify(self):
        """Ask for the severity, and why."""
        return self._open_step("reclassify")

    def action_merge(self):
        """Ask which of the selected duplicates goes on."""
        return self._open_step("merge")

    def action_group_under(self):
        """Ask which case the selected ones are part of."""
        return self._open_step("part")
