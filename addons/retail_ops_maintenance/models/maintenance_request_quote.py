from odoo import api, fields, models

QUOTED = {"repair_cost", "is_emergency", "vendor_id", "equipment_id"}


class MaintenanceRequest(models.Model):
    """What a store's repair was said to cost, each time that changed."""

    _inherit = "maintenance.request"

    quote_ids = fields.One2many("retail.repair.quote", "request_id", "Quotes")

    @api.model_create_multi
    def create(self, vals_list):
        requests = super().create(vals_list)
        requests._note_quotes()
        return requests

    def write(self, vals):
        result = super().write(vals)
        if not QUOTED.isdisjoint(vals):
            self._note_quotes()
        return result

    def _note_quotes(self):
        """Keep what repairs of stores cost now; a rule may ask for their approval."""
        quoted = self.sudo().filtered(lambda each: each.store_id and each.repair_cost)
        if quoted:
            quotes = self.env["retail.repair.quote"].sudo()
            quotes.create([request._quote_values() for request in quoted])

    def _quote_values(self):
        return {
            "request_id": self.id,
            "amount": self.repair_cost,
            "vendor_id": self.vendor_id.id,
            "is_emergency": self.is_emergency,
        }
