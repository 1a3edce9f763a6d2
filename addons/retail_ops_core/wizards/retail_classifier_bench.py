from collections import Counter
from datetime import timedelta

from odoo import Command, fields, models

from ..models.retail_sla_target import SEVERITIES

MOST_SHOWN = 500


class RetailClassifierBench(models.TransientModel):
    """What draft classifiers would have done to the exceptions of the past."""

    _name = "retail.classifier.bench"
    _description = "Test Bench for Classifiers"

    days = fields.Integer(
        default=30, required=True, help="How far back to look, in days."
    )
    checked = fields.Integer(readonly=True)
    changed = fields.Integer(readonly=True)
    summary = fields.Text("Moves", readonly=True)
    line_ids = fields.One2many(
        "retail.classifier.bench.line", "bench_id", readonly=True
    )

    _days_positive = models.Constraint("CHECK(days > 0)", "Look back at least one day.")

    def action_run(self):
        """Decide the past again, drafts included, and show what would move."""
        self.ensure_one()
        classifiers = self.env["retail.exception.classifier"].search(
            [("active", "=", True)]
        )
        exceptions = self._exceptions()
        moves = []
        for exception in exceptions:
            classifier, _note = classifiers._decide(exception)
            after = exception._severity_by(classifier)
            if after != exception.severity:
                moves.append((exception, after, classifier))
        self._show(len(exceptions), moves)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Test bench"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _exceptions(self):
        since = fields.Datetime.now() - timedelta(days=self.days)
        return self.env["retail.exception"].search([("opened_at", ">=", since)])

    def _show(self, checked, moves):
        labels = self.env["retail.sla.target"]._severity_labels()
        counts = Counter((exc.severity, after) for exc, after, _classifier in moves)
        self.write(
            {
                "checked": checked,
                "changed": len(moves),
                "summary": "\n".join(
                    f"{labels[before]} → {labels[after]}: {count}"
                    for (before, after), count in counts.most_common()
                ),
                "line_ids": [Command.clear()]
                + [
                    Command.create(
                        {
                            "exception_id": exception.id,
                            "before": exception.severity,
                            "after": after,
                            "classifier_id": classifier.id,
                        }
                    )
                    for exception, after, classifier in moves[:MOST_SHOWN]
                ],
            }
        )


class RetailClassifierBenchLine(models.TransientModel):
    _name = "retail.classifier.bench.line"
    _description = "Line of the Test Bench for Classifiers"

    bench_id = fields.Many2one(
        "retail.classifier.bench", required=True, ondelete="cascade"
    )
    exception_id = fields.Many2one(
        "retail.exception", required=True, ondelete="cascade"
    )
    impact_amount = fields.Monetary(
        related="exception_id.impact_amount", currency_field="currency_id"
    )
    currency_id = fields.Many2one(related="exception_id.company_currency_id")
    before = fields.Selection(SEVERITIES, "Now")
    after = fields.Selection(SEVERITIES, "Would be")
    classifier_id = fields.Many2one("retail.exception.classifier", "Decided by")
