from odoo import api, models


class ResourceCalendarLeaves(models.Model):
    """Holidays that are added or moved move the deadlines of open exceptions."""

    _inherit = "resource.calendar.leaves"

    def _note_hours_changed(self):
        """Tell the stores that close on these days; a person's leave is none."""
        general = self.filtered(lambda leave: not leave.resource_id)
        general.calendar_id._note_hours_changed()
        everywhere = general.filtered(lambda leave: not leave.calendar_id)
        if everywhere:
            self.env["retail.store"].sudo().search(
                [
                    ("company_id", "in", everywhere.company_id.ids),
                    ("resource_calendar_id", "!=", False),
                ]
            )._note_hours_changed()

    @api.model_create_multi
    def create(self, vals_list):
        leaves = super().create(vals_list)
        leaves._note_hours_changed()
        return leaves

    def write(self, vals):
        self._note_hours_changed()
        result = super().write(vals)
        self._note_hours_changed()
        return result

    def unlink(self):
        self._note_hours_changed()
        return super().unlink()
