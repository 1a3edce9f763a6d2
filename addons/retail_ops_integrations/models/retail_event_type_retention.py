from odoo import fields, models


class RetailEventType(models.Model):
    """How long the payloads of one kind of event are kept."""

    _inherit = "retail.event.type"

    payload_days = fields.Integer(
        string="Keep payloads (days)",
        help="Payloads of this type go after so many days, such as 30 where they name "
        "customers. 0 follows the retention policy of its class.",
    )

    _payload_days_not_negative = models.Constraint(
        "CHECK(payload_days >= 0)", "Days cannot be below zero."
    )
