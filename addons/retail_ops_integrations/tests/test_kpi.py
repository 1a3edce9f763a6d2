from datetime import date, timedelta

from odoo import fields
from odoo.tests import tagged

from .common import IntegrationCase

DAY = date(2026, 5, 4)
TECHNICAL = (
    "webhook_failures",
    "webhook_latency",
    "api_latency",
    "job_retries",
    "sync_errors",
)


@tagged("post_install", "-at_install")
class TestIntegrationKpis(IntegrationCase):
    def _done(self, matched, counted):
        run = self.env["retail.reconciliation.run"].create(
            {
                "source_id": self.source.id,
                "period_from": "2026-05-04 00:00:00",
                "period_to": "2026-05-04 20:00:00",
            }
        )
        figures = {"state": "done", "matched": matched, "counted": counted}
        run.sudo().write(figures)
        return run

    def test_reliability_is_what_had_arrived_of_all_that_sources_list(self):
        runs = self._done(90, 100) | self._done(10, 100)
        kpi = self.env.ref("retail_ops_integrations.kpi_sync_reliability")
        kpi._take_over(DAY, DAY)
        snapshot = self.env["retail.kpi.snapshot"].search(
            [
                ("kpi_id", "=", kpi.id),
                ("day", "=", DAY),
                ("company_id", "=", runs.company_id.id),
            ]
        )
        self.assertFalse(snapshot.store_id)
        self.assertEqual(snapshot.value, 50)
        action = snapshot.action_open_records()
        self.assertEqual(runs.search(action["domain"]), runs)
        self.assertFalse(kpi._disagreements(DAY, DAY))

    def _hour(self, number, **values):
        """Keep an hour of the day, as the monitor does of the one before."""
        return self.env["retail.integration.figure"].create(
            {
                "hour": f"2026-05-04 {number:02}:00:00",
                "direction": "out",
                "name": "ERP",
                "company_id": self.source.company_id.id,
                **values,
            }
        )

    def _kept(self, code):
        kpi = self.env.ref(f"retail_ops_integrations.kpi_{code}")
        kpi._take_over(DAY, DAY)
        self.assertFalse(kpi._disagreements(DAY, DAY))
        return kpi.snapshot_ids.filtered(lambda row: row.denominator)

    def test_webhook_failures_are_a_share_of_attempts_and_open_their_hours(self):
        hours = self._hour(9, handled=60, transient_failures=6)
        hours |= self._hour(10, handled=40)
        row = self._kept("webhook_failures")
        self.assertEqual((row.value, row.record_count), (6, 2))
        action = row.with_user(self.operations).action_open_records()
        found = self.env[action["res_model"]].with_user(self.operations)
        self.assertEqual(found.search(action["domain"], order="id"), hours)

    def test_webhook_latency_weighs_hours_by_their_attempts(self):
        self._hour(9, handled=90, p95=1)
        self._hour(10, handled=10, p95=11)
        self.assertEqual(self._kept("webhook_latency").value, 2)

    def test_api_latency_weighs_hours_by_the_answers_of_the_door(self):
        self._hour(9, direction="in", answers=90, answer_p95=0.02)
        self._hour(10, direction="in", answers=10, answer_p95=0.12)
        self._hour(11, direction="in", handled=50, p95=9)
        self.assertAlmostEqual(self._kept("api_latency").value, 0.03)

    def test_retries_and_errors_are_of_what_came_in(self):
        self._hour(9, handled=50, retries=25, transient_failures=50)
        incoming = {"direction": "in", "handled": 200, "retries": 20}
        self._hour(9, **incoming, transient_failures=4, business_failures=6)
        self.assertEqual(self._kept("job_retries").value, 10)
        self.assertEqual(self._kept("sync_errors").value, 5)

    def test_each_technical_indicator_has_an_alert_limit_and_alerts_past_it(self):
        day = fields.Datetime.now() - timedelta(days=1)
        begin = day.replace(hour=9, minute=0, second=0, microsecond=0)
        for direction in ("in", "out"):
            values = {"handled": 10, "retries": 9, "p95": 30}
            values |= {"transient_failures": 9, "direction": direction}
            values |= {"answers": 10, "answer_p95": 2}
            self._hour(9, hour=begin, **values)
        for code in TECHNICAL:
            kpi = self.env.ref(f"retail_ops_integrations.kpi_{code}")
            with self.subTest(code):
                self.assertEqual((kpi.grain, kpi.has_limit), ("hour", True))
                kpi._snapshot(begin.date(), begin.date())
                kpi._check_limits()
                self.assertTrue(kpi.is_past_limit)
                self.assertTrue(kpi.activity_ids)
