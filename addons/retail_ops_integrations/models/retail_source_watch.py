from odoo import api, fields, models


class RetailSource(models.Model):
    """How closely a source is watched."""

    _inherit = "retail.source"

    silent_after_minutes = fields.Integer(
        string="Silent after (min)",
        help="A source from which nothing at all came for so long, no event and no "
        "heartbeat, raises an exception in the integration queue. 0 does not watch.",
    )
    watched_since = fields.Datetime(
        compute="_compute_watched_since",
        store=True,
        help="Silence counts from here: it was activated, or watched otherwise, then.",
    )
    heartbeat_ids = fields.One2many("retail.heartbeat", "source_id", readonly=True)
    alert_ids = fields.One2many("retail.integration.alert", "source_id", readonly=True)

    _silence_not_negative = models.Constraint(
        "CHECK(silent_after_minutes >= 0)",
        "Minutes of silence cannot be below zero; 0 does not watch.",
    )

    @api.depends("silent_after_minutes", "state")
    def _compute_watched_since(self):
        self.watched_since = fields.Datetime.now()
