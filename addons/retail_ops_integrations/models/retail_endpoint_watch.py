from odoo import fields, models

from .retail_event_type import LATENCY_CLASSES


class RetailEndpoint(models.Model):
    """How closely an endpoint is watched."""

    _inherit = "retail.endpoint"

    latency_class = fields.Selection(
        LATENCY_CLASSES,
        required=True,
        default="near_real_time",
        help="How soon after its publication a fact should be here. The monitor shows "
        "the measured lag against it.",
    )
    late_after_minutes = fields.Integer(
        string="Late after (min)",
        default=60,
        help="When the oldest letter waits longer, whatever the reason, an exception "
        "is raised in the integration queue. 0 does not watch.",
    )
    alert_ids = fields.One2many(
        "retail.integration.alert", "endpoint_id", readonly=True
    )

    def _why_nothing_goes(self):
        """Return in words what holds the letters of an endpoint back."""
        self.ensure_one()
        if self.state != "active":
            return self.env._("It is not active: %s", self.disabled_reason or "-")
        if self.rest_reason:
            reasons = dict(self._fields["rest_reason"]._description_selection(self.env))
            return self.env._("It rests: %s", reasons[self.rest_reason])
        return self.env._("Its last attempts failed, or nobody delivers.")
