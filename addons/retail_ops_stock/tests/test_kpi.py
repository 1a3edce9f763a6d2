from datetime import date, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from odoo.addons.retail_ops_core.tests.before_and_now import BeforeAndNow

from .common import StockCase

MONDAY = date(2026, 3, 2)


@tagged("post_install", "-at_install")
class TestStockKpis(BeforeAndNow, StockCase):
    def _snapshots(self, code, first, last):
        kpi = self.env["retail.kpi"].search([("code", "=", code)])
        kpi._take_over(first, last)
        self.assertFalse(kpi._disagreements(first, last))
        return self.env["retail.kpi.snapshot"].search(
            [
                ("kpi_id", "=", kpi.id),
                ("day", ">=", first),
                ("day", "<=", last),
                ("store_id", "=", self.store.id),
            ]
        )

    def _discrepancy(self, resolved_after_days=None):
        with freeze_time("2026-03-02 18:00:00"):
            case = self._take_in()
        if resolved_after_days is not None:
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE retail_exception SET state = 'resolved', is_open = FALSE,"
                " resolved_at = opened_at + %s * interval '1 day' WHERE id = %s",
                [resolved_after_days, case.id],
            )
            self.env.invalidate_all()
        return case

    def test_closure_is_the_share_resolved_within_a_week(self):
        self._discrepancy(resolved_after_days=2)
        self._discrepancy(resolved_after_days=9)
        self._discrepancy()
        self._discrepancy()
        snapshot = self._snapshots(
            "discrepancy_closure", MONDAY, MONDAY + timedelta(days=7)
        )
        self.assertEqual(snapshot.day, MONDAY + timedelta(days=7))
        self.assertEqual(snapshot.value, 25)

    def test_closure_stands_in_the_hour_in_which_the_week_was_over(self):
        self._discrepancy(resolved_after_days=2)
        day, kpi = MONDAY + timedelta(days=7), self.env["retail.kpi"]
        closure = kpi.search([("code", "=", "discrepancy_closure")])
        with freeze_time("2026-03-10 20:00:00"):
            closure._snapshot(day, day)
        hour = self.env["retail.kpi.hour"].search(
            [("kpi_id", "=", closure.id), ("store_id", "=", self.store.id)]
        )
        self.assertEqual(str(hour.begin_at), "2026-03-09 18:00:00")
        self.assertEqual(hour.value, 100)

    def test_the_closure_rate_is_frozen_and_compared(self):
        self._assert_frozen_and_compared(
            "discrepancy_closure", 40, 65, (40, 65, 25, "better")
        )

    def test_stockouts_fill_their_domain_of_the_roi_sheet(self):
        """Of 50 signals 30 were prevented, as against one in two before."""
        baseline = self._before_and_now("stockout_prevention", (20, 40), (30, 50))
        self.assertAlmostEqual(self._line(baseline, "stockouts")["gain"], 5)

    def _signal(self, ran_out_after=None, resolved_after=None):
        """Return a signal of Monday, with the hours until what came of it."""
        with freeze_time("2026-03-02 18:00:00"):
            case = self._take_in(
                type_id=self.env.ref("retail_ops_core.type_stockout_risk").id
            )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE retail_exception SET stock_lead_hours = %s,"
            " stock_ran_out_at = opened_at + %s * interval '1 hour',"
            " resolved_at = opened_at + %s * interval '1 hour',"
            " state = CASE WHEN %s THEN 'resolved' ELSE state END WHERE id = %s",
            [
                ran_out_after,
                ran_out_after,
                resolved_after,
                bool(resolved_after),
                case.id,
            ],
        )
        self.env.invalidate_all()

    def test_lead_time_is_from_the_signal_to_the_empty_shelf(self):
        self._signal(ran_out_after=2)
        self.assertEqual(self._snapshots("stockout_lead_time", MONDAY, MONDAY).value, 2)

    def test_a_stockout_is_prevented_when_the_goods_never_ran_out(self):
        self._signal(resolved_after=3)
        prevented = self._snapshots("stockout_prevention", MONDAY, MONDAY)
        self.assertEqual((prevented.numerator, prevented.denominator), (1, 1))

    def test_goods_that_ran_out_before_were_not_prevented_from_it(self):
        self._signal(ran_out_after=1, resolved_after=3)
        failed = self._snapshots("stockout_prevention", MONDAY, MONDAY)
        self.assertEqual((failed.numerator, failed.denominator), (0, 1))

    def test_accuracy_is_the_share_of_counts_that_were_right(self):
        today = fields.Date.today()
        self._count(12)
        self._count(11)
        snapshots = self._snapshots(
            "inventory_accuracy", today - timedelta(days=1), today + timedelta(days=1)
        )
        self.assertEqual(snapshots.denominator, 2)
        self.assertEqual(snapshots.value, 50)
        action = snapshots.action_open_records()
        moves = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(moves.product_id, self.product)
        self.assertEqual(len(moves), 2)
