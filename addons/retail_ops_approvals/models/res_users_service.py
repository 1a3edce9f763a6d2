from odoo import fields, models


class ResUsers(models.Model):
    """Integrations, bots and advisors ask and suggest; people decide."""

    _inherit = "res.users"

    is_service_account = fields.Boolean(
        help="An integration, a bot or an advisor: it may read, ask and suggest, and "
        "never decides about an approval, of whatever kind and by whatever delegation.",
    )

    def write(self, vals):
        result = super().write(vals)
        if "is_service_account" in vals:
            self.env["retail.audit.entry"]._record(
                self,
                "approval.service_account",
                [{"user_id": user.id, "on": user.is_service_account} for user in self],
            )
        return result

    def _is_machine(self):
        return super()._is_machine() or self.sudo().is_service_account
