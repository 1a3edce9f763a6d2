from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError

from .common import RetailOpsCase


class TestAgeing(RetailOpsCase):
    def _count(self):
        with self.enter_registry_test_mode():
            cron = self.env.ref("retail_ops_core.cron_queue_ageing")
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def _counts_of(self, queue):
        rows = (
            self.env["retail.queue.ageing"]
            .with_user(self.operations)
            .search(
                [
                    ("queue_id", "=", queue.id),
                    ("company_id", "=", self.company.id),
                    ("day", "=", fields.Date.today()),
                ]
            )
        )
        return {row.bucket: row.count for row in rows}

    def test_ages_are_counted_for_every_queue(self):
        queue = self.env.ref("retail_ops_core.queue_facilities")
        kind = self.env.ref("retail_ops_core.type_equipment_failure")
        before = self._count() or self._counts_of(queue)
        now = fields.Datetime.now()
        for days in (0, 2, 5, 5, 20, 90):
            case = self._take_in(type_id=kind.id)
            case.opened_at = now - timedelta(days=days)
        self._count()
        after = self._counts_of(queue)
        grown = {bucket: after[bucket] - before[bucket] for bucket in after}
        self.assertEqual(
            grown,
            {"1_day": 1, "2_three_days": 1, "3_week": 2, "4_month": 1, "5_older": 1},
        )
        counted = self.env["retail.queue.ageing"].search([]).queue_id
        self.assertFalse(self.env["retail.queue"].search([]) - counted)

    def test_counting_again_counts_nothing_twice(self):
        self._take_in()
        self._count()
        first = self._counts_of(self.queue)
        self._count()
        self.assertEqual(self._counts_of(self.queue), first)

    def test_days_before_stay_and_old_ones_go(self):
        with freeze_time("2025-01-01 10:00:00"):
            self.env["retail.queue.ageing"]._cron_count()
        with freeze_time("2025-01-02 10:00:00"):
            self.env["retail.queue.ageing"]._cron_count()
        days = self.env["retail.queue.ageing"].search([]).mapped("day")
        self.assertEqual(len(set(days)), 2)
        self.env["retail.queue.ageing"]._cron_count()
        days = self.env["retail.queue.ageing"].search([]).mapped("day")
        self.assertEqual(set(days), {fields.Date.today()})

    def test_a_bucket_opens_its_exceptions(self):
        case = self._take_in()
        case.opened_at = fields.Datetime.now() - timedelta(days=5)
        self._count()
        row = (
            self.env["retail.queue.ageing"]
            .with_user(self.finance)
            .search([("queue_id", "=", self.queue.id), ("bucket", "=", "3_week")])
            .filtered(lambda one: one.company_id == self.company)
        )
        found = self.env["retail.exception"].search(
            row.action_open_exceptions()["domain"]
        )
        self.assertIn(case, found)
        self.assertEqual(len(found), row.count)


class TestRepeatOffenders(RetailOpsCase):
    def _offenders(self, user):
        return (
            self.env["retail.repeat.offender"]
            .with_user(user)
            .search([("type_id", "=", self.discrepancy.id)])
            .filtered(lambda one: one.store_id in self.store | self.far_store)
        )

    def test_headquarters_lists_stores_with_count_window_and_rule(self):
        cases = [self._take_in() for _time in range(4)]
        self._take_in(store_id=self.far_store.id)
        offender = self._offenders(self.operations)
        self.assertEqual(offender.store_id, self.store)
        self.assertEqual(offender.count, 4)
        self.assertEqual(offender.window_days, self.discrepancy.repeat_days)
        self.assertEqual(offender.rule, "4 times in 30 days; the limit is 3")
        self.assertEqual(
            offender.impact_amount, sum(case.impact_amount for case in cases)
        )
        found = self.env["retail.exception"].search(
            offender.action_open_exceptions()["domain"]
        )
        self.assertEqual(len(found), 4)

    def test_what_is_outside_the_window_or_cancelled_does_not_count(self):
        cases = [self._take_in() for _time in range(4)]
        cases[0].opened_at = fields.Datetime.now() - timedelta(days=31)
        cases[1]._set_cancelled("Wrong store")
        self.assertFalse(self._offenders(self.operations))

    def test_an_administrator_changes_the_limit_and_the_list_obeys(self):
        self._take_in()
        self._take_in()
        self.assertFalse(self._offenders(self.operations))
        self.discrepancy.with_user(self.admin).repeat_limit = 2
        self.assertEqual(self._offenders(self.operations).count, 2)

    def test_regional_managers_see_their_stores_and_stores_see_nothing(self):
        for store in self.store | self.far_store:
            for _time in range(3):
                self._take_in(store_id=store.id)
        self.assertEqual(len(self._offenders(self.operations)), 2)
        region = self._offenders(self.region_manager)
        self.assertEqual(region.sudo().store_id, self.store)
        with self.assertRaises(AccessError):
            self._offenders(self.manager)
