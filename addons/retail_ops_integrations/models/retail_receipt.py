from odoo import api, fields, models


class RetailReceipt(models.Model):
    """What a receiver says became of a delivery, beside the delivery itself.

    A table of its own: a receipt often comes before the worker that sent the
    letter has written down the answer, and neither may wait for the other.
    """

    _name = "retail.receipt"
    _description = "Receipt of a delivery"
    _log_access = False
    _allow_sudo_commands = False
    _order = "id desc"
    _rec_name = "status"

    delivery_id = fields.Many2one(
        "retail.delivery", required=True, readonly=True, ondelete="cascade"
    )
    endpoint_id = fields.Many2one(related="delivery_id.endpoint_id")
    company_id = fields.Many2one(related="delivery_id.company_id")
    event_id = fields.Char(
        string="Event id", readonly=True, help="Of the event that brought it."
    )
    status = fields.Selection(
        [("processed", "Processed"), ("failed", "Failed there")],
        required=True,
        readonly=True,
    )
    detail = fields.Char(readonly=True, help="What the receiver says about it.")
    acknowledged_at = fields.Datetime(required=True, readonly=True)

    _delivery_unique = models.UniqueIndex(
        "(delivery_id, status)", "This delivery is acknowledged already."
    )

    @api.model
    def _acknowledge(self, delivery, values):
        """Note a receipt once; a repeat changes nothing.

        :param delivery: retail.delivery
        :param values: dict: status, detail, event_id, acknowledged_at
        """
        known = self.sudo().search(
            [("delivery_id", "=", delivery.id), ("status", "=", values["status"])]
        )
        return known or self.sudo().create({**values, "delivery_id": delivery.id})
