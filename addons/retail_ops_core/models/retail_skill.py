from odoo import fields, models


class RetailSkill(models.Model):
    """What somebody has to be able to do to work on a type of exception."""

    _name = "retail.skill"
    _description = "Skill"
    _order = "name"

    name = fields.Char(required=True, translate=True)

    _name_unique = models.Constraint(
        "UNIQUE(name)", "This skill is in the list already: choose it there."
    )
