from odoo import api, fields, models


class RetailEndpoint(models.Model):
    """An endpoint whose receiver acknowledges what it has processed."""

    _inherit = "retail.endpoint"

    receipt_source_id = fields.Many2one(
        "retail.source",
        string="Acknowledged by",
        check_company=True,
        tracking=True,
        help="The source that sends a delivery.receipt event once the receiver has "
        "processed a letter. Empty expects none: a 2xx answer is all there is.",
    )
    receipts_since = fields.Datetime(
        compute="_compute_receipts_since",
        store=True,
        help="What was delivered before is not waited for.",
    )
    receipt_minutes = fields.Integer(
        string="Acknowledged within (min)",
        default=60,
        help="A letter that is not acknowledged so long after its delivery raises an "
        "exception in the integration queue.",
    )
    unacknowledged_count = fields.Integer(
        string="Not acknowledged", compute="_compute_unacknowledged_count"
    )

    @api.depends("receipt_source_id")
    def _compute_receipts_since(self):
        for endpoint in self:
            endpoint.receipts_since = (
                endpoint.receipt_source_id and fields.Datetime.now()
            )

    def _compute_unacknowledged_count(self):
        deliveries = self.env["retail.delivery"].sudo()
        counts = dict(
            deliveries._read_group(
                [("endpoint_id", "in", self.ids), ("is_unacknowledged", "=", True)],
                ["endpoint_id"],
                ["__count"],
            )
        )
        for endpoint in self:
            endpoint.unacknowledged_count = counts.get(endpoint, 0)

    def action_open_unacknowledged(self):
        """Show what was delivered and never acknowledged."""
        action = self.action_open_deliveries()
        context = {**action["context"], "search_default_unacknowledged": 1}
        return {**action, "context": context}
