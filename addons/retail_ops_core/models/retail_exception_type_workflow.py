from odoo import fields, models
from odoo.exceptions import UserError


class RetailExceptionType(models.Model):
    """The workflow that says in which stores a type's classifiers act."""

    _inherit = "retail.exception.type"

    workflow_id = fields.Many2one(
        "retail.workflow",
        index="btree_not_null",
        ondelete="restrict",
        help="Line of the workflow inventory. Where that is rolled out in waves, the "
        "classifiers decide about this type only in stores of live waves.",
    )

    def write(self, vals):
        if "workflow_id" in vals:
            self._check_workflow_may_change(vals["workflow_id"])
        return super().write(vals)

    def _check_workflow_may_change(self, workflow_id):
        """A second person agreed to the waves: none takes a type into them alone."""
        target = self.env["retail.workflow"].sudo().browse(workflow_id or ())
        for kind in self.sudo():
            concerned = (kind.workflow_id | target).filtered(
                lambda each: each.mode == "waves"
            )
            if kind.workflow_id != target and concerned:
                raise UserError(
                    self.env._(
                        "“%(workflow)s” is rolled out in waves: let it act everywhere, "
                        "then change what belongs to it.",
                        workflow=concerned[0].name,
                    )
                )
