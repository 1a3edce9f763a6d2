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
    delegation_id = fields.Many2one(
        "retail.approval.delegation",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="What allowed to decide on behalf of somebody else.",
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
    _one_per_voice = models.UniqueIndex(
        "(request_id, on_behalf_of_id) WHERE on_behalf_of_id IS NOT NULL",
        "Somebody decided about this request in this person's place already.",
    )
    _behalf_by_delegation = models.Constraint(
        "CHECK((on_behalf_of_id IS NULL) = (delegation_id IS NULL))",
        "Only a delegation lets somebody decide in another's place.",
    )
    _rejection_has_reason = models.Constraint(
        "CHECK(verdict = 'approved' OR comment <> '')",
        "Say why it is rejected: whoever asked has to know what to do.",
    )

    def _who(self):
        """Return who decided, and in whose place."""
        self.ensure_one()
        if not self.on_behalf_of_id:
            return self.user_id.name
        return self.env._(
            "%(user)s on behalf of %(principal)s",
            user=self.user_id.name,
            principal=self.on_behalf_of_id.name,
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
