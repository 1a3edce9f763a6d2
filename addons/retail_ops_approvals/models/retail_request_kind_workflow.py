from odoo import fields, models
from odoo.exceptions import UserError


class RetailRequestKind(models.Model):
    """The workflow that says in which stores the matrix acts."""

    _inherit = "retail.request.kind"

    workflow_id = fields.Many2one(
        "retail.workflow",
        index="btree_not_null",
        ondelete="restrict",
        help="Line of the workflow inventory. Where that is rolled out in waves, "
        "documents of this kind are held only in stores of live waves.",
    )

    def _audited_fields(self):
        return super()._audited_fields() | {"workflow_id"}

    def write(self, vals):
        if "workflow_id" in vals:
            self._check_workflow_may_change(vals["workflow_id"])
        return super().write(vals)

    def _check_workflow_may_change(self, workflow_id):
        """A second person agreed to the waves: none takes a kind into them alone."""
        target = self.env["retail.workflow"].sudo().browse(workflow_id or ())
        for kind in self.sudo():
            concerned = (kind.workflow_id | target).filtered(
                lambda each: each.mode == "waves"
            )
            if kind.workflow_id != target and concerned:
                raise UserError(
                    self.env._(
                        "“%(workflow)s” is rolled out in waves: let it act everywhere, "
                        "then change which kinds belong to it.",
                        workflow=concerned[0].name,
                    )
                )
