from odoo import fields, models


class RetailExceptionType(models.Model):
    """Types of broken equipment."""

    _inherit = "retail.exception.type"

    makes_maintenance = fields.Boolean(
        "Asks for maintenance",
        help="A case of this type names the equipment and becomes a maintenance "
        "request, once. The Automation Rule “Store exceptions: ask for maintenance” "
        "does it.",
    )

    def _screen_tile(self):
        return {**super()._screen_tile(), "asks_equipment": self.makes_maintenance}
