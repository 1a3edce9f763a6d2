from odoo import Command, api, fields, models

from ..models.retail_sla_target import SEVERITIES

STEPS = [
    ("wait", "Wait"),
    ("resolve", "Resolve"),
    ("cancel", "Cancel"),
    ("reopen", "Reopen"),
    ("hand_over", "Hand over"),
    ("reject", "Reject: the store cannot do this"),
    ("answer", "Answer the store"),
    ("reclassify", "Set the severity by hand"),
    ("merge", "Merge duplicates"),
    ("part", "Group under one case"),
    ("milestone", "Next step"),
]


class RetailExceptionStep(models.TransientModel):
    """What a person says when a case takes a step that needs a word."""

    _name = "retail.exception.step"
    _description = "Step of a Store Exception"

    step = fields.Selection(STEPS, required=True)
    exception_ids = fields.Many2many(
        "retail.exception", relation="retail_exception_step_rel", required=True
    )
    waiting_reason = fields.Selection(
        [
            ("supplier", "A supplier"),
            ("information", "Information"),
            ("other", "Something else"),
        ],
        string="Waiting for",
        default="supplier",
        help="What has to come before work goes on; it stands on the case.",
    )
    note = fields.Text()
    user_id = fields.Many2one(
        "res.users",
        string="To",
        domain=[("share", "=", False)],
        help="Who works on it from now on; he is told, and has it to do.",
    )
    severity = fields.Selection(
        SEVERITIES,
        help="Deadlines and escalation follow the new severity; your reason is kept.",
    )
    target_id = fields.Many2one(
        "retail.exception",
        string="Case",
        help="The case that goes on: this one is merged into it, or joins it.",
    )
    root_cause_id = fields.Many2one(
        "retail.root.cause",
        help="Why it happened, in words that can be counted.",
    )
    milestone_id = fields.Many2one(
        related="exception_ids.next_milestone_id", string="What has been done"
    )
    instruction = fields.Char(related="milestone_id.instruction")
    root_cause_required = fields.Boolean(compute="_compute_root_cause_required")

    @api.depends("exception_ids")
    def _compute_root_cause_required(self):
        for step in self:
            kinds = step.exception_ids.type_id.sudo()
            step.root_cause_required = any(
                kinds.mapped("root_cause_required")
            ) or kinds._asks_for("resolve", "root_cause_id")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        ids = self.env.context.get("default_exception_ids")
        if ids:
            values["exception_ids"] = [Command.set(ids)]
        return values

    def action_confirm(self):
        """Do the step on every exception, as far as it is allowed."""
        self.ensure_one()
        self.exception_ids.check_access("write")
        getattr(self, f"_do_{self.step}")(self.exception_ids.sudo())
        return {"type": "ir.actions.act_window_close"}

    def _do_wait(self, exceptions):
        exceptions._check_not_held()
        exceptions._set_waiting(self.waiting_reason)
        if self.note:
            for exception in exceptions:
                exception.message_post(body=self.note)

    def _do_resolve(self, exceptions):
        exceptions._set_resolved(self.note, self.root_cause_id.sudo())

    def _do_cancel(self, exceptions):
        exceptions._check_not_held()
        exceptions._set_cancelled(self.note)

    def _do_reopen(self, exceptions):
        exceptions._set_reopened(self.note)

    def _do_hand_over(self, exceptions):
        exceptions._check_can_be_seen_by(self.user_id)
        exceptions._hand_over(self.user_id, self.note)

    def _do_reject(self, exceptions):
        exceptions._check_not_held()
        exceptions._set_rejected(self.note)

    def _do_answer(self, exceptions):
        exceptions._set_answered(self.note)

    def _do_reclassify(self, exceptions):
        for exception in exceptions:
            exception._set_severity(self.severity, self.note)

    def _do_merge(self, exceptions):
        self.target_id.check_access("write")
        exceptions._check_not_held()
        exceptions._merge_into(self.target_id.sudo())

    def _do_part(self, exceptions):
        self.target_id.check_access("write")
        exceptions._set_parent(self.target_id.sudo())

    def _do_milestone(self, exceptions):
        exceptions._check_not_held()
        for exception in exceptions:
            exception._set_milestone(self.note)
