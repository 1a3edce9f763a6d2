from odoo import fields, models


class RetailStoreReportStep(models.TransientModel):
    """Why a report is returned or corrected."""

    _name = "retail.store.report.step"
    _description = "Step of a Daily Report"

    step = fields.Selection(
        [("return", "Return to the store"), ("correct", "Correct")], required=True
    )
    report_id = fields.Many2one("retail.store.report", required=True)
    reason = fields.Text(
        required=True, help="One sentence that the next person understands."
    )

    def action_confirm(self):
        """Do the step, as far as it is allowed.

        :return: the client action that shows what to do next
        """
        self.ensure_one()
        if self.step == "return":
            self.report_id._check_reviewer()
            self.report_id.sudo()._set_returned(self.reason)
            return {"type": "ir.actions.act_window_close"}
        self.report_id._check_store_person()
        correction = self.report_id.sudo()._open_correction(self.reason)
        return correction.with_env(self.env)._form_action()
