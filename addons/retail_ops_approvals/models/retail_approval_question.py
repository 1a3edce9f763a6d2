from odoo import api, fields, models
from odoo.exceptions import AccessError


class RetailApprovalQuestion(models.Model):
    """What somebody who decides wants to know first; the clocks stand meanwhile."""

    _name = "retail.approval.question"
    _description = "Question about a Request"
    _allow_sudo_commands = False
    _order = "id"
    _rec_name = "question"

    request_id = fields.Many2one(
        "retail.approval.request",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Asked by",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    question = fields.Text(required=True, readonly=True)
    asked_at = fields.Datetime(
        required=True, readonly=True, default=fields.Datetime.now
    )
    answer = fields.Text(readonly=True)
    answered_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    closed_at = fields.Datetime(readonly=True, help="Answered, or not needed any more.")

    _one_open_per_person = models.UniqueIndex(
        "(request_id, user_id) WHERE closed_at IS NULL",
        "You have asked already: wait for the answer, or decide.",
    )

    def write(self, vals):
        if any(question.closed_at for question in self):
            raise AccessError(self.env._("A question that was answered stands."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise AccessError(self.env._("Questions explain decisions and stay."))
