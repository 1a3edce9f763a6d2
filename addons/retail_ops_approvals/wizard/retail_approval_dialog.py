from odoo import fields, models

MODES = [
    ("ask", "Ask for information"),
    ("answer", "Answer"),
    ("lower", "Approve a lower amount"),
    ("reassign", "Leave it to somebody else"),
    ("break", "Propose an emergency release"),
    ("fine", "Reviewed: right"),
    ("breach", "Reviewed: breach"),
]


class RetailApprovalDialog(models.TransientModel):
    """Asks for what an action on a request needs to know."""

    _name = "retail.approval.dialog"
    _description = "Act on a Request"

    request_id = fields.Many2one("retail.approval.request", required=True)
    mode = fields.Selection(MODES, required=True)
    text = fields.Text(required=True, help="Stands in the history of the request.")
    currency_id = fields.Many2one(related="request_id.currency_id")
    asked_amount = fields.Monetary(
        related="request_id.granted_amount", string="Asked for"
    )
    amount = fields.Monetary(
        help="What you approve. Later steps decide about this amount."
    )
    user_id = fields.Many2one(
        "res.users",
        string="Person",
        domain=[("share", "=", False)],
        help="Somebody else who may decide this step under the policy.",
    )
    questions = fields.Text(compute="_compute_questions")

    def _compute_questions(self):
        for dialog in self:
            asked = dialog.request_id.sudo()._open_questions()
            dialog.questions = "\n".join(asked.mapped("question"))

    def action_confirm(self):
        """Do it, as the calling user."""
        self.ensure_one()
        done = getattr(self, f"_{self.mode}")()
        return done if done is not True else {"type": "ir.actions.act_window_close"}

    def _break(self):
        return self.request_id.action_break_glass(self.text)

    def _fine(self):
        return self.request_id.action_review_right(self.text)

    def _breach(self):
        return self.request_id.action_review_breach(self.text)

    def _ask(self):
        return self.request_id.action_ask(self.text)

    def _answer(self):
        return self.request_id.action_answer(self.text)

    def _lower(self):
        return self.request_id.action_approve_lower(self.amount, self.text)

    def _reassign(self):
        return self.request_id.action_reassign(self.user_id.id, self.text)
