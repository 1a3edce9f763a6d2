from datetime import date

from odoo.tests import freeze_time

from .common import MaintenanceCase


class TestDowntime(MaintenanceCase):
    """The store opens 08:00 to 20:00 in Los Angeles, UTC-8 in winter, -7 in summer."""

    def _repaired(self, down, repaired):
        with freeze_time(down):
            repair = self._fail(occurred_at=down).maintenance_id
        with freeze_time(repaired):
            repair.stage_id = self.stages["done"]
        repair.invalidate_recordset()
        return repair

    def test_the_night_does_not_count(self):
        # 18:00 to 10:00 on the next day: two hours in the evening, two in the morning.
        repair = self._repaired("2026-01-13 02:00:00", "2026-01-13 18:00:00")
        self.assertAlmostEqual(repair.downtime_hours, 4)

    def test_the_kpi_adds_up_the_hours_of_what_was_repaired_that_day(self):
        repair = self._repaired("2026-01-13 02:00:00", "2026-01-13 18:00:00")
        kpi = self.env["retail.kpi"].search([("code", "=", "equipment_downtime")])
        day = date(2026, 1, 13)
        kpi._take_over(day, day)
        self.assertFalse(kpi._disagreements(day, day))
        snapshot = self.env["retail.kpi.snapshot"].search(
            [("kpi_id", "=", kpi.id), ("day", "=", day)]
        )
        mine = snapshot.filtered(lambda each: each.store_id == self.store)
        self.assertAlmostEqual(mine.value, 4)
        action = mine.with_user(self.operations).action_open_records()
        self.assertEqual(repair.search(action["domain"]), repair)
        repair.stage_id = self.stages["reported"]
        self.assertFalse(repair.downtime_repaired)

    def test_it_goes_on_counting_until_it_is_repaired(self):
        with freeze_time("2026-01-13 17:00:00"):
            repair = self._fail(occurred_at="2026-01-13 17:00:00").maintenance_id
        with freeze_time("2026-01-13 20:00:00"):
            repair.invalidate_recordset()
            self.assertAlmostEqual(repair.downtime_hours, 3)
            self.assertAlmostEqual(repair.exception_id.downtime_hours, 3)
            self.assertAlmostEqual(self.freezer.retail_downtime_hours, 3)

    def test_the_day_the_clocks_go_forward_has_its_own_hours(self):
        # Open through the night: 22:00 on 7 March to 06:00 on the 8th, in which
        # 02:00 to 03:00 does not exist.
        self.store.resource_calendar_id = False
        repair = self._repaired("2026-03-08 06:00:00", "2026-03-08 13:00:00")
        self.assertAlmostEqual(repair.downtime_hours, 7)

    def test_opening_hours_follow_the_clocks_of_the_store(self):
        # The same wall clock, 09:00 to 11:00, on both sides of 8 March.
        before = self._repaired("2026-03-07 17:00:00", "2026-03-07 19:00:00")
        after = self._repaired("2026-03-08 16:00:00", "2026-03-08 18:00:00")
        self.assertAlmostEqual(before.downtime_hours, 2)
        self.assertAlmostEqual(after.downtime_hours, 2)
        # It opens at 15:00 UTC from then on: an hour that was night before counts.
        early = self._repaired("2026-03-09 15:00:00", "2026-03-09 16:00:00")
        self.assertAlmostEqual(early.downtime_hours, 1)

    def test_the_night_the_clocks_go_back_is_an_hour_longer(self):
        night = [
            {
                "name": "Night",
                "dayofweek": "6",
                "hour_from": 0,
                "hour_to": 6,
                "day_period": "morning",
            }
        ]
        self.store.resource_calendar_id = self.env["resource.calendar"].create(
            {
                "name": "Sunday nights",
                "tz": "UTC",
                "attendance_ids": [(5, 0, 0)] + [(0, 0, row) for row in night],
            }
        )
        repair = self._repaired("2026-11-01 05:00:00", "2026-11-01 20:00:00")
        self.assertAlmostEqual(repair.downtime_hours, 7)

    def test_a_repair_taken_up_again_adds_to_its_downtime(self):
        repair = self._repaired("2026-01-13 17:00:00", "2026-01-13 19:00:00")
        with freeze_time("2026-01-14 17:00:00"):
            repair.stage_id = self.stages["reported"]
        with freeze_time("2026-01-14 18:00:00"):
            repair.stage_id = self.stages["done"]
        repair.invalidate_recordset()
        self.assertAlmostEqual(repair.downtime_hours, 3)

    def test_equipment_and_store_add_up_a_year(self):
        with freeze_time("2026-01-20 20:00:00"):
            self._repaired("2026-01-13 17:00:00", "2026-01-13 19:00:00")
            self._repaired("2026-01-15 17:00:00", "2026-01-15 18:00:00")
            self._repaired("2024-01-15 17:00:00", "2024-01-15 18:00:00")
        with freeze_time("2026-01-20 20:00:00"):
            self.freezer.invalidate_recordset()
            self.assertEqual(self.freezer.retail_failure_count, 2)
            self.assertAlmostEqual(self.freezer.retail_downtime_hours, 3)
            self.assertAlmostEqual(self.store.downtime_hours, 3)
            self.assertEqual(self.store.equipment_count, 1)

    def test_a_repair_that_was_done_before_the_store_had_it_ended_when_it_was_done(
        self,
    ):
        with freeze_time("2026-01-13 17:00:00"):
            laptop = self.env["maintenance.equipment"].create({"name": "Laptop"})
            repair = self.env["maintenance.request"].create(
                {"name": "Screen", "equipment_id": laptop.id}
            )
            repair.stage_id = self.stages["done"]
        self.assertFalse(repair.repaired_at)
        with freeze_time("2026-01-16 17:00:00"):
            repair.equipment_id = self.freezer
        self.assertEqual(repair.repaired_at, repair.down_since)

    def test_preventive_work_is_no_downtime(self):
        check = self.env["maintenance.request"].create(
            {
                "name": "Yearly check",
                "equipment_id": self.freezer.id,
                "maintenance_type": "preventive",
            }
        )
        self.assertFalse(check.down_since)
        self.assertEqual(check.downtime_hours, 0)

    def test_a_list_reads_opening_hours_once(self):
        repairs = self._fail().maintenance_id
        for _more in range(8):
            repairs |= self._fail().maintenance_id
        repairs.flush_recordset()
        repairs.invalidate_recordset()
        repairs.store_id.resource_calendar_id.attendance_ids.mapped("dayofweek")
        with self.assertQueryCount(8):
            repairs.mapped("downtime_hours")
