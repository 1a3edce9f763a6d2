from odoo import fields, models


class RetailMilestone(models.Model):
    """One step that every case of a type passes, in this order."""

    _name = "retail.milestone"
    _description = "Milestone of an Exception Type"
    _inherit = ["retail.audited"]
    _order = "type_id, sequence, id"

    name = fields.Char(
        required=True,
        translate=True,
        help="What has happened once it is reached, such as Inspected.",
    )
    type_id = fields.Many2one(
        "retail.exception.type", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    asks_outcome = fields.Boolean(
        "Ask for the outcome",
        default=True,
        help="Whoever takes this step says in one sentence what came out of it.",
    )
    instruction = fields.Char(
        translate=True, help="What to look at, shown to whoever takes this step."
    )
