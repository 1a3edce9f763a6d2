from odoo import fields, models


class RetailRequestKind(models.Model):
    """The workflow that says in which stores the matrix acts."""

    _name = "retail.request.kind"
    _inherit = ["retail.request.kind", "retail.workflow.member"]

    workflow_id = fields.Many2one(
        help="Line of the workflow inventory. Where that is rolled out in waves, "
        "documents of this kind are held only in stores of live waves."
    )

    def _audited_fields(self):
        return super()._audited_fields() | {"workflow_id"}
