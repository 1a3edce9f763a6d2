import json

from odoo import api, fields, models
from odoo.fields import NO_ACCESS


class RetailEventCorrection(models.Model):
    """Data that a person put right, beside the event as it came."""

    _name = "retail.event.correction"
    _description = "Corrected event data"
    _log_access = False
    _allow_sudo_commands = False
    _order = "id desc"
    _rec_name = "corrected_at"

    event_id = fields.Many2one(
        "retail.event", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="event_id.company_id")
    data = fields.Text(required=True, readonly=True, groups=NO_ACCESS)
    data_pretty = fields.Text(
        string="Corrected data", compute="_compute_data_pretty", compute_sudo=True
    )
    reason = fields.Char(required=True, readonly=True)
    user_id = fields.Many2one("res.users", "Corrected by", readonly=True)
    corrected_at = fields.Datetime(required=True, readonly=True)

    @api.depends("data")
    def _compute_data_pretty(self):
        for correction in self:
            masked = self.env["retail.mask.rule"]._mask(json.loads(correction.data))
            correction.data_pretty = json.dumps(masked, indent=2, ensure_ascii=False)
