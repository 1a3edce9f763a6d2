from odoo import models
from odoo.fields import Domain


class RetailSampleRemoval(models.TransientModel):
    """Nobody repairs what sample stores reported."""

    _inherit = "retail.sample.removal"

    def _call_off(self, found):
        requests = self.env["maintenance.request"].sudo()
        of_samples = requests.search(
            Domain("exception_id", "in", list(found.get("retail.exception", ())))
            | Domain("id", "in", list(found.get("maintenance.request", ())))
        )
        open_requests = of_samples.filtered(lambda request: not request.stage_id.done)
        self._call_off_each(open_requests, "archive_equipment_request")
        return super()._call_off(found)
