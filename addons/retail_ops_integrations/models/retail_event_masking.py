import json

from odoo import api, fields, models


class RetailEvent(models.Model):
    """What of a payload is shown: personal data only to whom it is a task."""

    _inherit = "retail.event"

    correction_ids = fields.One2many(
        "retail.event.correction", "event_id", readonly=True
    )

    @api.depends("raw_body", "body_format")
    def _compute_payload_pretty(self):
        rules = self.env["retail.mask.rule"]
        for event in self:
            body = event._body()
            if body and event.body_format == "bare":
                body = rules._mask(body)
            elif body:
                body = {**body, "data": rules._mask(body.get("data", {}))}
            event.payload_pretty = body and json.dumps(
                body, indent=2, ensure_ascii=False
            )

    def _data(self):
        """Return the data that counts: the last correction, else what came."""
        correction = self.sudo().correction_ids[:1]
        return json.loads(correction.data) if correction else self._received_data()

    def _received_data(self):
        """Return the data that came, whatever was corrected since."""
        return super()._data()
