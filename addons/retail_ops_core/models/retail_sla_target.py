from odoo import api, fields, models

from .retail_store import FORMATS

SEVERITIES = [
    ("low", "Low"),
    ("medium", "Medium"),
    ("high", "High"),
    ("critical", "Critical"),
]


class RetailSlaTarget(models.Model):
    _name = "retail.sla.target"
    _description = "SLA Target"
    _inherit = ["retail.audited"]
    _order = "policy_id, id"

    policy_id = fields.Many2one(
        "retail.sla.policy", required=True, index=True, ondelete="cascade"
    )
    severity = fields.Selection(
        SEVERITIES,
        required=True,
        help="The hours of this line hold for exceptions of this severity.",
    )
    format = fields.Selection(
        FORMATS,
        "Only in",
        help="Leave empty for every store; stores of this format keep to these hours "
        "instead.",
    )
    acknowledge_hours = fields.Float(
        required=True, help="Working hours until somebody has said: I have seen it."
    )
    act_hours = fields.Float(
        required=True, help="Working hours until work on it has begun."
    )
    resolve_hours = fields.Float(
        required=True, help="Working hours until it is resolved."
    )

    _policy_severity_format_unique = models.UniqueIndex(
        "(policy_id, severity, COALESCE(format, ''))",
        "A policy has one target for each severity, and one more for each format.",
    )
    _hours_ascend = models.Constraint(
        "CHECK(0 < acknowledge_hours AND acknowledge_hours <= act_hours"
        " AND act_hours <= resolve_hours)",
        "Hours must be above zero, and may only grow from acknowledge to act to "
        "resolve.",
    )

    @api.model
    def _severity_labels(self):
        """Return dict severity -> label in the user's language, the mildest first."""
        return dict(self._fields["severity"]._description_selection(self.env))
