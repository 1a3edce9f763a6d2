from odoo import Command, api, fields, models


class RetailOutlierDismiss(models.TransientModel):
    """Why what stands out is nothing."""

    _name = "retail.outlier.dismiss"
    _description = "Dismissal of Outliers"

    flag_ids = fields.Many2many(
        "retail.outlier.flag", relation="retail_outlier_dismiss_rel", required=True
    )
    reason = fields.Text(
        required=True, help="One sentence; dismissals show how good the flags are."
    )

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        ids = self.env.context.get("default_flag_ids")
        if ids:
            values["flag_ids"] = [Command.set(ids)]
        return values

    def action_confirm(self):
        """Dismiss them."""
        self.ensure_one()
        self.flag_ids.action_dismiss(self.reason)
        return {"type": "ir.actions.act_window_close"}
