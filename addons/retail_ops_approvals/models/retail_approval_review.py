from odoo import api, fields, models
from odoo.exceptions import AccessError


class RetailApprovalReview(models.Model):
    """Somebody looked at a row in force, and says when to look again."""

    _name = "retail.approval.review"
    _description = "Review of a Policy Row"
    _order = "id desc"
    _rec_name = "rule_id"
    _allow_sudo_commands = False

    rule_id = fields.Many2one(
        "retail.approval.rule",
        string="Row",
        required=True,
        index=True,
        ondelete="cascade",
    )
    note = fields.Text(
        string="What was found",
        required=True,
        help="Why the limit still fits, or what a new version should change.",
    )
    next_date = fields.Date(
        string="Next review", help="Empty: this row is not looked at again."
    )
    user_id = fields.Many2one(
        "res.users",
        string="Reviewed by",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )

    _next_is_later = models.Constraint(
        "CHECK(next_date IS NULL OR next_date > create_date::date)",
        "The next review is after today.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        reviews = super().create(
            [{**vals, "user_id": self.env.uid} for vals in vals_list]
        )
        self.env["retail.audit.entry"]._record(
            reviews,
            "approval.rule.reviewed",
            [
                {
                    "rule_id": review.rule_id.id,
                    "user_id": review.user_id.id,
                    "next_date": fields.Date.to_string(review.next_date) or None,
                }
                for review in reviews
            ],
        )
        reviews.rule_id.policy_id.sudo()._close_review_alerts()
        return reviews

    def write(self, vals):
        if self:
            raise AccessError(
                self.env._("A review stands as it was written: write another one.")
            )
        return super().write(vals)
