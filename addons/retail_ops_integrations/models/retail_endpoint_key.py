from odoo import fields, models


class RetailEndpointKey(models.Model):
    _name = "retail.endpoint.key"
    _description = "Key of an endpoint"
    _inherit = ["retail.secret.key"]

    endpoint_id = fields.Many2one(
        "retail.endpoint", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="endpoint_id.company_id")

    def _owner(self):
        return self.endpoint_id
