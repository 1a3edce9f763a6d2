from odoo import api, fields, models


class RetailApprovalRule(models.Model):
    """Limits age: each row can say when somebody looks at it again."""

    _inherit = "retail.approval.rule"

    review_date = fields.Date(
        string="Review by",
        help="From then on the row is in the review list and the policy's owner is "
        "told. Empty: never.",
    )
    review_ids = fields.One2many("retail.approval.review", "rule_id", string="Reviews")
    next_review_date = fields.Date(
        string="Next review", compute="_compute_next_review_date", store=True
    )

    @api.depends("review_date", "review_ids.next_date")
    def _compute_next_review_date(self):
        for rule in self:
            last = rule.review_ids.sorted("id")[-1:]
            rule.next_review_date = last.next_date if last else rule.review_date

    def action_review(self):
        """Open the dialog that says the row was looked at."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reviewed"),
            "res_model": "retail.approval.review",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_rule_id": self.id},
        }

    @api.model
    def _due_for_review(self):
        """Return the rows in force whose review date has passed."""
        return self.search(
            [
                ("policy_id.state", "=", "published"),
                ("next_review_date", "<=", fields.Date.context_today(self)),
            ]
        )
