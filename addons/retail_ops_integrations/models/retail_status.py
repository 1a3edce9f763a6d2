from odoo import fields, models


class RetailStatus(models.Model):
    """One of the words in which everybody here speaks about an object."""

    _name = "retail.status"
    _description = "Governed status"
    _order = "object_id, sequence, id"

    object_id = fields.Many2one("retail.object", required=True, ondelete="cascade")
    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    word_ids = fields.One2many("retail.status.word", "status_id", string="Words")

    _code_unique = models.UniqueIndex(
        "(object_id, code)", "This object has a status of this code already."
    )
