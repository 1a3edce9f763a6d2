from odoo import fields, models


class RetailExceptionType(models.Model):
    _inherit = "retail.exception.type"

    region_decides = fields.Boolean(
        "The region finishes",
        help="Only a manager of the store's region, or of a region above it, may "
        "resolve, close or cancel exceptions of this type: not the store, and not "
        "headquarters in the region's place.",
    )
