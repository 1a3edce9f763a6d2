from odoo import api, fields, models


class RetailWorkflow(models.Model):
    """The workflow as it is configured now, on the screen and on paper."""

    _inherit = "retail.workflow"

    definition = fields.Html(
        compute="_compute_definition",
        sanitize=False,
        help="Events, thresholds, exception path, owners, SLA and who does what, "
        "worked out from the settings in force.",
    )

    @api.depends_context("lang", "company")
    def _compute_definition(self):
        qweb = self.env["ir.qweb"]
        for workflow in self:
            workflow.definition = workflow.id and qweb._render(
                "retail_ops_core.workflow_sheet", {"workflow": workflow}
            )
