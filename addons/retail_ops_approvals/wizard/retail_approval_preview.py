from odoo import api, fields, models
from odoo.exceptions import UserError


class RetailApprovalPreview(models.TransientModel):
    """A dialog that is opened and closed; it is never saved."""

    _name = "retail.approval.preview"
    _description = "Who Would Have to Approve"

    res_model = fields.Char(required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Document", model_field="res_model", required=True, readonly=True
    )
    html = fields.Html(compute="_compute_html", sanitize=False)

    @api.depends("res_model", "res_id")
    def _compute_html(self):
        for preview in self:
            document = preview._document()
            preview.html = self.env["ir.qweb"]._render(
                "retail_ops_approvals.approval_preview",
                {
                    "preview": document.approval_preview(),
                    "blocks": self._block_texts(),
                },
            )

    def _document(self):
        model = self.env.get(self.res_model)
        if model is None or not hasattr(model, "approval_preview"):
            raise UserError(self.env._("No approval policy governs such documents."))
        return model.browse(self.res_id)

    def _block_texts(self):
        field = self.env["retail.approval.request"]._fields["block"]
        return dict(field._description_selection(self.env))
