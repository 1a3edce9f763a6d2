from odoo import fields, models


class RetailException(models.Model):
    _inherit = "retail.exception"

    event_job_ids = fields.One2many(
        "retail.event.job", "exception_id", string="Events", readonly=True
    )

    def action_open_trace(self):
        """Show every hop of the exception's case between the systems."""
        self.ensure_one()
        return self.env["retail.trace"]._open(self.correlation_id)
