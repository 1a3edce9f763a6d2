from odoo import fields, models
from odoo.exceptions import UserError


class RetailWorkflowMember(models.AbstractModel):
    """What belongs to a workflow, and acts only where that workflow's rules act."""

    _name = "retail.workflow.member"
    _description = "Member of a Workflow"

    workflow_id = fields.Many2one(
        "retail.workflow", index="btree_not_null", ondelete="restrict"
    )

    def write(self, vals):
        if "workflow_id" in vals:
            self._check_workflow_may_change(vals["workflow_id"])
        return super().write(vals)

    def _check_workflow_may_change(self, workflow_id):
        """A second person agreed to the waves: none takes a member into them alone."""
        target = self.env["retail.workflow"].sudo().browse(workflow_id or ())
        for member in self.sudo():
            concerned = (member.workflow_id | target).filtered(
                lambda each: each.mode == "waves"
            )
            if member.workflow_id != target and concerned:
                raise UserError(
                    self.env._(
                        "“%(workflow)s” is rolled out in waves: let it act everywhere, "
                        "then change what belongs to it.",
                        workflow=concerned[0].name,
                    )
                )
