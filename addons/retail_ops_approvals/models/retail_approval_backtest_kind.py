from odoo import fields, models


class RetailApprovalBacktestKind(models.Model):
    """Both sides of one kind of request."""

    _name = "retail.approval.backtest.kind"
    _description = "Back-test by Kind"
    _order = "request_count desc, id"

    backtest_id = fields.Many2one(
        "retail.approval.backtest", required=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="backtest_id.currency_id")
    kind_id = fields.Many2one("retail.request.kind", required=True, ondelete="cascade")
    request_count = fields.Integer(string="Requests")
    moved_count = fields.Integer(string="Another way")
    automatic_before = fields.Integer(string="Need nobody, before")
    automatic_after = fields.Integer(string="Need nobody, after")
    unseen_before = fields.Monetary(string="Unseen, before")
    unseen_after = fields.Monetary(string="Unseen, after")
    dead_end_before = fields.Integer(string="Dead ends, before")
    dead_end_after = fields.Integer(string="Dead ends, after")
    conflict_before = fields.Integer(string="Involved, before")
    conflict_after = fields.Integer(string="Involved, after")
    decided_before = fields.Integer(string="Decided, before")
    decided_after = fields.Integer(string="Decided, after")
    hours_before = fields.Float(
        string="Hours, before",
        help="Expected from request to decision: the median time that steps like "
        "these took; a step never measured counts with its deadline.",
    )
    hours_after = fields.Float(
        string="Hours, after",
        help="Expected from request to decision: the median time that steps like "
        "these took; a step never measured counts with its deadline.",
    )
