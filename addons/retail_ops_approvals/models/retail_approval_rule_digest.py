from odoo import models


class RetailApprovalRule(models.Model):
    """What the digest of a version takes from a row's steps."""

    _inherit = "retail.approval.rule"

    def _steps_digested(self):
        return [
            [
                step.sequence,
                step.approver,
                step.group_id.id,
                step.user_id.id,
                step.region_level,
                step.need,
                step.needed_number,
                step.hours,
                step.remind_hours,
                step.escalate,
                step.escalate_group_id.id,
            ]
            for step in self.step_ids.sorted(lambda step: (step.sequence, step.id))
        ]
