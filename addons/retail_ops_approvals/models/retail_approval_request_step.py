from odoo import api, fields, models
from odoo.exceptions import AccessError

from .retail_approval_step import APPROVERS, ESCALATIONS

STATES = [
    ("waiting", "Not yet asked"),  # a step before it is still open
    ("open", "Asked"),
    ("approved", "Approved"),
    ("rejected", "Rejected"),
    ("cancelled", "Not needed any more"),
]


class RetailApprovalRequestStep(models.Model):
    """A step as it was when the request was made; later matrices do not move it."""

    _name = "retail.approval.request.step"
    _description = "Step of an Approval Request"
    _allow_sudo_commands = False
    _order = "request_id, sequence, id"

    request_id = fields.Many2one(
        "retail.approval.request",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    step_id = fields.Many2one(
        "retail.approval.step", readonly=True, index=True, ondelete="restrict"
    )
    sequence = fields.Integer(string="Order", readonly=True)
    name = fields.Char(string="Who", readonly=True, required=True)
    approver = fields.Selection(APPROVERS, readonly=True)
    group_id = fields.Many2one("res.groups", readonly=True, ondelete="restrict")
    region_level = fields.Integer(readonly=True)
    escalate_group_id = fields.Many2one(
        "res.groups", readonly=True, ondelete="restrict"
    )
    escalate = fields.Selection(ESCALATIONS, readonly=True)
    hours = fields.Float(readonly=True)
    remind_hours = fields.Float(readonly=True)
    approver_ids = fields.Many2many(
        "res.users",
        relation="retail_approval_request_step_user_rel",
        string="May decide",
        readonly=True,
    )
    escalated_ids = fields.Many2many(
        "res.users",
        relation="retail_approval_request_step_escalated_rel",
        string="Asked on escalation",
        readonly=True,
    )
    needed_count = fields.Integer(
        string="Approvals needed", readonly=True, required=True, default=1
    )
    state = fields.Selection(STATES, default="waiting", required=True, readonly=True)
    opened_at = fields.Datetime(string="Asked at", readonly=True)
    due_at = fields.Datetime(string="Due", readonly=True)
    remind_at = fields.Datetime(readonly=True)
    escalation_level = fields.Integer(readonly=True)
    is_escalation_over = fields.Boolean(
        readonly=True, help="The deadline passed and there is nobody more to ask."
    )
    decision_ids = fields.One2many("retail.approval.decision", "step_id")
    waiting_text = fields.Char(
        string="Asked, or decided", compute="_compute_waiting_text"
    )

    _open_due_idx = models.Index("(due_at) WHERE state = 'open'")
    _open_remind_idx = models.Index("(remind_at) WHERE state = 'open'")

    @api.depends("state", "approver_ids", "decision_ids")
    def _compute_waiting_text(self):
        for step in self:
            step.waiting_text = step._who_decided() or step._who_is_asked()

    def _who_decided(self):
        verdicts = dict(
            self.env["retail.approval.decision"]
            ._fields["verdict"]
            ._description_selection(self.env)
        )
        return ", ".join(
            f"{verdicts[decision.verdict]}: {decision._who()}"
            for decision in self.sudo().decision_ids
        )

    def _who_is_asked(self):
        names = self.sudo().approver_ids.mapped("name")
        shown = ", ".join(names[:3])
        more = len(names) - 3
        if more > 0:
            return self.env._("%(names)s and %(more)s more", names=shown, more=more)
        return shown or self.env._("Nobody can be asked")

    def _missing(self):
        """Return how many approvals the step still lacks."""
        return max(self.needed_count - len(self.decision_ids), 0)

    def _candidate_ids(self):
        """Return the ids of those who may decide and have not yet."""
        people = self.approver_ids.filtered(self._still_holds_role)
        decisions = self.request_id.decision_ids
        return set((people - decisions.user_id - decisions.on_behalf_of_id).ids)

    def _still_holds_role(self, user):
        if not user.active:
            return False
        if not self.group_id or user in self.escalated_ids:
            return True
        return bool((self.group_id | self.escalate_group_id) & user.all_group_ids)

    def write(self, vals):
        frozen = {"request_id", "step_id", "sequence", "needed_count", "group_id"}
        if frozen & set(vals) and not all(step.request_id.is_blocked for step in self):
            raise AccessError(
                self.env._("The steps of a request are those it was made with.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise AccessError(self.env._("A step of a request cannot be deleted."))

    # === CLOCKS === #

    def _remind(self):
        """Remind those asked, once, where everybody can see it."""
        for step in self:
            step.remind_at = False
            request = step.request_id
            request.message_notify(
                partner_ids=step._asked_users().partner_id.ids,
                subject=request.name,
                body=self.env._(
                    "Reminder: %(question)s waits for your decision.",
                    question=request._question(),
                ),
            )
            request.message_post(
                body=self.env._("%(step)s: reminded.", step=step.name),
                subtype_xmlid="mail.mt_note",
            )

    def _asked_users(self):
        return self.env["res.users"].browse(sorted(self._candidate_ids()))

    def _escalate(self):
        """Ask the next manager up as well, and say so; at the top, say that too."""
        for step in self:
            step._escalate_one()

    def _escalate_one(self):
        level, above = self._next_above()
        absent = self._absent_text()
        request = self.request_id
        self.write(
            {
                "escalation_level": level,
                "is_escalation_over": not above,
                "approver_ids": [fields.Command.link(user.id) for user in above],
                "escalated_ids": [fields.Command.link(user.id) for user in above],
                "due_at": request._moment_after(fields.Datetime.now(), self.hours)
                if above
                else self.due_at,
            }
        )
        request._set_due()
        request._ask(self)
        self._tell_escalation(above, absent)

    def _next_above(self):
        """Return who is asked next: a role, once, or the next manager up the tree.

        :return: ``(level, res.users)``; nobody when escalation ends here
        """
        if self.escalate == "role":
            return self._next_role()
        region = self.request_id.region_id
        levels = len((region.parent_path or "").strip("/").split("/"))
        facts = self.request_id._step_facts()
        nobody = self.env["res.users"]
        if self.escalate == "none":
            return self.escalation_level, nobody
        for level in range(self.escalation_level + 1, levels):
            user = region._manager_at_level(level) - self.approver_ids
            if user and not self.step_id._reason_against(user, facts):
                return level, user
        return self.escalation_level, nobody

    def _next_role(self):
        """Return everybody of the step's escalation role who may decide, once."""
        if self.escalation_level:
            return self.escalation_level, self.env["res.users"]
        facts = self.request_id._step_facts()
        holders = self.escalate_group_id.all_user_ids - self.approver_ids
        return 1, holders.filtered(
            lambda user: not self.step_id._reason_against(user, facts)
        )

    def _tell_escalation(self, above, absent):
        request = self.request_id
        if above:
            text = self.env._(
                "%(step)s did not decide in time: %(user)s is asked as well.",
                step=self.name,
                user=", ".join(above.mapped("name")),
            )
        else:
            text = self.env._(
                "%(step)s did not decide in time, and there is nobody above to ask.",
                step=self.name,
            )
            request._add_activities(
                "retail_ops_approvals.activity_dead_end", request.owner_id, text
            )
        request.message_post(body=text + absent)
        self.env["retail.audit.entry"]._record(
            request,
            "approval.escalated",
            {"step": self.name, "level": self.escalation_level, "asked": above.ids},
        )
