from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError

from ..tools import opening, worktime
from .common import RetailOpsCase

ALL_WEEK = [(day, None, 8, 20) for day in range(7)]
NIGHTS = [(day, None, *hours) for day in range(7) for hours in ((0, 6), (22, 24))]
NEW_YORK = "America/New_York"


class TestOpening(RetailOpsCase):
    """Hours on the wall, and hours that pass, on days of 23, 24 and 25 hours."""

    def _hours(self, week, start, end, zone=NEW_YORK):
        intervals = opening.opening_intervals(week, start, end, zone)
        return worktime.hours_between(intervals, start, end)

    def test_an_hour_that_does_not_exist_is_not_worked(self):
        # Sunday 8 March 2026: 02:00 becomes 03:00 in New York.
        night = [(6, None, 0, 6)]
        self.assertEqual(
            self._hours(night, datetime(2026, 3, 8), datetime(2026, 3, 9)), 5
        )

    def test_an_hour_that_the_clocks_show_twice_is_worked_twice(self):
        # Sunday 1 November 2026: 02:00 becomes 01:00 in New York.
        night = [(6, None, 0, 6)]
        self.assertEqual(
            self._hours(night, datetime(2026, 11, 1), datetime(2026, 11, 2)), 7
        )

    def test_opening_times_keep_to_the_wall_clock(self):
        before = opening.opening_intervals(
            ALL_WEEK, datetime(2026, 3, 7, 6), datetime(2026, 3, 8, 3), NEW_YORK
        )
        after = opening.opening_intervals(
            ALL_WEEK, datetime(2026, 3, 8, 6), datetime(2026, 3, 9, 3), NEW_YORK
        )
        self.assertEqual(before[0][0], datetime(2026, 3, 7, 13))
        self.assertEqual(after[0][0], datetime(2026, 3, 8, 12))

    def test_a_night_is_one_stretch_over_midnight(self):
        start = datetime(2026, 1, 5, 20)
        intervals = opening.opening_intervals(
            NIGHTS, start, start + timedelta(days=1), "UTC"
        )
        self.assertEqual(
            worktime.moment_after(intervals, start, 7.5), datetime(2026, 1, 6, 5, 30)
        )
        self.assertEqual(intervals[0][1], intervals[1][0])

    def test_two_weeks_take_turns(self):
        week = [(0, 0, 8, 20), (0, 1, 8, 10)]
        monday = datetime(2026, 1, 5)
        hours = [
            self._hours(week, day, day + timedelta(days=1), "UTC")
            for day in (monday, monday + timedelta(days=7))
        ]
        self.assertEqual(sorted(hours), [2, 12])

    def test_gaps_are_cut_out(self):
        day = [(datetime(2026, 1, 5, 8), datetime(2026, 1, 5, 20))]
        gap = (datetime(2026, 1, 5, 10), datetime(2026, 1, 5, 12))
        self.assertEqual(
            worktime.without(day, [gap]),
            [(day[0][0], gap[0]), (gap[1], day[0][1])],
        )

    def test_a_zone_ahead_of_utc_sees_its_own_days(self):
        intervals = opening.opening_intervals(
            [(0, None, 8, 9)],
            datetime(2026, 1, 4, 12),
            datetime(2026, 1, 5, 12),
            "Pacific/Auckland",
        )
        self.assertEqual(intervals[0][0], datetime(2026, 1, 4, 19))


