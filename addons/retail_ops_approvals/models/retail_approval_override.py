from odoo import api, fields, models
from odoo.exceptions import AccessError


class RetailApprovalOverride(models.Model):
    """Break-glass: two people release what cannot wait for those who decide."""

    _name = "retail.approval.override"
    _description = "Emergency Release"
    _allow_sudo_commands = False
    _order = "id desc"
    _rec_name = "request_id"

    request_id = fields.Many2one(
        "retail.approval.request",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Proposed by",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    reason = fields.Text(required=True, readonly=True)
    proposed_at = fields.Datetime(
        required=True, readonly=True, default=fields.Datetime.now
    )
    expires_at = fields.Datetime(
        required=True,
        readonly=True,
        help="Nobody confirmed by then: the proposal is void.",
    )
    second_user_id = fields.Many2one(
        "res.users", string="Confirmed by", readonly=True, ondelete="restrict"
    )
    confirmed_at = fields.Datetime(readonly=True)

    _two_people = models.Constraint(
        "CHECK(second_user_id IS NULL OR second_user_id <> user_id)",
        "An emergency release takes two different people.",
    )
    _one_confirmed = models.UniqueIndex(
        "(request_id) WHERE confirmed_at IS NOT NULL",
        "This request was released already.",
    )

    def write(self, vals):
        if any(override.confirmed_at for override in self):
            raise AccessError(self.env._("An emergency release stands."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise AccessError(self.env._("An emergency release stands."))
