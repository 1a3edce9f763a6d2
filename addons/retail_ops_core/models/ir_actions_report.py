from odoo import models
from odoo.exceptions import UserError


class IrActionsReport(models.Model):
    """Where a server cannot make PDF files, our prints say what to do instead."""

    _inherit = "ir.actions.report"

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        report = self._get_report(report_ref)
        is_ours = report.report_name.startswith("retail_ops")
        if is_ours and self.get_wkhtmltopdf_state() == "install":
            raise UserError(self._missing_converter(report, res_ids))
        return super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids)

    def _missing_converter(self, report, res_ids):
        ids = ",".join(map(str, res_ids or []))
        return self.env._(
            "This server has no wkhtmltopdf, which makes PDF files of pages. Open the "
            "page %(page)s and print it from your browser, or have wkhtmltopdf "
            "installed and the server started again.",
            page=f"{self.get_base_url()}/report/html/{report.report_name}/{ids}",
        )
