from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain


class RetailKpiBaselineLine(models.Model):
    """One frozen figure, and how far today's is from it."""

    _name = "retail.kpi.baseline.line"
    _description = "KPI Baseline Figure"
    _log_access = False
    _allow_sudo_commands = False
    _order = "baseline_id, kpi_id, is_total desc, store_id, id"
    _rec_name = "kpi_id"

    baseline_id = fields.Many2one(
        "retail.kpi.baseline",
        "Frozen in",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(related="baseline_id.company_id")
    kpi_id = fields.Many2one(
        "retail.kpi", "KPI", required=True, readonly=True, ondelete="restrict"
    )
    unit = fields.Selection(related="kpi_id.unit")
    direction = fields.Selection(related="kpi_id.direction")
    is_total = fields.Boolean("All stores together", required=True, readonly=True)
    store_id = fields.Many2one("retail.store", readonly=True, ondelete="restrict")
    region_id = fields.Many2one("retail.region", readonly=True, ondelete="restrict")
    numerator = fields.Float(required=True, readonly=True)
    denominator = fields.Float(required=True, readonly=True)
    value = fields.Float("Baseline", required=True, readonly=True, aggregator=None)
    now_from = fields.Date(compute="_compute_comparison")
    now_to = fields.Date(compute="_compute_comparison")
    now_value = fields.Float(
        "Now",
        compute="_compute_comparison",
        aggregator=None,
        help="The same stores, over as many days up to yesterday.",
    )
    now_numerator = fields.Float(compute="_compute_comparison", aggregator=None)
    now_denominator = fields.Float(compute="_compute_comparison", aggregator=None)
    difference = fields.Float(
        compute="_compute_comparison", aggregator=None, help="Now less the baseline."
    )
    difference_percent = fields.Float(
        "Difference %",
        compute="_compute_comparison",
        aggregator=None,
        help="The difference in percent of the baseline; none when that is zero.",
    )
    verdict = fields.Selection(
        [
            ("better", "Better"),
            ("worse", "Worse"),
            ("same", "Unchanged"),
            ("none", "No figure now"),
        ],
        compute="_compute_comparison",
    )

    def init(self):
        self.env["retail.audit.entry"]._refuse_changes(self._table)

    def _compute_comparison(self):
        yesterday = fields.Date.today() - timedelta(days=1)
        for baseline, lines in self.grouped("baseline_id").items():
            baseline = baseline.sudo()
            days = baseline.date_to - baseline.date_from
            sums = baseline._sums(yesterday - days, yesterday)
            for line in lines:
                figures = sums.get((line.kpi_id, line.store_id), (0, 0))
                line.update(line._compared_with(*figures))
                line.now_numerator, line.now_denominator = figures
                line.now_from, line.now_to = yesterday - days, yesterday

    def _compared_with(self, numerator, denominator):
        """Return values of the comparison with a later quotient."""
        if not denominator:
            return {
                "now_value": 0,
                "difference": 0,
                "difference_percent": 0,
                "verdict": "none",
            }
        now = self.kpi_id.sudo()._factor() * numerator / denominator
        difference = now - self.value
        percent = 100 * difference / self.value if self.value else 0
        return {
            "now_value": now,
            "difference": difference,
            "difference_percent": percent,
            "verdict": self.kpi_id.sudo()._verdict(difference),
        }

    def action_open_trend(self):
        """Open the figure week by week, from the days of the baseline until now."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "retail_ops_core.action_kpi_snapshot"
        )
        days = self.baseline_id.sudo()._domain_of_scope(
            self.baseline_id.date_from, fields.Date.today()
        )
        only = Domain("store_id", "=", self.store_id.id) if self.store_id else days
        return {
            **action,
            "name": self.env._(
                "%(kpi)s since %(baseline)s",
                kpi=self.kpi_id.name,
                baseline=self.baseline_id.name,
            ),
            "views": [(False, "graph"), (False, "pivot"), (False, "list")],
            "domain": list(Domain("kpi_id", "=", self.kpi_id.id) & days & only),
            "context": {},
        }

    def write(self, vals):
        if vals:
            raise AccessError(self.env["retail.kpi.baseline"]._refusal())
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise AccessError(self.env["retail.kpi.baseline"]._refusal())
