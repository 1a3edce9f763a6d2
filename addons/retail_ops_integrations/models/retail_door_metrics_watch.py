from odoo import api, models


class RetailDoorMetrics(models.AbstractModel):
    """What the monitor shows, for whoever scrapes the doors."""

    _inherit = "retail.door.metrics"

    @api.model
    def _families(self, company_id):
        monitor = self.env["retail.integration.monitor"].sudo()
        return [*super()._families(company_id), *monitor._families(company_id)]
