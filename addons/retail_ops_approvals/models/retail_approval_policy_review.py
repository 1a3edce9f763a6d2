from odoo import SUPERUSER_ID, api, fields, models

ALERT = "retail_ops_approvals.activity_review"


class RetailApprovalPolicy(models.Model):
    """The owner hears of rows whose review date has passed."""

    _name = "retail.approval.policy"
    _inherit = ["retail.approval.policy", "mail.activity.mixin"]

    @api.model
    def _cron_alert_reviews(self):
        """Scheduled Action: tell each owner, once, which policy has rows to review."""
        for policy in self.env["retail.approval.rule"]._due_for_review().policy_id:
            policy._alert_review()

    def _alert_review(self):
        if self._review_alerts():
            return
        self.env["mail.activity"].with_user(SUPERUSER_ID).create(
            {
                "activity_type_id": self.env.ref(ALERT).id,
                "res_model_id": self.env["ir.model"]._get_id(self._name),
                "res_id": self.id,
                "user_id": self.owner_id.id,
                "automated": True,
                "date_deadline": fields.Date.context_today(self),
                "summary": self.env._("Rows of %s are to be reviewed", self.name),
            }
        )

    def _review_alerts(self):
        kind = self.env.ref(ALERT)
        return self.activity_ids.filtered(lambda each: each.activity_type_id == kind)

    def _close_review_alerts(self):
        """Nobody is told any longer of a policy that has nothing left to review."""
        due = self.env["retail.approval.rule"]._due_for_review().policy_id
        (self - due)._review_alerts().unlink()