class TestOpeningHours(RetailOpsCase):
    """Deadlines on opening hours that are not plain, and that change."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.discrepancy.write({"storm_threshold": 0, "repeat_limit": 0})

    def _calendar(self, rows):
        return self.env["resource.calendar"].create(
            {
                "name": "Other hours",
                "attendance_ids": [(5, 0, 0)]
                + [
                    (
                        0,
                        0,
                        {
                            "name": "Open",
                            "dayofweek": str(day),
                            "hour_from": begin,
                            "hour_to": end,
                            "day_period": "morning",
                        },
                    )
                    for day, _parity, begin, end in rows
                ],
            }
        )

    def _follow(self):
        with self.enter_registry_test_mode():
            self.env.ref("retail_ops_core.cron_follow_hours").method_direct_trigger()
        self.env.invalidate_all()

    def _escalate(self):
        with self.enter_registry_test_mode():
            self.env.ref("retail_ops_core.cron_escalate").method_direct_trigger()
        self.env.invalidate_all()

    def _close(self, begin, end, **values):
        return self.env["resource.calendar.leaves"].create(
            {
                "name": "Closed",
                "calendar_id": self.calendar.id,
                "date_from": begin,
                "date_to": end,
                **values,
            }
        )

    # === Holidays === #
    @freeze_time("2026-03-02 16:00:00")  # Monday 08:00 in Los Angeles
    def test_a_holiday_of_the_whole_company_closes_its_stores(self):
        self._close("2026-03-03 08:00:00", "2026-03-04 07:59:59", calendar_id=False)
        self.assertEqual(self._take_in().resolve_due, datetime(2026, 3, 5, 22))

    @freeze_time("2026-03-02 16:00:00")
    def test_a_holiday_of_another_company_closes_nothing_here(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        leave = self._close(
            "2026-03-03 08:00:00", "2026-03-04 07:59:59", calendar_id=False
        )
        leave.company_id = other
        self.assertEqual(self._take_in().resolve_due, datetime(2026, 3, 4, 22))

    @freeze_time("2026-03-02 16:00:00")
    def test_the_holiday_of_a_person_closes_no_store(self):
        resource = self.env["resource.resource"].create(
            {"name": "Ann", "calendar_id": self.calendar.id}
        )
        self._close(
            "2026-03-03 08:00:00", "2026-03-04 07:59:59", resource_id=resource.id
        )
        self.assertEqual(self._take_in().resolve_due, datetime(2026, 3, 4, 22))

    # === Daylight saving, nights === #
    @freeze_time("2026-10-31 15:00:00")  # Saturday 08:00 in Los Angeles
    def test_clocks_that_go_back_move_the_deadline_an_hour_in_utc(self):
        # 12 hours on Saturday, 12 on Sunday, 6 on Monday: 14:00 PST is 22:00 UTC.
        self.assertEqual(self._take_in().resolve_due, datetime(2026, 11, 2, 22))

    @freeze_time("2026-03-07 16:00:00")
    def test_clocks_that_go_forward_move_it_the_other_way(self):
        self.assertEqual(self._take_in().resolve_due, datetime(2026, 3, 9, 21))

    @freeze_time("2026-03-03 06:30:00")  # Monday 22:30 in Los Angeles
    def test_a_night_store_works_over_midnight(self):
        self.store.resource_calendar_id = self._calendar(NIGHTS)
        exception = self._take_in()
        self.assertEqual(exception.acknowledge_due, datetime(2026, 3, 3, 10, 30))
        # 7.5 hours tonight, 8 each in the two nights after, 6.5 in the fourth.
        self.assertEqual(exception.resolve_due, datetime(2026, 3, 6, 12, 30))

    @freeze_time("2026-03-08 06:30:00")  # Saturday 22:30; clocks go forward at 02:00
    def test_a_night_store_loses_the_hour_that_does_not_exist(self):
        self.store.resource_calendar_id = self._calendar(NIGHTS)
        exception = self._take_in()
        # 4 hours from 22:30 PST end at 03:30 PDT, 10:30 UTC.
        self.assertEqual(exception.acknowledge_due, datetime(2026, 3, 8, 10, 30))

    # === Hours that change in mid-flight === #
    def test_open_deadlines_follow_a_calendar_that_changes(self):
        with freeze_time("2026-03-02 16:00:00"):
            exception = self._take_in()
            self._close("2026-03-03 08:00:00", "2026-03-04 07:59:59")
            self._follow()
        self.assertEqual(exception.resolve_due, datetime(2026, 3, 5, 22))
        self.assertEqual(exception.next_escalation_at, exception.resolve_due)
        self.assertFalse(self.store.hours_changed_at)

    def test_open_deadlines_follow_shorter_hours_and_another_calendar(self):
        with freeze_time("2026-03-02 16:00:00"):
            exception = self._take_in()
            self.calendar.attendance_ids.filtered(
                lambda row: row.dayofweek == "1"
            ).unlink()
            self._follow()
            self.assertEqual(exception.resolve_due, datetime(2026, 3, 5, 22))
            self.store.resource_calendar_id = self._calendar(ALL_WEEK)
            self._follow()
        self.assertEqual(exception.resolve_due, datetime(2026, 3, 4, 22))

    def test_a_store_that_moves_to_another_zone_takes_its_deadlines_along(self):
        with freeze_time("2026-03-02 16:00:00"):
            exception = self._take_in()
            self.store.tz = NEW_YORK
            self._follow()
        # 9 hours on Monday from 11:00, 12 on Tuesday, 9 on Wednesday to 17:00 EST.
        self.assertEqual(exception.resolve_due, datetime(2026, 3, 4, 22))

    def test_a_breach_that_is_stamped_stays(self):
        with freeze_time("2026-03-02 16:00:00"):
            exception = self._take_in()
        due = exception.resolve_due
        with freeze_time(due + timedelta(minutes=1)):
            self._escalate()
            self._close("2026-03-03 08:00:00", "2026-03-04 07:59:59")
            self._follow()
        self.assertEqual(exception.breached_at, due)
        self.assertEqual(exception.resolve_due, due)
        self.assertEqual(exception.escalation_level, 1)

    def test_nothing_escalates_on_hours_that_no_longer_hold(self):
        with freeze_time("2026-03-02 16:00:00"):
            exception = self._take_in()
        due = exception.resolve_due
        with freeze_time(due - timedelta(minutes=1)):
            self._close("2026-03-04 08:00:00", "2026-03-05 07:59:59")
        with freeze_time(due + timedelta(minutes=1)):
            self._escalate()
            self.assertFalse(exception.breached_at)

    def test_longer_hours_miss_nobodys_deadline_backwards(self):
        with freeze_time("2026-03-02 16:00:00"):
            exception = self._take_in()
        with freeze_time("2026-03-04 18:00:00"):
            self.store.resource_calendar_id = False
            self._follow()
            # 30 hours round the clock ended on Tuesday: it is due now, not then.
            self.assertEqual(exception.resolve_due, datetime(2026, 3, 4, 18))

    def test_a_graver_case_is_due_now_at_the_earliest(self):
        with freeze_time("2026-03-02 16:00:00"):
            exception = self._take_in()
        with freeze_time("2026-03-04 18:00:00"):
            exception._set_severity("critical", "Shelf is empty")
        self.assertEqual(exception.resolve_due, datetime(2026, 3, 4, 18))

    # === Pauses === #
    def test_a_pause_is_kept_on_both_clocks(self):
        with freeze_time("2026-03-02 16:00:00"):
            exception = self._take_in()
        with freeze_time("2026-03-02 18:00:00"):
            exception._set_waiting("supplier")
        with freeze_time("2026-03-03 18:00:00"):
            exception.with_user(self.manager).action_start()
        self.assertEqual(exception.paused_hours, 12)
        self.assertEqual(exception.paused_wall_hours, 24)
        self.assertEqual(exception.resolve_due, datetime(2026, 3, 5, 22))
        pause = exception.pause_ids
        self.assertEqual(pause.with_user(self.manager).reason, "supplier")
        self.assertEqual(pause.began_at, datetime(2026, 3, 2, 18))

    def test_pauses_outlast_a_new_severity_and_changed_hours(self):
        with freeze_time("2026-03-02 16:00:00"):
            exception = self._take_in()
            exception._set_waiting("supplier")
        with freeze_time("2026-03-03 16:00:00"):
            exception._set_in_progress()
            exception._set_severity("high", "Shelf is empty")
            # 12 hours for a high one, all of Monday paused.
            self.assertEqual(exception.resolve_due, datetime(2026, 3, 4, 4))
            self._close("2026-03-04 00:00:00", "2026-03-05 07:59:59")
            self._follow()
        self.assertEqual(exception.resolve_due, datetime(2026, 3, 5, 20))

    def test_several_pauses_add_up(self):
        with freeze_time("2026-03-02 16:00:00") as clock:
            exception = self._take_in()
            for _number in range(2):
                exception._set_waiting("supplier")
                clock.tick(timedelta(hours=3))
                exception._set_in_progress()
                clock.tick(timedelta(hours=1))
        self.assertEqual(exception.paused_hours, 6)
        self.assertEqual(exception.resolve_due, datetime(2026, 3, 5, 4))

    def test_a_deadline_that_was_missed_before_the_pause_stays_missed(self):
        with freeze_time("2026-03-02 16:00:00"):
            exception = self._take_in()
        due = exception.acknowledge_due
        with freeze_time(due + timedelta(hours=1)):
            exception._set_waiting("supplier")
        with freeze_time(due + timedelta(hours=2)):
            exception._set_resolved("Found")
        self.assertEqual(exception.acknowledge_due, due)

    def test_nobody_edits_a_pause(self):
        with freeze_time("2026-03-02 16:00:00"):
            exception = self._take_in()
            exception._set_waiting("supplier")
        exception._set_in_progress()
        for attempt in (
            lambda: exception.pause_ids.sudo().write({"wall_hours": 99}),
            lambda: exception.pause_ids.sudo().unlink(),
            lambda: exception.with_user(self.manager).write({"pause_ids": [(5,)]}),
            lambda: exception.with_user(self.admin).write({"paused_hours": 99}),
        ):
            self.assertRaises(AccessError, attempt)
        other = exception.pause_ids.with_user(self.far_manager)
        self.assertFalse(other.search([("id", "in", exception.pause_ids.ids)]))

    # === Taken up again === #
    def test_a_case_taken_up_again_gets_a_clock_of_its_own(self):
        with freeze_time("2026-03-02 16:00:00"):
            exception = self._take_in()
            exception._set_resolved("Found")
        with freeze_time("2026-03-10 15:00:00"):  # Tuesday 08:00 PDT
            exception._set_reopened("Gone again")
            self._escalate()
        self.assertFalse(exception.breached_at)
        self.assertEqual(exception.resolve_due, datetime(2026, 3, 12, 21))

    # === Hours by store format, and none at all === #
    def test_a_format_may_have_hours_of_its_own(self):
        policy = self.discrepancy.sla_policy_id
        policy.with_user(self.admin).target_ids = [
            (
                0,
                0,
                {
                    "severity": "medium",
                    "format": "convenience",
                    "acknowledge_hours": 1,
                    "act_hours": 2,
                    "resolve_hours": 3,
                },
            )
        ]
        self.store.format = "convenience"
        with freeze_time("2026-03-02 16:00:00"):
            small, usual = self._take_in(), self._take_in(store_id=self.far_store.id)
        self.assertEqual(small.resolve_due, datetime(2026, 3, 2, 19))
        self.assertEqual(usual.resolve_due, datetime(2026, 3, 4, 22))

    def test_a_policy_without_targets_is_refused_and_says_what_is_missing(self):
        with self.assertRaisesRegex(ValidationError, "add a target"):
            self.env["retail.sla.policy"].create({"name": "Empty"})

    def test_a_type_whose_policy_lost_its_hours_says_where_to_add_them(self):
        self.env.cr.execute(
            "DELETE FROM retail_sla_target WHERE policy_id = %s",
            [self.discrepancy.sla_policy_id.id],
        )
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "add a target for severity"):
            self._take_in()

    # === Cost === #
    def _spread(self, count):
        """Return a store each on a calendar and in a zone of its own."""
        zones = ["America/Los_Angeles", NEW_YORK, "Europe/Berlin", "Asia/Tokyo"]
        stores = self.env["retail.store"]
        for number in range(count):
            store = self._create_store(f"S{number:03d}", self.region, self.manager)
            store.resource_calendar_id = self._calendar(ALL_WEEK)
            store.tz = zones[number % len(zones)]
            stores |= store
        self.env.flush_all()
        self.env.invalidate_all()
        return stores

    def test_two_hundred_stores_on_calendars_of_their_own_cost_few_queries(self):
        stores = self._spread(200)
        facts = [self._fact(store_id=store.id) for store in stores]
        self._take_in()
        self.env.flush_all()
        start = self.env.cr.sql_log_count
        self.env["retail.exception"].sudo()._intake(facts)
        self.env.flush_all()
        self.assertLessEqual((self.env.cr.sql_log_count - start) / 200, 2)
