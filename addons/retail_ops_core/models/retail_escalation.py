from odoo import api, fields, models
from odoo.exceptions import AccessError


class RetailEscalation(models.Model):
    """One step up the ladder: written once, never changed."""

    _name = "retail.escalation"
    _description = "Escalation"
    _log_access = False
    _allow_sudo_commands = False
    _order = "id desc"

    exception_id = fields.Many2one(
        "retail.exception", required=True, readonly=True, index=True, ondelete="cascade"
    )
    escalated_at = fields.Datetime(required=True, readonly=True)
    level = fields.Integer(
        required=True, readonly=True, help="1 is the store's region, 2 the one above."
    )
    from_user_id = fields.Many2one("res.users", readonly=True, string="From")
    to_user_id = fields.Many2one("res.users", readonly=True, string="To")
    reason = fields.Char(required=True, readonly=True)

    _level_unique = models.Constraint(
        "UNIQUE(exception_id, level)", "An exception reaches each level once."
    )

    def write(self, vals):
        if vals:
            raise AccessError(self._refusal())
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise AccessError(self._refusal())

    @api.model
    def _refusal(self):
        return self.env._("Escalations are a record: they are not edited or deleted.")
