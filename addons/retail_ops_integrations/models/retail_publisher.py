from odoo import api, models


class RetailPublisher(models.AbstractModel):
    _inherit = "retail.publisher"

    @api.model
    def _publish(self, topic, data, *, company, correlation_id, key):
        """Put the fact into the outbox; see the publisher in core."""
        self.env["retail.outbox"]._add(topic, data, company, correlation_id, key)
        return super()._publish(
            topic, data, company=company, correlation_id=correlation_id, key=key
        )
