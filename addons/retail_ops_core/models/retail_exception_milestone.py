from odoo import fields, models


class RetailExceptionMilestone(models.Model):
    """A milestone that a case has reached: when, by whom, after how long."""

    _name = "retail.exception.milestone"
    _description = "Milestone Reached"
    _allow_sudo_commands = False
    _order = "reached_at, id"

    exception_id = fields.Many2one(
        "retail.exception", required=True, readonly=True, index=True, ondelete="cascade"
    )
    milestone_id = fields.Many2one(
        "retail.milestone", required=True, readonly=True, ondelete="restrict"
    )
    reached_at = fields.Datetime(required=True, readonly=True)
    user_id = fields.Many2one("res.users", "By", required=True, readonly=True)
    outcome = fields.Text(readonly=True)
    hours = fields.Float(
        readonly=True,
        help="Hours since the milestone before, or since the case was opened.",
    )

    _milestone_unique = models.Constraint(
        "UNIQUE(exception_id, milestone_id)", "A case reaches each milestone once."
    )

    def _publish_fact(self):
        """Tell other systems that cases took a step of their flow.

        Called by the Automation Rule “Store exceptions: publish milestones”.
        """
        for reached in self.sudo():
            case = reached.exception_id
            step = reached.milestone_id.with_context(lang=None).name
            self.env["retail.publisher"]._publish(
                "exception.milestone.reached",
                {**case._publication_data(), "milestone": step},
                company=case.company_id,
                correlation_id=case.correlation_id,
                key=case.name,
            )
