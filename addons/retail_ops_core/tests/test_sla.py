import time
from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.service.server import SLEEP_INTERVAL
from odoo.tools import config

from ..tools import worktime
from .common import RetailOpsCase


class TestSla(RetailOpsCase):
    def _escalate(self):
        with self.enter_registry_test_mode():
            self.env.ref("retail_ops_core.cron_escalate").method_direct_trigger()
        self.env.invalidate_all()

    @freeze_time("2026-03-06 18:00:00")  # Friday 10:00 in Los Angeles
    def test_hours_count_while_the_store_is_open_in_its_own_zone(self):
        exception = self._take_in()
        # Medium: 30 hours. 10 today, 12 on Saturday, 8 on Sunday from 08:00 PDT;
        # the clocks change that night, so 16:00 PDT is 23:00 UTC.
        self.assertEqual(exception.resolve_due, datetime(2026, 3, 8, 23))
        self.assertEqual(exception.acknowledge_due, datetime(2026, 3, 6, 22))

    @freeze_time("2026-03-06 18:00:00")
    def test_a_holiday_of_the_calendar_does_not_count(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Stocktaking",
                "calendar_id": self.calendar.id,
                "date_from": "2026-03-07 08:00:00",
                "date_to": "2026-03-08 07:59:59",
            }
        )
        self.assertEqual(self._take_in().resolve_due, datetime(2026, 3, 9, 23))

    def test_without_a_calendar_every_hour_counts(self):
        self.store.resource_calendar_id = False
        exception = self._take_in()
        self.assertEqual(
            exception.resolve_due, exception.opened_at + timedelta(hours=30)
        )

    def test_a_calendar_without_hours_is_refused_with_a_way_to_mend_it(self):
        self.calendar.attendance_ids.unlink()
        with self.assertRaisesRegex(UserError, "add hours to the calendar"):
            self._take_in()

    def test_a_missed_deadline_moves_the_exception_to_the_region_and_says_why(self):
        with freeze_time("2026-03-02 18:00:00"):
            exception = self._take_in()
        due = exception.resolve_due
        with freeze_time(due + timedelta(minutes=1)):
            self._escalate()
        self.assertEqual(exception.user_id, self.region_manager)
        self.assertEqual(exception.escalation_level, 1)
        self.assertEqual(exception.breached_at, due)
        self.assertIn("Not resolved by", "".join(exception.message_ids.mapped("body")))
        kind = self.env.ref("retail_ops_core.activity_escalated")
        told = exception.activity_ids.filtered(lambda act: act.activity_type_id == kind)
        self.assertEqual(told.user_id, self.region_manager)

    def test_running_twice_escalates_once(self):
        with freeze_time("2026-03-02 18:00:00"):
            exception = self._take_in()
        with freeze_time(exception.resolve_due + timedelta(minutes=1)):
            self._escalate()
            self._escalate()
        self.assertEqual(exception.escalation_level, 1)

    def test_breaches_are_noticed_within_90_seconds_by_interval_and_pass(self):
        """95 of 100 wait at most 95 % of the time between two passes, and the pass."""
        with freeze_time("2026-03-02 18:00:00"):
            exceptions = self.env["retail.exception"].union(
                *(self._take_in(product_id=False) for _number in range(20))
            )
        passes = []
        for xmlid in ("cron_escalate", "cron_warn"):
            cron = self.env.ref(f"retail_ops_core.{xmlid}")
            self.assertTrue(cron.active)
            self.assertEqual((cron.interval_number, cron.interval_type), (1, "minutes"))
            passes.append(cron.priority)
        self.assertLess(max(passes), 5, "before jobs that may take long")
        begin = time.perf_counter()
        self._escalate()
        took = time.perf_counter() - begin
        self.assertEqual(set(exceptions.mapped("escalation_level")), {1})
        for exception in exceptions:
            self.assertEqual(exception.breached_at, exception.resolve_due)
        longest = max(60, SLEEP_INTERVAL) + config["max_cron_threads"]
        self.assertLess(0.95 * longest + took, 90)

    def test_it_climbs_the_region_tree_and_stops_at_the_queue_owner(self):
        with freeze_time("2026-03-02 18:00:00"):
            exception = self._take_in()
        for owner in (self.region_manager, self.country_manager, self.operations):
            with freeze_time(exception.next_escalation_at + timedelta(minutes=1)):
                self._escalate()
            self.assertEqual(exception.user_id, owner)
        self.assertFalse(exception.next_escalation_at)

    def test_nothing_escalates_while_it_waits_and_the_pause_is_given_back(self):
        with freeze_time("2026-03-02 18:00:00"):
            exception = self._take_in()
            exception._set_waiting("supplier")
        due = exception.resolve_due
        with freeze_time(due + timedelta(days=1)):
            self._escalate()
            self.assertEqual(exception.escalation_level, 0)
            exception._set_in_progress()
        self.assertGreater(exception.resolve_due, due + timedelta(days=1))

    def test_a_hundred_escalations_cost_under_one_query_each(self):
        self.discrepancy.storm_threshold = 0
        facts = [self._fact() for _number in range(100)]
        exceptions = self.env["retail.exception"].concat(
            *self.env["retail.exception"].sudo()._intake(facts)
        )
        exceptions[0]._escalate()
        self.env.flush_all()
        with self.assertQueryCount(99):
            exceptions[1:]._escalate()
            self.env.flush_all()

    def test_several_escalations_to_one_manager_are_one_notification(self):
        facts = [self._fact(unit_cost=60) for _number in range(3)]
        exceptions = self.env["retail.exception"].concat(
            *self.env["retail.exception"].sudo()._intake(facts)
        )
        mine = [("partner_ids", "in", self.region_manager.partner_id.ids)]
        before = self.env["mail.message"].search(mine)
        exceptions._escalate()
        [told] = self.env["mail.message"].search(mine) - before
        for exception in exceptions:
            self.assertIn(exception.name, told.body)

    def test_a_person_can_escalate_before_the_deadline(self):
        exception = self._take_in()
        exception.with_user(self.manager).action_escalate()
        self.assertEqual(exception.user_id, self.region_manager)
        self.assertFalse(exception.breached_at)

    def test_raising_the_severity_brings_the_deadline_forward(self):
        exception = self._take_in()
        due = exception.resolve_due
        exception.with_user(self.manager).action_raise_severity()
        self.assertEqual(exception.severity, "high")
        self.assertLess(exception.resolve_due, due)


class TestWorktime(RetailOpsCase):
    morning = (datetime(2026, 1, 5, 8), datetime(2026, 1, 5, 12))
    evening = (datetime(2026, 1, 5, 13), datetime(2026, 1, 5, 17))

    def test_hours_skip_the_gaps(self):
        moment = worktime.moment_after(
            [self.morning, self.evening], datetime(2026, 1, 5, 10), 3
        )
        self.assertEqual(moment, datetime(2026, 1, 5, 14))

    def test_no_moment_when_the_intervals_end_too_early(self):
        self.assertIsNone(
            worktime.moment_after([self.morning], datetime(2026, 1, 5, 11), 2)
        )

    def test_hours_between_count_only_open_time(self):
        worked = worktime.hours_between(
            [self.morning, self.evening],
            datetime(2026, 1, 5, 11),
            datetime(2026, 1, 5, 15),
        )
        self.assertEqual(worked, 3)
