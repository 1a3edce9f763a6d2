from odoo import fields, models


class RetailExceptionType(models.Model):
    """The workflow that says in which stores a type's classifiers act."""

    _name = "retail.exception.type"
    _inherit = ["retail.exception.type", "retail.workflow.member"]

    workflow_id = fields.Many2one(
        help="Line of the workflow inventory. Where that is rolled out in waves, the "
        "classifiers decide about this type only in stores of live waves."
    )
