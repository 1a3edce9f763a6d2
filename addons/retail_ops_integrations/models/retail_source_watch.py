from odoo import fields, models


class RetailSource(models.Model):
    """How closely a source is watched."""

    _inherit = "retail.source"

    silent_after_minutes = fields.Integer(
        string="Silent after (min)",
        help="A source from which nothing at all came for so long, no event and no "
        "heartbeat, raises an exception in the integration queue. 0 does not watch.",
    )
    heartbeat_ids = fields.One2many("retail.heartbeat", "source_id", readonly=True)
    alert_ids = fields.One2many("retail.integration.alert", "source_id", readonly=True)

    _silence_not_negative = models.Constraint(
        "CHECK(silent_after_minutes >= 0)",
        "Minutes of silence cannot be below zero; 0 does not watch.",
    )
