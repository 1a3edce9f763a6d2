from datetime import date, timedelta

from freezegun import freeze_time
from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, ValidationError
from odoo.tools import mute_logger

from .test_kpi import MONDAY, KpiCase

TUESDAY = MONDAY + timedelta(days=1)
CLOCKS_GO_BACK = date(2025, 11, 2)
CLOCKS_GO_ON = date(2026, 3, 8)


class HourCase(KpiCase):
    """Hours of days that are recent by the test's clock."""

    def _compute(self, code, first=MONDAY, last=None, today=None):
        """Compute days as the Scheduled Action does, some hours after the last."""
        last = last or first
        with freeze_time(f"{today or last + timedelta(days=1)} 20:00:00"):
            self._kpi(code)._snapshot(first, last)
        return self._hours_of(code)

    def _hours_of(self, code):
        stores = (self.store | self.other_store | self.far_store).ids
        return self.env["retail.kpi.hour"].search(
            [("kpi_id.code", "=", code), ("store_id", "in", stores)],
            order="begin_at, store_id",
        )

    def _resolved(self, opened, resolved, **values):
        case = self._raise_at(opened, **values)
        self._resolve_at(case, resolved)
        return case


class TestKpiHours(HourCase):
    def test_an_hour_is_that_of_the_stores_clock(self):
        self._resolved("2026-03-02 16:00:00", "2026-03-02 18:20:00")
        [row] = self._compute("resolution_time")
        self.assertEqual(row.hour, 10)
        self.assertEqual(str(row.begin_at), "2026-03-02 18:00:00")
        self.assertAlmostEqual(row.value, 7 / 3, 5)

    def test_hours_of_a_day_add_up_to_its_figure(self):
        for end in ("17:10", "17:50", "19:30", "23:59"):
            self._resolved("2026-03-02 16:00:00", f"2026-03-02 {end}:00")
        self._resolved("2026-03-02 16:00:00", "2026-03-03 07:59:00")
        hours = self._compute("resolution_time", MONDAY, TUESDAY)
        days = self._snapshots_of("resolution_time")
        self.assertEqual(len(hours), 4)
        for name in ("numerator", "denominator", "record_count"):
            with self.subTest(name):
                self.assertAlmostEqual(
                    sum(hours.mapped(name)), sum(days.mapped(name)), 5
                )
        self.assertEqual({*hours.mapped("day")}, {*days.mapped("day")})

    def _snapshots_of(self, code):
        return self.env["retail.kpi.snapshot"].search(
            [("kpi_id.code", "=", code), ("store_id", "=", self.store.id)]
        )

    def test_every_kpi_kept_by_the_hour_adds_up_for_every_store(self):
        self._report(400)
        self._resolved("2026-03-02 16:00:00", "2026-03-02 17:00:00")
        self._raise_at("2026-03-02 18:00:00", store_id=self.far_store.id)
        hourly = self.env["retail.kpi"].search([("grain", "=", "hour")])
        self.assertTrue(hourly)
        with freeze_time("2026-03-03 20:00:00"):
            for kpi in hourly.filtered("is_computed"):
                kpi._snapshot(MONDAY, TUESDAY)
                with self.subTest(kpi.code):
                    self.assertFalse(kpi._disagreements(MONDAY, TUESDAY))

    def test_the_hour_that_comes_twice_is_two_hours(self):
        self._resolved("2025-11-01 16:00:00", "2025-11-02 08:30:00")  # 01:30 summer
        self._resolved("2025-11-01 16:00:00", "2025-11-02 09:30:00")  # 01:30 again
        self._resolved("2025-11-01 16:00:00", "2025-11-02 10:30:00")  # 02:30
        hours = self._compute("resolution_time", CLOCKS_GO_BACK)
        self.assertEqual(hours.mapped("hour"), [1, 1, 2])
        self.assertEqual(len(set(hours.mapped("begin_at"))), 3)

    def test_the_hour_that_is_left_out_is_nobodys(self):
        self._resolved("2026-03-07 16:00:00", "2026-03-08 09:59:00")  # 01:59
        self._resolved("2026-03-07 16:00:00", "2026-03-08 10:01:00")  # 03:01
        hours = self._compute("resolution_time", CLOCKS_GO_ON)
        self.assertEqual(hours.mapped("hour"), [1, 3])

    def test_handling_effort_stands_in_the_hour_of_the_resolution(self):
        self._resolved("2026-03-02 16:00:00", "2026-03-02 18:20:00")
        self._resolved("2026-03-02 16:00:00", "2026-03-02 18:50:00")
        for code in ("handling_touches", "handling_minutes"):
            with self.subTest(code):
                [row] = self._compute(code)
                self.assertEqual((row.hour, row.denominator), (10, 2))

    def test_a_business_day_past_midnight_keeps_its_last_hours(self):
        self.store.report_cutoff = 26
        self._resolved("2026-03-02 16:00:00", "2026-03-03 09:30:00")
        [row] = self._compute("resolution_time", MONDAY, TUESDAY)
        self.assertEqual((row.day, row.hour), (MONDAY, 1))

    def test_late_facts_change_their_own_hour_alone(self):
        self._resolved("2026-03-02 16:00:00", "2026-03-02 17:00:00")
        self._resolved("2026-03-02 16:00:00", "2026-03-02 19:00:00")
        early, late = self._compute("resolution_time")
        self._resolved("2026-03-02 16:00:00", "2026-03-02 19:30:00")
        again = self._compute("resolution_time", today=MONDAY + timedelta(days=3))
        self.assertEqual(again, early | late)
        self.assertEqual((early.revision, late.revision), (1, 2))
        self.assertLess(early.computed_at, late.computed_at)

    def test_a_correction_that_moves_a_fact_moves_it_between_hours(self):
        case = self._resolved("2026-03-02 16:00:00", "2026-03-02 17:00:00")
        self._compute("documented_cases")
        case.sudo().resolved_at = "2026-03-02 20:00:00"
        [row] = self._compute("documented_cases")
        self.assertEqual(row.hour, 12)
        self.assertEqual(self._snapshots_of("documented_cases").revision, 1)

    def test_running_again_writes_nothing(self):
        self._resolved("2026-03-02 16:00:00", "2026-03-02 17:00:00")
        before = self._compute("resolution_time").computed_at
        after = self._compute("resolution_time", today=MONDAY + timedelta(days=2))
        self.assertEqual((after.revision, after.computed_at), (1, before))

    def test_the_hours_cost_no_further_statement(self):
        self._resolved("2026-03-02 16:00:00", "2026-03-02 17:00:00")
        self._compute("resolution_time")
        self.env.flush_all()
        with freeze_time("2026-03-03 20:00:00"), self.assertQueryCount(2):
            self._kpi("resolution_time")._snapshot(MONDAY, TUESDAY)

    def test_an_hour_opens_exactly_its_records(self):
        mine = self._resolved("2026-03-02 16:00:00", "2026-03-02 17:30:00")
        self._resolved("2026-03-02 16:00:00", "2026-03-02 18:30:00")
        hour = self._compute("resolution_time")[0]
        action = hour.with_user(self.manager).action_open_records()
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(found, mine)
        self.assertEqual(hour.record_count, len(found))

    def test_an_hour_that_is_wrong_is_found_by_the_check(self):
        self._resolved("2026-03-02 16:00:00", "2026-03-02 17:00:00")
        self._compute("resolution_time").sudo().numerator = 9
        with freeze_time("2026-03-03 20:00:00"):
            [text] = self._kpi("resolution_time")._disagreements(MONDAY, MONDAY)
        self.assertIn("T042", text)


