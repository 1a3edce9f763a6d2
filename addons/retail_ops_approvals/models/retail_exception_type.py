from odoo import fields, models


class RetailExceptionType(models.Model):
    _inherit = "retail.exception.type"

    approval_kind_id = fields.Many2one(
        "retail.request.kind",
        string="Resolving asks for",
        ondelete="restrict",
        domain=[("model", "=", "retail.exception")],
        help="An exception of this type is resolved only as the approval policy for "
        "this kind of request allows. Empty: whoever works it may resolve it.",
    )

    def write(self, vals):
        result = super().write(vals)
        if "approval_kind_id" in vals:
            self.env["retail.audit.entry"]._record(
                self,
                "approval.type.governed",
                [
                    {"type": each.code, "kind": each.approval_kind_id.code}
                    for each in self
                ],
            )
        return result
