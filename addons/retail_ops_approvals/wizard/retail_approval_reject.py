from odoo import fields, models


class RetailApprovalReject(models.TransientModel):
    """Asks for the reason of a rejection."""

    _name = "retail.approval.reject"
    _description = "Reject a Request"

    request_ids = fields.Many2many(
        "retail.approval.request",
        relation="retail_approval_reject_rel",
        required=True,
    )
    comment = fields.Text(
        string="Reason",
        required=True,
        help="Who asked reads this: say what is wrong, and what would change it.",
    )

    def action_confirm(self):
        """Reject with the reason."""
        self.ensure_one()
        done = self.request_ids.action_reject(self.comment)
        return done if done is not True else {"type": "ir.actions.act_window_close"}
