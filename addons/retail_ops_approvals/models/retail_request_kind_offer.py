from odoo import fields, models


class RetailRequestKind(models.Model):
    _inherit = "retail.request.kind"

    is_offer = fields.Boolean(
        string="About prices",
        help="The request names category, campaign, and the margin before and after. "
        "Rows of the policy can ask for them.",
    )

    def _audited_fields(self):
        return super()._audited_fields() | {"is_offer"}
