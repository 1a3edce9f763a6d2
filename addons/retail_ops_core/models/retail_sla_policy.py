from odoo import api, fields, models
from odoo.exceptions import ValidationError


class RetailSlaPolicy(models.Model):
    _name = "retail.sla.policy"
    _description = "SLA Policy"
    _inherit = ["retail.audited"]
    _order = "name"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    target_ids = fields.One2many(
        "retail.sla.target",
        "policy_id",
        string="Targets",
        copy=True,
        help="Hours allowed for each severity.",
    )
    escalate_hours = fields.Float(
        string="Escalate again after",
        required=True,
        default=4.0,
        help="Working hours between one level of escalation and the next, once the "
        "deadline to resolve has passed.",
    )

    _escalate_hours_positive = models.Constraint(
        "CHECK(escalate_hours > 0)", "Hours between escalations must be above zero."
    )

    @api.constrains("name", "target_ids")
    def _check_target_ids(self):
        for policy in self:
            general = policy.target_ids.filtered(lambda target: not target.format)
            given = set(general.mapped("severity"))
            severities = dict(
                self.env["retail.sla.target"]._fields["severity"].selection
            )
            missing = [label for code, label in severities.items() if code not in given]
            if missing:
                raise ValidationError(
                    self.env._(
                        "The SLA policy “%(policy)s” says nothing about severity "
                        "%(missing)s: add a target for it.",
                        policy=policy.name,
                        missing=", ".join(missing),
                    )
                )

    def _target_for(self, severity, store_format):
        """Return the target that holds for a severity in stores of a format.

        :param severity: low, medium, high or critical
        :param store_format: the store's format
        :return: retail.sla.target: that of the format, else the general one
        """
        self.ensure_one()
        mine = self.target_ids.filtered(lambda target: target.severity == severity)
        special = mine.filtered(lambda target: target.format == store_format)
        return special or mine.filtered(lambda target: not target.format)
