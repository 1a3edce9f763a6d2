from datetime import timedelta

from odoo.exceptions import AccessError

from .before_and_now import BeforeAndNow
from .test_kpi import KpiCase


class TestRoi(BeforeAndNow, KpiCase):
    """A week that ended four weeks ago beside the last one."""

    def setUp(self):
        super().setUp()
        self.cost = self._kpi("handling_minutes").with_user(self.admin)

    def _text(self, baseline):
        return " ".join(str(baseline.roi_sheet).split())

    def test_effort_saved_is_hours_of_work_and_without_a_cost_no_money(self):
        baseline = self._before_and_now("handling_minutes", (300, 10), (400, 20))
        line = self._line(baseline, "effort")
        self.assertAlmostEqual(line["gain"], 10 / 3, 5)  # 10 minutes less x 20 cases
        self.assertIsNone(line["money"])
        self.assertIsNone(baseline._roi_values()["total"])
        self.assertIn("effort stays in hours", self._text(baseline))

    def test_with_the_cost_of_an_hour_effort_is_money(self):
        self.cost.hour_cost = 24
        baseline = self._before_and_now("handling_minutes", (300, 10), (400, 20))
        self.assertAlmostEqual(self._line(baseline, "effort")["money"], 80, 5)
        self.assertAlmostEqual(baseline._roi_values()["total"], 80, 5)
        self.assertIn("80.00", self._text(baseline))

    def test_hours_by_the_clock_are_no_wages(self):
        self.cost.hour_cost = 24
        baseline = self._before_and_now("resolution_time", (40, 10), (30, 10))
        line = self._line(baseline, "resolution")
        self.assertEqual((line["gain"], line["money"]), (10, None))

    def test_what_got_worse_is_a_loss(self):
        baseline = self._before_and_now("resolution_time", (30, 10), (40, 10))
        self.assertEqual(self._line(baseline, "resolution")["gain"], -10)

    def test_shares_come_to_cases_and_more_is_a_gain_where_higher_is_better(self):
        self._kpi("compliance_completion").roi_domain = "corrections"
        baseline = self._before_and_now("compliance_completion", (50, 100), (60, 80))
        self.assertAlmostEqual(self._line(baseline, "corrections")["gain"], 20, 5)

    def test_settlement_exceptions_are_compared_with_the_baseline(self):
        baseline = self._before_and_now("reconciliation_rate", (8, 2000), (3, 2000))
        line = baseline.total_ids
        self.assertEqual((line.value, line.now_value), (4, 1.5))
        self.assertEqual((line.difference_percent, line.verdict), (-62.5, "better"))
        self.assertEqual(self._line(baseline, "close")["gain"], 5)

    def test_the_trend_shows_the_weeks_of_the_baseline_and_those_after(self):
        baseline = self._before_and_now("reconciliation_rate", (8, 2000), (3, 2000))
        self._keep("recurrence", self._today() - timedelta(days=3), 1, 1)
        action = baseline.total_ids.with_user(self.auditor).action_open_trend()
        rows = self.env[action["res_model"]].search(action["domain"], order="day")
        self.assertEqual(rows.mapped("value"), [4, 1.5])
        self.assertEqual(action["views"][0][1], "graph")

    def test_each_domain_stands_there_and_retention_says_it_is_not_in_the_data(self):
        baseline = self._before_and_now("resolution_time", (40, 10), (30, 10))
        text = self._text(baseline)
        for domain in baseline._roi_values()["domains"]:
            self.assertIn(domain["name"], text)
        self.assertIn("Not in this data", text)

    def test_each_domain_of_core_fills_itself_from_seeded_figures(self):
        baseline = self._all_before_and_now(
            {
                "resolution_time": ((40, 10), (30, 10)),
                "reconciliation_rate": ((8, 2000), (3, 2000)),
                "manual_corrections": ((10, 100), (4, 80)),
                "handling_minutes": ((300, 10), (400, 20)),
            }
        )
        gains = {
            domain: round(self._line(baseline, domain)["gain"], 3)
            for domain in ("resolution", "close", "corrections", "effort")
        }
        # 10 h; 5 cases; 10 % - 5 % of 80 cases; 10 minutes of each of 20 cases.
        self.assertEqual(
            gains, {"resolution": 10, "close": 5, "corrections": 4, "effort": 3.333}
        )

    def test_it_prints_for_who_reads_the_baseline(self):
        baseline = self._before_and_now("resolution_time", (40, 10), (30, 10))
        report = self.env["ir.actions.report"].with_user(self.auditor)
        page, _kind = report._render_qweb_html(
            "retail_ops_core.report_roi_sheet", baseline.ids
        )
        text = " ".join(page.decode().split())
        self.assertIn("ROI by process domain", text)
        self.assertIn("+10.0 hours", text)

    def test_only_an_administrator_says_what_an_hour_costs(self):
        with self.assertRaises(AccessError):
            self.cost.with_user(self.operations).hour_cost = 24
