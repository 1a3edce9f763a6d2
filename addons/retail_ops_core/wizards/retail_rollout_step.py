from odoo import fields, models


class RetailRolloutStep(models.TransientModel):
    """Why a wave or a workflow takes a step: it stands in the ledger."""

    _name = "retail.rollout.step"
    _description = "Step of a Rollout"

    step = fields.Selection(
        [
            ("start_shadow", "Start in shadow"),
            ("promote", "Go live"),
            ("back_to_shadow", "Back to shadow"),
            ("roll_back", "Roll back"),
            ("ask_for_waves", "Roll out in waves"),
            ("act_everywhere", "Act everywhere"),
        ],
        required=True,
        readonly=True,
    )
    wave_id = fields.Many2one("retail.rollout.wave", readonly=True)
    workflow_id = fields.Many2one("retail.workflow", readonly=True)
    reason = fields.Text(required=True, help="Stands in the audit ledger.")

    def action_confirm(self):
        """Take the step.

        :raise UserError: when it is not allowed now, with what to do first
        """
        self.ensure_one()
        subject = self.wave_id or self.workflow_id
        getattr(subject, f"action_{self.step}")(self.reason)
        return {"type": "ir.actions.act_window_close"}
