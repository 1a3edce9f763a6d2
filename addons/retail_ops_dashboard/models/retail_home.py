from odoo import api, models

EVENTS_FAILED = [("state", "in", ("dead", "parked"))]


class RetailHome(models.AbstractModel):
    """What failed at the doors, beside what else needs intervention."""

    _inherit = "retail.home"

    @api.model
    def _panel_intervention(self):
        panel = super()._panel_intervention()
        panel["figures"] += self._figures(
            (
                "events_failed",
                self.env._("Failed events"),
                "retail.event.job",
                EVENTS_FAILED,
                "danger",
            )
        )
        return panel
