from odoo import api, fields, models
from odoo.exceptions import AccessError

STEPS = [
    ("event_replay", "Replay events"),
    ("event_skip", "Skip events"),
    ("event_park", "Park events"),
    ("delivery_resend", "Send again"),
    ("delivery_cancel", "Stop sending"),
]
IN_STEPS = ("event_replay", "delivery_resend")
MODELS = {"event": "retail.event.job", "delivery": "retail.delivery"}
LARGE = 200  # more are replayed in steps, at a rate
INTEGRATOR = "retail_ops_integrations.group_integrator"


class RetailReason(models.TransientModel):
    """Asks why before events or deliveries are touched by hand."""

    _name = "retail.reason"
    _description = "Reason"

    step = fields.Selection(STEPS, required=True, readonly=True)
    record_ids = fields.Json(readonly=True)
    record_count = fields.Integer(compute="_compute_record_count")
    reason = fields.Text(
        required=True, help="Stands in the audit ledger with your name."
    )

    @api.depends("record_ids")
    def _compute_record_count(self):
        for asked in self:
            asked.record_count = len(asked.record_ids or [])

    @api.model
    def _ask(self, step, records):
        """Return the window that asks.

        :param step: key of :data:`STEPS`
        :param records: retail.event.job or retail.delivery
        """
        records.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": dict(self._fields["step"]._description_selection(self.env))[step],
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {"default_step": step, "default_record_ids": records.ids},
        }

    def action_confirm(self):
        """Do what was asked for.

        :raise AccessError: when the user may not see one of the records
        """
        self.ensure_one()
        records = self._records()
        if len(records) > LARGE and self.step in IN_STEPS:
            return self._in_steps(records)
        getattr(records, self._verb())(self.reason)
        return {"type": "ir.actions.act_window_close"}

    def _in_steps(self, records):
        """Begin a replay a company that takes its time, and show how far it is."""
        replays = self.env["retail.replay"]._of_selection(records, self.reason)
        if len(replays) == 1:
            return {
                "type": "ir.actions.act_window",
                "res_model": replays._name,
                "res_id": replays.id,
                "view_mode": "form",
            }
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "retail_ops_integrations.action_replay"
        )
        return {**action, "domain": [("id", "in", replays.ids)]}

    def _verb(self):
        return "_" + self.step.partition("_")[2]

    def _records(self):
        """Return what was selected, after a check that the user may touch it."""
        if not self.env.user.has_group(INTEGRATOR):
            raise AccessError(
                self.env._("Only an integrator replays, skips, parks or sends again.")
            )
        model = MODELS[self.step.partition("_")[0]]
        records = self.env[model].browse(self.record_ids)
        records.check_access("read")
        return records
