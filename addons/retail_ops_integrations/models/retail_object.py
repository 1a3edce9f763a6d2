from odoo import fields, models


class RetailObject(models.Model):
    """A kind of thing that more than one system knows: product, stock, order."""

    _name = "retail.object"
    _description = "Shared object"
    _inherit = ["retail.cached"]
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="How events name it, such as shipment.")
    sequence = fields.Integer(default=10)
    owner_ids = fields.One2many("retail.object.owner", "object_id")
    status_ids = fields.One2many("retail.status", "object_id", string="Statuses")

    _code_unique = models.UniqueIndex(
        "(code)", "Another object has this code: choose a code of its own."
    )
