from odoo import Command, api, fields, models


class RetailExceptionStep(models.TransientModel):
    """What a person says when an exception waits, ends or starts again."""

    _name = "retail.exception.step"
    _description = "Step of a Store Exception"

    step = fields.Selection(
        [
            ("wait", "Wait"),
            ("resolve", "Resolve"),
            ("cancel", "Cancel"),
            ("reopen", "Reopen"),
        ],
        required=True,
    )
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
    )
    note = fields.Text()
    root_cause_id = fields.Many2one("retail.root.cause")
    root_cause_required = fields.Boolean(compute="_compute_root_cause_required")

    @api.depends("exception_ids")
    def _compute_root_cause_required(self):
        for step in self:
            step.root_cause_required = any(
                step.exception_ids.mapped("root_cause_required")
            )

    def action_confirm(self):
        """Do the step on every exception, as far as it is allowed."""
        self.ensure_one()
        self.exception_ids.check_access("write")
        exceptions = self.exception_ids.sudo()
        {
            "wait": lambda: self._wait(exceptions),
            "resolve": lambda: exceptions._set_resolved(
                self.note, self.root_cause_id.sudo()
            ),
            "cancel": lambda: exceptions._set_cancelled(self.note),
            "reopen": lambda: exceptions._set_reopened(self.note),
        }[self.step]()
        return {"type": "ir.actions.act_window_close"}

    def _wait(self, exceptions):
        exceptions._check_not_held()
        exceptions._set_waiting(self.waiting_reason)
        if self.note:
            for exception in exceptions:
                exception.message_post(body=self.note)

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        ids = self.env.context.get("default_exception_ids")
        if ids:
            values["exception_ids"] = [Command.set(ids)]
        return values
