from odoo import fields, models


class RetailRootCause(models.Model):
    _name = "retail.root.cause"
    _description = "Root Cause"
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _code_unique = models.Constraint(
        "UNIQUE(code)", "Another root cause has this code: choose a code of its own."
    )
