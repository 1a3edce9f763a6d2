from odoo import api, fields, models

MODELS = {"retail.event.job": "payload_id", "retail.delivery": "outbox_id"}


class RetailRawPayload(models.TransientModel):
    """Shows a payload with personal data, once, to whom it is a task."""

    _name = "retail.raw.payload"
    _description = "Payload as it came"

    res_model = fields.Selection(
        [("retail.event.job", "Event"), ("retail.delivery", "Delivery")],
        required=True,
        readonly=True,
    )
    res_id = fields.Integer(required=True, readonly=True)
    reason = fields.Char(
        required=True, help="Stands in the audit ledger with your name."
    )
    content = fields.Text(readonly=True, store=False)

    @api.model
    def _ask(self, record):
        """Return the window that asks why.

        :param record: retail.event.job or retail.delivery
        :raise AccessError: the user is no payload reader
        """
        self.check_access("create")
        record.check_access("read")
        context = {"default_res_model": record._name, "default_res_id": record.id}
        return self._window(context)

    def action_show(self):
        """Note who looks and why, then show the payload.

        :raise AccessError: the user may not see the event or delivery
        """
        self.ensure_one()
        record = self.env[self.res_model].browse(self.res_id)
        record.check_access("read")
        self.env["retail.audit.entry"]._record(
            record, "payload.read", {"reason": self.reason}
        )
        payload = record.sudo()[MODELS[self.res_model]]
        content = payload.raw_body if "raw_body" in payload._fields else payload.data
        return self._window(
            {
                "default_res_model": self.res_model,
                "default_res_id": self.res_id,
                "default_reason": self.reason,
                "default_content": content or self.env._("Its time of keeping is over"),
            }
        )

    @api.model
    def _window(self, context):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Payload as it came"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": context,
        }
