import base64
from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError

from ..tools import countdown, readiness
from .checklist_common import PIXEL, ChecklistCase

# Monday; 08:00 in Los Angeles is 16:00 UTC.
OPENING = datetime(2026, 3, 2, 16)


class TestChecklist(ChecklistCase):
    # === Starting === #
    @freeze_time(OPENING + timedelta(minutes=10))
    def test_a_daily_checklist_starts_by_itself_in_every_selected_store(self):
        self._run_cron("cron_checklist_create")
        checklists = self.template.checklist_ids
        self.assertEqual(checklists.store_id, self.own_stores)
        self.assertEqual(set(checklists.mapped("start_at")), {OPENING})
        self.assertEqual(set(checklists.mapped("period")), {"2026-03-02"})

    @freeze_time(OPENING + timedelta(minutes=10))
    def test_running_twice_starts_one_checklist_a_store_and_day(self):
        self._start()
        self._start()
        self.assertEqual(len(self.template.checklist_ids), 3)

    @freeze_time(OPENING - timedelta(minutes=10))
    def test_nothing_starts_before_its_hour_in_the_stores_own_zone(self):
        self.far_store.tz = "America/New_York"
        self._run_cron("cron_checklist_create")
        self.assertEqual(self.template.checklist_ids.store_id, self.far_store)

    @freeze_time(OPENING)
    def test_items_are_due_after_working_hours_of_the_store(self):
        checklist = self._start()
        self.assertEqual(
            checklist.item_ids.mapped("due_at"),
            [OPENING + timedelta(hours=hours) for hours in (1, 2, 4)],
        )
        self.assertEqual(checklist.next_due_at, OPENING + timedelta(hours=1))

    @freeze_time(OPENING)
    def test_a_store_that_is_closed_that_day_gets_none(self):
        monday = self.calendar.attendance_ids.filtered(lambda a: a.dayofweek == "0")
        monday.unlink()
        self._run_cron("cron_checklist_create")
        self.assertFalse(self.template.checklist_ids)

    @freeze_time(OPENING + timedelta(days=1))
    def test_a_weekly_checklist_starts_late_rather_than_never(self):
        weekly = self._create_template(name="Cleaning", kind="weekly", weekday="0")
        self.assertEqual(self._start(weekly).start_at, OPENING)

    @freeze_time(OPENING)
    def test_no_checklist_is_made_for_days_before_the_first(self):
        self.template.first_day = "2026-03-03"
        self._run_cron("cron_checklist_create")
        self.assertFalse(self.template.checklist_ids)

    @freeze_time(OPENING)
    def test_a_one_off_checklist_starts_once_by_hand(self):
        once = self._create_template(name="Fire drill", kind="once")
        once.with_user(self.admin).action_start_now()
        once.with_user(self.admin).action_start_now()
        self.assertEqual(once.checklist_ids.store_id, self.own_stores)
        self.assertEqual(len(once.checklist_ids), 3)

    @freeze_time(OPENING)
    def test_one_store_without_hours_keeps_no_other_from_starting(self):
        one_day = self.calendar.copy({"attendance_ids": [(5, 0, 0)]})
        self.env["resource.calendar.attendance"].create(
            {
                "name": "One day",
                "calendar_id": one_day.id,
                "dayofweek": "0",
                "hour_from": 8,
                "hour_to": 9,
            }
        )
        self.far_store.resource_calendar_id = one_day
        self.template.item_ids[-1].due_hours = 2000
        with self.assertLogs("odoo.addons.retail_ops_core", "WARNING") as logs:
            self._run_cron("cron_checklist_create")
        self.assertEqual(
            self.template.checklist_ids.store_id, self.store | self.other_store
        )
        self.assertIn("add hours to the calendar", logs.output[0])

    @freeze_time(OPENING)
    def test_a_template_without_items_says_what_to_add(self):
        empty = self._create_template(name="Empty", kind="once", item_ids=[])
        with self.assertRaisesRegex(UserError, "add what stores have to do"):
            empty.action_start_now()

    def test_conditions_on_stores_that_cannot_be_read_are_refused(self):
        for domain in ("[('nothing', '=', 1)]", "[(", "[('id', 'in', unknown)]"):
            with (
                self.subTest(domain),
                self.assertRaisesRegex(ValidationError, "pick them again"),
            ):
                self.template.store_domain = domain

    @freeze_time(OPENING)
    def test_changing_the_template_leaves_running_checklists_as_they_are(self):
        checklist = self._start()
        self.template.item_ids[0].name = "Something else"
        self.assertEqual(checklist.item_ids[0].name, "Doors and exits are clear")

    @freeze_time(OPENING)
    def test_open_checklists_follow_a_store_to_its_new_region(self):
        checklist = self._start()
        self.store.region_id = self.far_region
        self.assertEqual(checklist.region_id, self.far_region)
        self.assertEqual(checklist.item_ids.region_id, self.far_region)

    # === Answering === #
    @freeze_time(OPENING)
    def test_one_tap_ticks_an_item_and_the_percentage_follows(self):
        checklist = self._start()
        item = self._item(checklist, "Doors", self.member)
        self.assertFalse(item.action_done())
        self.assertEqual(item.state, "done")
        self.assertEqual(item.user_id, self.member)
        self.assertEqual(item.answered_at, OPENING)
        self.assertEqual(checklist.readiness, 50)
        self.assertEqual(checklist.answered_count, 1)

    @freeze_time(OPENING)
    def test_an_item_that_needs_a_photo_asks_for_it(self):
        item = self._item(self._start(), "Fridge")
        dialog = item.action_done()
        self.assertEqual(dialog["res_model"], "retail.checklist.answer")
        with self.assertRaisesRegex(UserError, "needs a photo"):
            self._answer(item, "done")
        text = self._photo(self.manager, b"no image", "notes.txt")
        with self.assertRaisesRegex(UserError, "needs a photo"):
            self._answer(item, "done", evidence=text)
        self._answer(item, "done", evidence=self._photo(self.manager))
        self.assertEqual(item.state, "done")

    @freeze_time(OPENING)
    def test_evidence_leaves_its_fingerprint_in_the_ledger(self):
        item = self._item(self._start(), "Fridge")
        photo = self._photo(self.manager)
        self._answer(item, "done", evidence=photo)
        [facts] = self._facts_of(item, "checklist.item.done")
        digest = photo.sudo()._fingerprint()
        self.assertEqual(
            facts["evidence"], [{"attachment": photo.id, "sha256": digest}]
        )
        self.assertFalse(item.evidence_changed)
        item.invalidate_recordset()
        self.assertFalse(item.with_context(bin_size=True).evidence_changed)

    @freeze_time(OPENING)
    def test_replacing_or_removing_a_photo_afterwards_shows(self):
        item = self._item(self._start(), "Fridge")
        photo = self._photo(self.manager)
        self._answer(item, "done", evidence=photo)
        photo.write({"datas": base64.b64encode(PIXEL + b"x")})
        self.assertTrue(item.evidence_changed)
        photo.unlink()
        item.invalidate_recordset()
        self.assertTrue(item.evidence_changed)

    @freeze_time(OPENING)
    def test_somebody_elses_file_is_no_evidence(self):
        item = self._item(self._start(), "Fridge")
        theirs = self._photo(self.far_manager)
        with self.assertRaises(UserError):
            self._answer(item, "done", evidence=theirs)
        self.assertEqual(item.state, "open")

    @freeze_time(OPENING)
    def test_what_cannot_be_done_or_does_not_apply_needs_a_reason(self):
        checklist = self._start()
        item = self._item(checklist, "Price")
        for answer in ("failed", "not_applicable"):
            with self.assertRaisesRegex(UserError, "Say why"):
                self._answer(item, answer, note="  ")
        self._answer(item, "not_applicable", note="No promotion today")
        self.assertEqual(item.note, "No promotion today")
        self._item(checklist, "Doors").action_done()
        self.assertAlmostEqual(checklist.readiness, 200 / 3, 2)

    @freeze_time(OPENING)
    def test_an_answer_is_given_once_and_can_be_taken_back(self):
        checklist = self._start()
        item = self._item(checklist, "Doors")
        item.action_done()
        item.action_done()
        self.assertEqual(len(self._facts_of(item, "checklist.item.done")), 1)
        item.action_reopen()
        self.assertEqual(item.state, "open")
        self.assertEqual(checklist.readiness, 0)
        self.assertEqual(
            self._facts_of(item, "checklist.item.reopened")[0]["from"], "done"
        )

    @freeze_time(OPENING)
    def test_the_checklist_is_done_with_its_last_answer(self):
        checklist = self._start()
        self._finish(checklist)
        self.assertEqual(checklist.state, "done")
        self.assertTrue(checklist.is_ready)
        self.assertEqual(checklist.risk, "none")
        self._item(checklist, "Doors").action_reopen()
        self.assertEqual(checklist.state, "open")

    # === Overdue === #
    def test_items_overdue_raise_one_exception_a_checklist(self):
        with freeze_time(OPENING):
            checklist = self._start()
        with freeze_time(OPENING + timedelta(hours=1, minutes=5)):
            self._run_cron("cron_checklist_overdue")
            self._run_cron("cron_checklist_overdue")
        exception = checklist.exception_ids
        self.assertEqual(len(exception), 1)
        self.assertEqual(exception.type_id.code, "compliance_breach")
        self.assertEqual(exception.store_id, self.store)
        self.assertEqual(exception.origin, "automation")
        self.assertEqual(
            exception.reason.split("\n")[0], "Doors and exits are clear (veto, overdue)"
        )
        with freeze_time(OPENING + timedelta(hours=5)):
            self._run_cron("cron_checklist_overdue")
        self.assertEqual(checklist.exception_ids, exception)
        self.assertEqual(checklist.overdue_count, 3)
        self.assertIn("Price labels", exception.reason)

    def test_a_veto_item_that_cannot_be_done_raises_the_exception_at_once(self):
        with freeze_time(OPENING):
            checklist = self._start()
            self._answer(self._item(checklist, "Doors"), "failed", note="Blocked")
        self.assertEqual(len(checklist.exception_ids), 1)
        self.assertEqual(checklist.risk, "high")

    def test_an_exception_is_resolved_once_the_overdue_items_are_answered(self):
        with freeze_time(OPENING):
            checklist = self._start()
        with freeze_time(OPENING + timedelta(hours=3)):
            self._run_cron("cron_checklist_overdue")
            exception = checklist.exception_ids.with_user(self.manager)
            cause = self.env.ref("retail_ops_core.root_cause_theft")
            step = self.env["retail.exception.step"].with_user(self.manager)
            resolve = step.create(
                {
                    "step": "resolve",
                    "exception_ids": exception.ids,
                    "note": "Done now",
                    "root_cause_id": cause.id,
                }
            )
            with self.assertRaisesRegex(UserError, "Do them, or say why not"):
                resolve.action_confirm()
            self._finish(checklist)
            self.assertTrue(self._item(checklist, "Doors").was_late)
            resolve.action_confirm()
        self.assertEqual(exception.state, "resolved")

    def test_what_is_overdue_after_the_case_was_resolved_takes_it_up_again(self):
        with freeze_time(OPENING):
            checklist = self._start()
        with freeze_time(OPENING + timedelta(hours=1, minutes=5)):
            self._run_cron("cron_checklist_overdue")
            self._item(checklist, "Doors").action_done()
            exception = checklist.exception_ids
            cause = self.env.ref("retail_ops_core.root_cause_theft")
            exception._set_resolved("Cleared", cause)
        with freeze_time(OPENING + timedelta(hours=2, minutes=5)):
            self._run_cron("cron_checklist_overdue")
        self.assertEqual(exception.state, "in_progress")

    def test_the_next_run_ends_the_one_before_as_missed(self):
        with freeze_time(OPENING):
            first = self._start()
            self._item(first, "Doors").action_done()
        with freeze_time(OPENING + timedelta(days=1)):
            second = self._start()
        self.assertEqual(first.state, "missed")
        self.assertEqual(first.overdue_count, 2)
        self.assertEqual(len(first.exception_ids), 1)
        self.assertEqual(second.state, "open")
        with self.assertRaisesRegex(UserError, "has ended"):
            self._item(first, "Price").action_done()

    def test_one_store_without_hours_keeps_no_other_from_being_raised(self):
        self.far_store.resource_calendar_id = self.calendar.copy()
        with freeze_time(OPENING):
            checklist = self._start()
            stuck = self._checklist_of(self.template, self.far_store)
        self.far_store.resource_calendar_id.attendance_ids.unlink()
        with freeze_time(OPENING + timedelta(hours=5)):
            with self.assertLogs("odoo.addons.retail_ops_core", "WARNING") as logs:
                self._run_cron("cron_checklist_overdue")
        self.assertTrue(checklist.exception_ids)
        self.assertFalse(stuck.exception_ids)
        self.assertFalse(stuck.overdue_count)
        self.assertIn("add hours to the calendar", logs.output[0])

    def test_a_missed_item_alerts_the_stores_manager(self):
        with freeze_time(OPENING):
            checklist = self._start()
        with freeze_time(OPENING + timedelta(hours=2)):
            self._run_cron("cron_checklist_overdue")
        self.assertEqual(checklist.exception_ids.user_id, self.manager)
        self.assertIn(self.manager, checklist.exception_ids.activity_ids.user_id)

    # === Reminders === #
    def _reminders(self, checklist):
        kind = self.env.ref("retail_ops_core.activity_checklist")
        return checklist.activity_ids.filtered(lambda a: a.activity_type_id == kind)

    @freeze_time(OPENING)
    def test_only_stores_with_open_items_are_reminded_once_a_day(self):
        checklist = self._start()
        finished = self._checklist_of(self.template, self.far_store)
        self._finish(finished, self.far_manager)
        self._run_cron("cron_checklist_remind")
        self._run_cron("cron_checklist_remind")
        self.assertFalse(self._reminders(finished))
        self.assertEqual(len(self._reminders(checklist)), 1)
        self.assertEqual(self._reminders(checklist).user_id, self.manager)

    def test_the_next_days_reminder_takes_the_place_of_the_first(self):
        once = self._create_template(name="Fire drill", kind="once")
        with freeze_time(OPENING):
            once.action_start_now()
            checklist = self._checklist_of(once, self.store)
            self._run_cron("cron_checklist_remind")
        with freeze_time(OPENING + timedelta(days=1)):
            self._run_cron("cron_checklist_remind")
        self.assertEqual(str(self._reminders(checklist).date_deadline), "2026-03-03")

    def test_the_reminder_goes_with_the_store_to_its_new_manager(self):
        once = self._create_template(name="Fire drill", kind="once")
        with freeze_time(OPENING):
            once.action_start_now()
            checklist = self._checklist_of(once, self.store)
            self._run_cron("cron_checklist_remind")
        self.store.manager_id = self.member
        with freeze_time(OPENING + timedelta(days=1)):
            self._run_cron("cron_checklist_remind")
        self.assertEqual(self._reminders(checklist).user_id, self.member)

    def test_nobody_is_reminded_at_night(self):
        once = self._create_template(name="Fire drill", kind="once")
        with freeze_time(OPENING - timedelta(hours=3)):
            once.action_start_now()
            self._run_cron("cron_checklist_remind")
        self.assertFalse(self._reminders(once.checklist_ids))

    @freeze_time(OPENING)
    def test_a_finished_checklist_takes_its_reminder_away(self):
        checklist = self._start()
        self._run_cron("cron_checklist_remind")
        self._finish(checklist)
        self.assertFalse(self._reminders(checklist))

    @freeze_time(OPENING)
    def test_what_is_due_another_day_reminds_nobody_yet(self):
        once = self._create_template(name="Fire drill", kind="once")
        once.item_ids.due_hours = 40
        once.action_start_now()
        self._run_cron("cron_checklist_remind")
        self.assertFalse(self._reminders(once.checklist_ids))


