from datetime import date, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .common import StockCase

MONDAY = date(2026, 3, 2)


@tagged("post_install", "-at_install")
class TestStockKpis(StockCase):
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
