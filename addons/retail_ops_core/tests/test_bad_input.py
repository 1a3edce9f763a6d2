from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError

from .checklist_common import ChecklistCase


class TestBadInput(ChecklistCase):
    """What people get wrong: a sentence that says how to mend it, nothing half-written.

    Imports with wrong rows are in test_imports, steps that lack facts or evidence in
    test_requirements, owners who left in test_leavers.
    """

    def _step(self, exceptions, step, user=None, **values):
        wizard = self.env["retail.exception.step"].with_user(user or self.manager)
        values = {"note": "x", **values}
        return wizard.create(
            {"step": step, "exception_ids": exceptions.ids, **values}
        ).action_confirm()

    def _snapshot(self, *records):
        self.env.flush_all()
        self.env.invalidate_all()
        return [record.read() for record in records]

    # === Illegal transitions === #
    def test_every_illegal_transition_names_what_is_possible_and_moves_nothing(self):
        finished, cancelled = self._take_in(), self._take_in()
        finished._set_resolved("Found")
        finished._set_closed()
        cancelled._set_cancelled("Twice")
        attempts = {
            "closed and cancelled": (lambda: self._step(finished, "cancel")),
            "closed and resolved": (lambda: self._step(finished, "resolve")),
            "closed and waiting": (lambda: self._step(finished, "wait")),
            "cancelled and started": (
                lambda: cancelled.with_user(self.manager).action_start()
            ),
            "cancelled and closed": (
                lambda: cancelled.with_user(self.manager).action_close()
            ),
        }
        before = self._snapshot(finished, cancelled)
        for name, attempt in attempts.items():
            with (
                self.subTest(name),
                self.assertRaisesRegex(UserError, "cannot become.*From here it can"),
            ):
                attempt()
        self.assertEqual(self._snapshot(finished, cancelled), before)

    def test_of_a_selection_with_one_illegal_case_none_moves(self):
        good, bad = self._take_in(), self._take_in()
        bad._set_resolved("Found")
        bad._set_closed()
        before = self._snapshot(good, bad)
        with self.assertRaisesRegex(UserError, "cannot become Cancelled"):
            self._step(good | bad, "cancel")
        self.assertEqual(self._snapshot(good, bad), before)

    # === Merging === #
    def test_a_merge_in_a_circle_of_three_is_refused(self):
        first, second, third = (self._take_in() for _number in range(3))
        self._step(first, "merge", target_id=second.id)
        self._step(second, "merge", target_id=third.id)
        before = self._snapshot(first, second, third)
        with self.assertRaisesRegex(UserError, "finished or a duplicate itself: keep"):
            self._step(third, "merge", target_id=first.id)
        self.assertEqual(self._snapshot(first, second, third), before)

    def test_a_case_merged_into_itself_says_what_to_select(self):
        exception = self._take_in()
        with self.assertRaisesRegex(UserError, "nothing to merge.*select its dupl"):
            self._step(exception, "merge", target_id=exception.id)

    def test_cases_of_two_stores_are_no_duplicates(self):
        here = self._take_in()
        there = self._take_in(store_id=self.other_store.id)
        before = self._snapshot(here, there)
        with self.assertRaisesRegex(UserError, "only cases of one store.*Group them"):
            self._step(there, "merge", target_id=here.id)
        self.assertEqual(self._snapshot(here, there), before)

    # === Stores without what they need === #
    def test_a_calendar_without_hours_is_refused_where_it_is_chosen(self):
        empty = self.env["resource.calendar"].create(
            {"name": "Never open", "attendance_ids": [(5, 0, 0)]}
        )
        with self.assertRaisesRegex(ValidationError, "add hours to the calendar"):
            self.store.with_user(self.admin).resource_calendar_id = empty

    def test_hours_that_vanish_raise_nothing_half_written(self):
        self.calendar.attendance_ids.unlink()
        count = self.env["retail.exception"].search_count([])
        with (
            self.assertRaisesRegex(UserError, "add hours to the calendar"),
            self.env.cr.savepoint(),
        ):
            self._raise_by_hand(self.manager)
        self.assertEqual(self.env["retail.exception"].search_count([]), count)

    def test_a_store_without_manager_keeps_an_owner_for_each_case(self):
        self.store.with_user(self.admin).manager_id = False
        self.assertEqual(self._take_in().user_id, self.region_manager)
        self.region.with_user(self.admin).manager_id = False
        self.assertEqual(self._take_in().user_id, self.operations)

    # === Deadlines in the past === #
    def test_a_campaign_that_would_have_launched_already_is_not_planned(self):
        steps = self._create_template(name="Promotion steps", kind="campaign")
        campaign = (
            self.env["retail.campaign"]
            .with_user(self.operations)
            .create(
                {
                    "name": "Grill season",
                    "launch_date": "2020-03-06",
                    "template_id": steps.id,
                    "store_domain": str([("id", "in", self.own_stores.ids)]),
                }
            )
        )
        with self.assertRaisesRegex(UserError, "has passed.*choose a later"):
            campaign.action_plan()
        self.assertEqual(campaign.state, "draft")
        self.assertFalse(campaign.checklist_ids)

    def test_no_deadline_is_ever_moved_into_the_past(self):
        with freeze_time("2026-03-02 16:00:00"):
            exception = self._take_in()
        with freeze_time("2026-03-04 18:00:00"):
            self._step(
                exception, "reclassify", self.region_manager, severity="critical"
            )
        for due in ("acknowledge_due", "act_due", "resolve_due"):
            moved = exception[due]
            missed = str(moved) < "2026-03-04 18:00:00"
            self.assertTrue(missed or str(moved) == "2026-03-04 18:00:00")
        self.assertEqual(str(exception.resolve_due), "2026-03-04 18:00:00")

    # === A store changes region === #
    def test_work_that_the_old_region_had_goes_to_the_new_one(self):
        exception, done = self._take_in(), self._take_in()
        done._set_resolved("Found")
        exception._escalate()
        self.assertEqual(exception.user_id, self.region_manager)
        self.far_region.manager_id = self.far_manager
        self.far_manager.group_ids |= self.env.ref(
            "retail_ops_core.group_regional_manager"
        )
        self.store.with_user(self.admin).region_id = self.far_region
        self.assertEqual(exception.region_id, self.far_region)
        self.assertEqual(exception.user_id, self.far_manager)
        self.assertEqual(exception.activity_ids.user_id, self.far_manager)
        self.assertEqual(done.region_id, self.region)
        self.assertIn(
            "The store is part of Far region now",
            "".join(exception.message_ids.mapped("body")),
        )

    def test_work_of_the_store_itself_stays_with_it(self):
        exception = self._take_in()
        self.store.with_user(self.admin).region_id = self.far_region
        self.assertEqual(exception.user_id, self.manager)

    # === Settings that the next event obeys === #
    def test_each_scheduled_action_has_an_interval_an_administrator_may_change(self):
        model = self.env["ir.model.data"].search(
            [("module", "=", "retail_ops_core"), ("model", "=", "ir.cron")]
        )
        crons = self.env["ir.cron"].browse(model.mapped("res_id"))
        self.assertGreater(len(crons), 10)
        for cron in crons:
            with self.subTest(cron.name):
                cron.interval_number = cron.interval_number + 1
                self.assertRegex(cron.code, r"^model\.\w+\(\)$")

    def test_facts_are_taken_in_with_every_scheduled_action_switched_off(self):
        self.env["ir.cron"].search([]).active = False
        exception = self._take_in()
        self.assertEqual(exception.state, "triaged")
        self.assertEqual(exception.user_id, self.manager)
        self.assertTrue(exception.resolve_due)
        self.assertTrue(exception.activity_ids)

    def test_a_tolerance_changed_on_the_screen_holds_for_the_next_fact(self):
        self.assertTrue(self._take_in())
        self.discrepancy.with_user(self.admin).write(
            {"tolerance_percent": 60, "tolerance_amount": 0}
        )
        self.assertFalse(self._take_in())
        self.discrepancy.with_user(self.admin).tolerance_percent = 10
        self.assertTrue(self._take_in())

    # === Facts out of order === #
    def test_an_older_fact_after_a_newer_one_does_not_overwrite_it(self):
        with freeze_time("2026-03-02 18:00:00") as clock:
            newer = self._take_in(intake_key="count:1", counted_quantity=7)
            newer._set_in_progress()
            clock.tick(timedelta(hours=1))
            again = self._take_in(
                intake_key="count:1",
                counted_quantity=2,
                occurred_at="2026-03-02 10:00:00",
            )
        self.assertEqual(again, newer)
        self.assertEqual(newer.counted_quantity, 7)
        self.assertEqual(newer.state, "in_progress")
