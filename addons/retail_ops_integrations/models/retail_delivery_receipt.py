from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class RetailDelivery(models.Model):
    """Delivered is not processed: what the receiver said afterwards."""

    _inherit = "retail.delivery"

    receipt_ids = fields.One2many(
        "retail.receipt", "delivery_id", string="Receipts", readonly=True
    )
    receipt_state = fields.Selection(
        [
            ("awaited", "Awaited"),
            ("processed", "Processed"),
            ("failed", "Failed there"),
        ],
        string="Receipt",
        compute="_compute_receipt_state",
        help="What the receiver says became of it. Empty where none is expected.",
    )
    is_unacknowledged = fields.Boolean(
        string="Never acknowledged",
        compute="_compute_receipt_state",
        search="_search_is_unacknowledged",
        help="Delivered to an endpoint that acknowledges, and no receipt came yet.",
    )

    _delivered_idx = models.Index("(endpoint_id, delivered_at) WHERE state='delivered'")

    @api.depends("state", "receipt_ids.status", "endpoint_id.receipt_source_id")
    def _compute_receipt_state(self):
        for delivery in self:
            expected = delivery.endpoint_id.receipt_source_id
            statuses = delivery.receipt_ids.mapped("status")
            awaited = expected and delivery.state == "delivered" and not statuses
            delivery.is_unacknowledged = awaited
            said = "processed" if "processed" in statuses else "failed"
            delivery.receipt_state = (statuses and said) or (awaited and "awaited")

    @api.model
    def _search_is_unacknowledged(self, operator, value):
        if operator != "in":
            return NotImplemented
        awaited = SQL(
            """(SELECT delivery.id FROM retail_delivery AS delivery
                  JOIN retail_endpoint AS endpoint
                    ON endpoint.id = delivery.endpoint_id
                   AND endpoint.receipt_source_id IS NOT NULL
                   AND delivery.delivered_at >= endpoint.receipts_since
                 WHERE delivery.state = 'delivered'
                   AND NOT EXISTS (SELECT FROM retail_receipt AS receipt
                                    WHERE receipt.delivery_id = delivery.id))"""
        )
        return Domain("id", "in", awaited)
