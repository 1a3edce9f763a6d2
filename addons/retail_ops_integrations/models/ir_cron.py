import time

from odoo import api, models, tools


class IrCron(models.Model):
    _inherit = "ir.cron"

    @api.model
    @tools.ormcache()
    def _retail_ops_jobs(self):
        """Return the ids of the Scheduled Actions of this suite."""
        self.env.cr.execute(
            "SELECT res_id FROM ir_model_data WHERE model = 'ir.cron' "
            "AND starts_with(module, 'retail_ops_')"
        )
        return frozenset(res_id for (res_id,) in self.env.cr.fetchall())

    def _callback(self, cron_name, server_action_id):
        """Note after each run of ours that it went through, and what it cost."""
        began, before = time.monotonic(), self.env.cr.sql_log_count
        result = super()._callback(cron_name, server_action_id)
        if self.id in self._retail_ops_jobs():
            statements = self.env.cr.sql_log_count - before
            self.env["retail.job.pulse"]._beat(
                self, statements, time.monotonic() - began
            )
        return result
