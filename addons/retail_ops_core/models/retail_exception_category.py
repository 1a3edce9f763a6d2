from odoo import fields, models


class RetailExceptionCategory(models.Model):
    """What a case of one type is about, and which team answers for that."""

    _name = "retail.exception.category"
    _description = "Exception Category"
    _inherit = ["retail.audited"]
    _order = "type_id, sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True, help="The name by which other systems know this category."
    )
    type_id = fields.Many2one(
        "retail.exception.type",
        required=True,
        index=True,
        ondelete="cascade",
        help="The exceptions that are told apart by this category.",
    )
    queue_id = fields.Many2one(
        "retail.queue",
        required=True,
        ondelete="restrict",
        help="The team that gets exceptions of this category, instead of the type's.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _code_unique = models.Constraint(
        "UNIQUE(type_id, code)",
        "This type has a category of this code: choose a code of its own.",
    )
