from odoo import api, fields, models


class RetailStoreReportCheck(models.Model):
    """What one rule found in one report, with the arithmetic."""

    _name = "retail.store.report.check"
    _description = "Check of a Daily Report"
    _allow_sudo_commands = False
    _order = "passed, report_id, sequence, id"

    report_id = fields.Many2one(
        "retail.store.report",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    rule_id = fields.Many2one(
        "retail.report.rule", required=True, readonly=True, ondelete="restrict"
    )
    sequence = fields.Integer(related="rule_id.sequence", store=True)
    currency_id = fields.Many2one(related="report_id.currency_id")
    passed = fields.Boolean(readonly=True)
    amount = fields.Monetary("At stake", readonly=True)
    note = fields.Text("Arithmetic", readonly=True)
    exception_id = fields.Many2one("retail.exception", readonly=True)

    _rule_unique = models.Constraint(
        "UNIQUE(report_id, rule_id)", "Each rule is held against a report once."
    )

    def _intake_values(self):
        """Return the values with which the exception of a failure is raised."""
        self.ensure_one()
        report = self.report_id
        return {
            "type_id": self.rule_id.exception_type_id.id,
            "store_id": report.store_id.id,
            "summary": self.env._(
                "%(rule)s, %(day)s", rule=self.rule_id.name, day=report.business_date
            ),
            "reason": self.note,
            "amount": self.amount,
            "currency_id": report.currency_id.id,
            "occurred_at": report.filed_at,
            "origin": "automation",
            "intake_key": report._intake_key(self.rule_id),
            "report_id": report.id,
            "source_document": report.display_name,
            "source_model": report._name,
            "source_res_id": report.id,
        }

    @api.depends("rule_id", "passed")
    def _compute_display_name(self):
        for check in self:
            check.display_name = check.rule_id.name
