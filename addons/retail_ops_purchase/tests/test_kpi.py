from datetime import date, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .common import PurchaseCase

MONDAY = date(2026, 3, 2)


@tagged("post_install", "-at_install")
class TestOrderCycle(PurchaseCase):
    def _ordered(self, moment="2026-03-02 16:00:00"):
        """Return a confirmed order of some moment."""
        order = self._order(20, date_order=moment)
        order.button_confirm()
        return order

    def _asked_at(self, record, moment):
        """Have a record begin then: the database stamps it with its own clock."""
        self.env.flush_all()
        table = record._table
        self.env.cr.execute(
            f"UPDATE {table} SET create_date = %s WHERE id = %s", [moment, record.id]
        )
        self.env.invalidate_all()
        return record

    def _receive(self, order, moment, quantity=1):
        with freeze_time(moment):
            order.sudo().order_line.qty_received = quantity
            self.env.flush_all()

    def _figures(self, first=MONDAY, last=MONDAY + timedelta(days=7)):
        kpi = self.env["retail.kpi"].search([("code", "=", "order_cycle_time")])
        kpi._take_over(first, last)
        self.assertFalse(kpi._disagreements(first, last))
        return self.env["retail.kpi.snapshot"].search(
            [
                ("kpi_id", "=", kpi.id),
                ("day", ">=", first),
                ("day", "<=", last),
                ("store_id", "=", self.store.id),
                ("denominator", ">", 0),
            ]
        )

    def test_cycle_time_is_from_the_order_to_its_last_receipt(self):
        order = self._ordered()
        self._receive(order, "2026-03-03 20:00:00")
        row = self._figures()
        self.assertEqual((row.day, row.value), (MONDAY + timedelta(days=1), 28))

    def test_it_begins_with_the_stores_request_where_there_was_one(self):
        order = self._ordered("2026-03-02 07:00:00")
        need = self.env["retail.request"].create(
            {
                "kind_id": self.env.ref("retail_ops_approvals.kind_urgent_buy").id,
                "store_id": self.store.id,
                "summary": "Bags",
                "reason": "Sold out",
                "amount": 20,
            }
        )
        order.sudo().retail_request_id = self._asked_at(need, "2026-03-02 08:00:00")
        self._receive(order, "2026-03-02 20:00:00")
        self.assertEqual(self._figures().value, 12)

    def test_what_came_in_part_is_on_its_way(self):
        order = self._ordered()
        self._receive(order, "2026-03-03 20:00:00", quantity=0.5)
        self.assertFalse(order.retail_received_at)
        self.assertFalse(self._figures())

    def test_the_moment_stays_when_more_is_received(self):
        order = self._ordered()
        self._receive(order, "2026-03-03 20:00:00")
        self._receive(order, "2026-03-05 20:00:00", quantity=2)
        self.assertEqual(str(order.retail_received_at), "2026-03-03 20:00:00")

    def test_the_figure_opens_the_orders_it_counts(self):
        order = self._ordered()
        self._receive(order, "2026-03-03 20:00:00")
        action = self._figures().action_open_records()
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(found, order.sudo())

    def test_an_order_that_was_taken_back_took_no_time(self):
        order = self._ordered().sudo()
        self._receive(order, "2026-03-03 20:00:00")
        before = self._figures()
        self.assertEqual(before.record_count, 1)
        order.with_context(tracking_disable=True).write({"state": "cancel"})
        self.assertFalse(self._figures())

    def test_it_is_kept_by_the_hour_too(self):
        now = fields.Datetime.now().replace(minute=0, second=0, microsecond=0)
        order = self._ordered(str(now - timedelta(hours=5)))
        self._receive(order, str(now - timedelta(hours=2)))
        day = now.date()
        self._figures(day - timedelta(days=2), day + timedelta(days=1))
        hours = self.env["retail.kpi.hour"].search(
            [("kpi_id.code", "=", "order_cycle_time"), ("store_id", "=", self.store.id)]
        )
        self.assertEqual(hours.begin_at, now - timedelta(hours=2))
        self.assertEqual(hours.value, 3)
