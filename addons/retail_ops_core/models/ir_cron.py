from odoo import models


class IrCron(models.Model):
    """What our Scheduled Actions write is read in the company's language.

    A machine has no language of its own, and what it raises stays on the record.
    """

    _inherit = "ir.cron"

    def _callback(self, cron_name, server_action_id):
        speaking = self._in_company_language() if self._is_retail() else self
        return super(IrCron, speaking)._callback(cron_name, server_action_id)

    def _is_retail(self):
        return self.get_external_id()[self.id].startswith("retail_ops_")

    def _in_company_language(self):
        return self.with_context(lang=self.env.company.partner_id.lang)
