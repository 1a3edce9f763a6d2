from odoo import fields, models


class RetailSourceKey(models.Model):
    _name = "retail.source.key"
    _description = "Key of a source"
    _inherit = ["retail.secret.key", "retail.cached"]

    source_id = fields.Many2one(
        "retail.source", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="source_id.company_id")

    def _owner(self):
        return self.source_id
