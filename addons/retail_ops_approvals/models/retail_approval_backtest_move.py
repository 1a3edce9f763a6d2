from odoo import fields, models


class RetailApprovalBacktestMove(models.Model):
    """A past request that the tried version would have sent another way."""

    _name = "retail.approval.backtest.move"
    _description = "Request That Would Go Another Way"
    _order = "amount desc, id"

    backtest_id = fields.Many2one(
        "retail.approval.backtest", required=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="backtest_id.currency_id")
    request_id = fields.Many2one(
        "retail.approval.request", string="Request", ondelete="cascade"
    )
    kind_id = fields.Many2one(related="request_id.kind_id")
    store_id = fields.Many2one(related="request_id.store_id")
    requested_at = fields.Datetime(related="request_id.requested_at")
    amount = fields.Monetary()
    effect = fields.Selection(
        [
            ("looser", "Needs nobody any more"),
            ("stricter", "Newly needs approval"),
            ("dead_end", "Nobody could decide"),
            ("other", "Other people decide"),
        ],
        required=True,
    )
    before_rule_id = fields.Many2one(
        "retail.approval.rule", string="As it went", ondelete="set null"
    )
    after_rule_id = fields.Many2one(
        "retail.approval.rule", string="With this version", ondelete="set null"
    )

    def action_open_request(self):
        """Open the past request."""
        self.ensure_one()
        return self.request_id.action_open()
