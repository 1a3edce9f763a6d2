from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError

from .before_and_now import BeforeAndNow
from .test_kpi import KpiCase

MONDAY = "2026-03-02 16:00:00"
WEEK_LATER = "2026-03-09 18:00:00"


class TestKpiLimits(BeforeAndNow, KpiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.unresolved = cls.env.ref("retail_ops_core.kpi_unresolved_cases")
        cls.unresolved.write({"owner_id": cls.operations.id, "alert_limit": 10})

    def _run(self, moment):
        """Compute and compare, as the Scheduled Action does at that moment."""
        with freeze_time(moment):
            today = fields.Date.today()
            self.unresolved._take_over(today - timedelta(days=12), today)
            self.unresolved._check_limits()

    def test_what_is_past_its_limit_is_put_before_its_owner_once(self):
        self._raise_at(MONDAY)
        for hour in ("06", "07"):
            self._run(f"2026-03-11 {hour}:00:00")
        self.assertTrue(self.unresolved.is_past_limit)
        self.assertEqual(self.unresolved.recent_value, 100)
        self.assertEqual(self.unresolved.activity_ids.user_id, self.operations)
        self.assertEqual(len(self.unresolved.activity_ids), 1)

    def test_what_is_back_lets_its_owner_go(self):
        self._raise_at(MONDAY)
        self._run("2026-03-11 06:00:00")
        self._run("2026-04-11 06:00:00")
        self.assertFalse(self.unresolved.is_past_limit)
        self.assertFalse(self.unresolved.activity_ids)

    def test_without_figures_nobody_is_told(self):
        self._run("2020-03-11 06:00:00")
        self.assertFalse(self.unresolved.is_past_limit)

    def test_where_higher_is_better_less_is_past_the_limit(self):
        completion = self.env.ref("retail_ops_core.kpi_compliance_completion")
        completion.alert_limit = 90
        self.assertTrue(completion._is_worse(89.9))
        self.assertFalse(completion._is_worse(90))
        self.assertFalse(completion._is_worse(None))

    def test_a_case_resolved_within_its_week_is_not_unresolved(self):
        early, late, never = (self._raise_at(MONDAY) for _case in range(3))
        self._resolve_at(early, "2026-03-05 16:00:00")
        self._resolve_at(late, "2026-03-10 16:00:00")
        with freeze_time(WEEK_LATER):
            day = fields.Date.today()
            snapshots = self._snapshots("unresolved_cases", day)
        self.assertEqual((snapshots.numerator, snapshots.denominator), (2, 3))
        action = snapshots.action_open_records()
        found = self.env["retail.exception"].search(action["domain"])
        self.assertEqual(found, early | late | never)

    def test_repeated_stock_anomalies_are_those_of_stock(self):
        for _time in range(2):
            self._raise_at(MONDAY)
        snapshots = self._snapshots("stock_recurrence")
        self.assertEqual(snapshots.family, "stock")
        self.assertEqual((snapshots.numerator, snapshots.denominator), (1, 2))

    def test_stock_and_reconciliation_cases_have_rates_of_their_own(self):
        self._raise_at(MONDAY)
        mismatch = self.env.ref("retail_ops_core.type_settlement_mismatch")
        self._raise_at(MONDAY, type_id=mismatch.id, amount=20)
        self._report(500)
        for code in ("stock_exception_rate", "reconciliation_rate"):
            self.assertEqual(self._figure(self._snapshots(code)), 2, code)

    def test_what_reaches_customers_has_a_rate_and_a_count_of_its_own(self):
        self._raise_at(MONDAY)
        complaint = self.env.ref("retail_ops_core.type_customer_complaint")
        self._raise_at(MONDAY, type_id=complaint.id)
        self._report(500)
        rows = self._snapshots("customer_exception_rate")
        self.assertEqual((self._figure(rows), sum(rows.mapped("numerator"))), (2, 1))
        self.assertTrue(rows.kpi_id.has_limit)

    def test_operational_indicators_come_with_a_limit_and_a_chart(self):
        chart = self.env.ref("retail_ops_core.action_kpi_snapshot").view_mode
        self.assertIn("graph", chart)
        for code in (
            "unresolved_cases",
            "stock_recurrence",
            "compliance_completion",
            "stock_exception_rate",
            "reconciliation_rate",
            "customer_exception_rate",
        ):
            with self.subTest(code):
                kpi = self._kpi(code)
                self.assertTrue(kpi.has_limit and kpi.alert_limit)
                domain = kpi.action_open_snapshots()["domain"]
                self.assertEqual(domain, [("kpi_id", "=", kpi.id)])

    def test_each_operational_indicator_past_its_limit_reaches_its_owner(self):
        for code, within, beyond in (
            ("unresolved_cases", 5, 60),
            ("stock_recurrence", 5, 60),
            ("compliance_completion", 99, 40),
        ):
            with self.subTest(code):
                self._assert_told_past_its_limit(code, within, beyond)

    def test_only_an_administrator_sets_limits(self):
        for user in (self.manager, self.region_manager, self.operations):
            with self.assertRaises(AccessError):
                self.unresolved.with_user(user).alert_limit = 99
