from odoo import api, fields, models
from odoo.exceptions import AccessError

VERDICTS = [("approved", "Approved"), ("rejected", "Rejected")]


class RetailApprovalDecision(models.Model):
    """What one person decided, once: written by the request, changed by nobody."""

    _name = "retail.approval.decision"
    _description = "Approval Decision"
    _allow_sudo_commands = False
    _order = "decided_at, id"
    _rec_name = "request_id"

    request_id = fields.Many2one(
        "retail.approval.request",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    step_id = fields.Many2one(
        "retail.approval.request.step",
        string="Step",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Decided by",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    on_behalf_of_id = fields.Many2one(
        "res.users", string="On behalf of", readonly=True, ondelete="restrict"
    )
    verdict = fields.Selection(VERDICTS, required=True, readonly=True)
    comment = fields.Text(readonly=True)
    decided_at = fields.Datetime(
        required=True, readonly=True, default=fields.Datetime.now
    )

    _one_per_person = models.UniqueIndex(
        "(request_id, user_id)",
        "This person has decided about this request already: nobody decides twice.",
    )
    _rejection_has_reason = models.Constraint(
        "CHECK(verdict = 'approved' OR comment <> '')",
        "Say why it is rejected: whoever asked has to know what to do.",
    )

    def write(self, vals):
        if self:
            raise AccessError(self._refusal())
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise AccessError(self._refusal())

    @api.model
    def _refusal(self):
        return self.env._("A decision stands: it can be neither changed nor deleted.")
