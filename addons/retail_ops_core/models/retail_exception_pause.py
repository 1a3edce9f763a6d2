from odoo import api, fields, models
from odoo.exceptions import AccessError


class RetailExceptionPause(models.Model):
    """One stretch in which a case waited: written once, when it ends."""

    _name = "retail.exception.pause"
    _description = "Pause of a Store Exception"
    _log_access = False
    _allow_sudo_commands = False
    _order = "began_at, id"

    exception_id = fields.Many2one(
        "retail.exception", required=True, readonly=True, index=True, ondelete="cascade"
    )
    reason = fields.Char(readonly=True, help="What it waited for.")
    began_at = fields.Datetime(required=True, readonly=True)
    ended_at = fields.Datetime(required=True, readonly=True)
    working_hours = fields.Float(
        readonly=True, help="Hours of the pause in which the store was open."
    )
    wall_hours = fields.Float(
        readonly=True, help="Hours of the pause by the clock on the wall."
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
        return self.env._("Pauses are a record: they are not edited or deleted.")
