from odoo import fields, models


class RetailApprovalBacktestLoad(models.Model):
    """What one person would have had to decide."""

    _name = "retail.approval.backtest.load"
    _description = "Back-test by Approver"
    _order = "decisions_after desc, asked_after desc, id"

    backtest_id = fields.Many2one(
        "retail.approval.backtest", required=True, index=True, ondelete="cascade"
    )
    user_id = fields.Many2one("res.users", string="Approver", ondelete="cascade")
    asked_before = fields.Float(
        string="Asked a week, before", help="Requests put before this person a week."
    )
    asked_after = fields.Float(
        string="Asked a week, after", help="Requests put before this person a week."
    )
    decisions_before = fields.Float(
        string="Decisions a week, before",
        help="A step that any of five may decide counts a fifth for each.",
    )
    decisions_after = fields.Float(
        string="Decisions a week, after",
        help="A step that any of five may decide counts a fifth for each.",
    )