class TestReadinessArithmetic(ChecklistCase):
    def test_a_missing_veto_caps_the_store_below_ready(self):
        items = [(99, "done", False, False), (1, "open", True, False)]
        self.assertEqual(readiness.percent(items, 90), 89)

    def test_what_does_not_apply_weighs_nothing(self):
        items = [(1, "done", False, False), (9, "not_applicable", True, False)]
        self.assertEqual(readiness.percent(items, 90), 100)

    def test_the_worst_item_sets_the_risk(self):
        risks = {
            "none": (1, "done", True, False),
            "low": (1, "open", False, False),
            "medium": (1, "open", True, False),
            "high": (1, "failed", True, False),
        }
        for risk, item in risks.items():
            self.assertEqual(readiness.store_risk([item, risks["none"]]), risk)
        self.assertEqual(readiness.store_risk([(1, "open", False, True)]), "medium")
        self.assertEqual(readiness.store_risk([]), "none")

    def test_a_tenth_of_the_stores_makes_the_chain_risky(self):
        self.assertEqual(readiness.chain_risk(100, 10, 0, 0), "high")
        self.assertEqual(readiness.chain_risk(100, 1, 0, 0), "medium")
        self.assertEqual(readiness.chain_risk(100, 0, 25, 0), "medium")
        self.assertEqual(readiness.chain_risk(100, 0, 0, 99), "low")
        self.assertEqual(readiness.chain_risk(100, 0, 0, 100), "none")

    def test_hours_count_back_over_closed_time(self):
        intervals = [
            (datetime(2026, 1, 5, 8), datetime(2026, 1, 5, 12)),
            (datetime(2026, 1, 6, 8), datetime(2026, 1, 6, 12)),
        ]
        end = datetime(2026, 1, 6, 10)
        before = countdown.moment_before
        self.assertEqual(before(intervals, end, 3), datetime(2026, 1, 5, 11))
        self.assertEqual(before(intervals, end, 0), end)
        self.assertIsNone(before(intervals, end, 7))
