from odoo import fields, models

from ..tools import fingerprint


class RetailApprovalPolicy(models.Model):
    """A version can be tried on the past before anybody publishes it."""

    _inherit = "retail.approval.policy"

    backtest_ids = fields.One2many("retail.approval.backtest", "policy_id", copy=False)
    backtest_count = fields.Integer(compute="_compute_backtest_count")

    def _compute_backtest_count(self):
        for policy in self:
            policy.backtest_count = len(policy.backtest_ids)

    def action_backtest(self):
        """Open a new back-test of this version.

        :return: action of its form
        """
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Back-test"),
            "res_model": "retail.approval.backtest",
            "views": [(False, "form")],
            "context": {"default_policy_id": self.id},
        }

    def action_open_backtests(self):
        """Open the back-tests of this version."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Back-tests"),
            "res_model": "retail.approval.backtest",
            "views": [(False, "list"), (False, "form")],
            "domain": [("policy_id", "=", self.id)],
        }

    def _matrix_digest(self):
        """Return the digest of all rows and steps: it changes when they do.

        :return: 64 hexadecimal digits
        """
        rules = self._all_rules()
        rows = [
            [
                rule.kind_id.id,
                rule.outcome,
                rule.needs_evidence,
                *map(str, rule._compiled_row()),
                *rule._steps_digested(),
            ]
            for rule in rules
        ]
        return fingerprint.digest({"company": self.company_id.id, "rows": rows})