class TestKpiHoursKept(HourCase):
    def test_hours_are_kept_for_so_many_days_and_days_for_good(self):
        self._resolved("2026-03-02 16:00:00", "2026-03-02 17:00:00")
        self.assertTrue(self._compute("resolution_time"))
        with freeze_time("2026-03-16 02:00:00"):
            self.env["retail.kpi.hour"]._gc_hours()
        self.assertTrue(self._hours_of("resolution_time"))
        with freeze_time("2026-03-17 12:00:00"):
            self.env["retail.kpi.hour"]._gc_hours()
        self.assertFalse(self._hours_of("resolution_time"))
        self.assertTrue(self._kpi("resolution_time").snapshot_ids)

    def test_older_days_get_no_hours(self):
        self._resolved("2026-03-02 16:00:00", "2026-03-02 17:00:00")
        self.assertFalse(self._compute("resolution_time", today=date(2026, 3, 25)))

    def test_a_kpi_kept_by_the_day_alone_lets_its_hours_go(self):
        self._resolved("2026-03-02 16:00:00", "2026-03-02 17:00:00")
        self._compute("resolution_time")
        self._kpi("resolution_time").with_user(self.admin).grain = "day"
        with freeze_time("2026-03-03 20:00:00"):
            self.env["retail.kpi.hour"]._gc_hours()
        self.assertFalse(self._compute("resolution_time"))

    def test_more_hours_are_filled_by_the_next_run(self):
        kpi = self._kpi("resolution_time")
        kpi.checked_on = kpi._latest_day()
        kpi.with_user(self.admin).hour_days = 21
        self.assertFalse(kpi.checked_on)

    def test_what_counts_whole_days_is_not_kept_by_the_hour(self):
        kpi = self._kpi("exception_rate").with_user(self.admin)
        with self.assertRaises(ValidationError):
            kpi.grain = "hour"

    @mute_logger("odoo.sql_db")
    def test_hours_are_not_kept_beyond_the_days_open_to_corrections(self):
        kpi = self._kpi("resolution_time").with_user(self.admin)
        with self.assertRaises(CheckViolation):
            kpi.hour_days = 36
            self.env.flush_all()

    def test_what_reads_days_meets_no_hour(self):
        self._resolved("2026-03-02 16:00:00", "2026-03-02 17:00:00")
        self._resolved("2026-03-02 16:00:00", "2026-03-02 19:00:00")
        self._compute("resolution_time")
        days = self._kpi("resolution_time").snapshot_ids.filtered(
            lambda row: row.store_id == self.store
        )
        self.assertEqual((len(days), days.denominator), (1, 2))

    def test_each_role_reads_the_hours_of_its_part_of_the_network(self):
        for store in (self.store, self.far_store):
            self._resolved(
                "2026-03-02 16:00:00", "2026-03-02 17:00:00", store_id=store.id
            )
        rows = self._compute("resolution_time")
        near = rows.filtered(lambda row: row.store_id == self.store)
        for user, expected in (
            (self.member, near),
            (self.region_manager, near),
            (self.far_manager, rows - near),
            (self.operations, rows),
            (self.auditor, rows),
        ):
            with self.subTest(user.login):
                mine = self.env["retail.kpi.hour"].with_user(user)
                self.assertEqual(
                    mine.search([("id", "in", rows.ids)], order="id"),
                    expected.sorted("id"),
                )

    def test_nobody_writes_an_hour(self):
        self._resolved("2026-03-02 16:00:00", "2026-03-02 17:00:00")
        row = self._compute("resolution_time").with_user(self.admin)
        for attempt in (
            lambda: row.write({"numerator": 9}),
            lambda: row.create({"kpi_id": row.kpi_id.id}),
            lambda: row.unlink(),
        ):
            self.assertRaises(AccessError, attempt)
