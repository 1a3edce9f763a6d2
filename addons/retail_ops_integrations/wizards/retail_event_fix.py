import json

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import masking


class RetailEventFix(models.TransientModel):
    """Puts the data of an event right, without showing personal data."""

    _name = "retail.event.fix"
    _description = "Fix and replay"

    event_job_id = fields.Many2one("retail.event.job", required=True, readonly=True)
    why = fields.Char(
        related="event_job_id.reason", string="Why it stopped", related_sudo=False
    )
    data = fields.Text(
        required=True,
        help="The event's data as JSON. What is hidden stays as it was unless you "
        "overwrite it.",
    )
    reason = fields.Char(
        required=True, help="Stands in the audit ledger with your name."
    )

    @api.model
    def _ask(self, job):
        """Return the window that shows the data for correction.

        :param job: retail.event.job
        """
        job.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Fix and replay"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_event_job_id": job.id,
                "default_data": json.dumps(
                    self._masked(job), indent=2, ensure_ascii=False
                ),
            },
        }

    @api.model
    def _masked(self, job):
        return self.env["retail.mask.rule"]._mask(job.sudo().payload_id._data())

    def action_confirm(self):
        """Keep the corrected data beside the original and process the event again.

        :raise UserError: not JSON, or it breaks the contract
        """
        self.ensure_one()
        job = self.event_job_id
        job.check_access("read")
        try:
            edited = json.loads(self.data)
        except ValueError as error:
            raise UserError(self.env._("This is not JSON: %s", error)) from error
        original = job.sudo().payload_id._data()
        whole = masking.restore(edited, self._masked(job), original)
        job._correct(json.dumps(whole, ensure_ascii=False), self.reason)
        return {"type": "ir.actions.act_window_close"}
