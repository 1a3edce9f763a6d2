from datetime import datetime, timedelta

from freezegun import freeze_time
from psycopg2.errors import CheckViolation

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form
from odoo.tools import mute_logger

from .checklist_common import ChecklistCase

TODAY = datetime(2026, 3, 2, 18)  # Monday 10:00 in Los Angeles
LAUNCH = datetime(2026, 3, 6, 16)  # Friday 08:00 in Los Angeles
STEPS = [
    {"name": "Display is built", "due_hours": 12, "is_veto": True, "weight": 3},
    {"name": "Stock is on the floor", "due_hours": 6, "is_veto": True, "weight": 2},
    {"name": "Posters hang", "due_hours": 2, "weight": 1},
]


class CampaignCase(ChecklistCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.steps = cls._create_template(
            name="Promotion steps",
            kind="campaign",
            item_ids=[
                Command.create({"sequence": number, **step})
                for number, step in enumerate(STEPS)
            ],
        )
        cls.campaign = cls._create_campaign()

    @classmethod
    def _create_campaign(cls, **values):
        return (
            cls.env["retail.campaign"]
            .with_user(cls.operations)
            .create(
                {
                    "name": "Grill season",
                    "launch_date": "2026-03-06",
                    "launch_hour": 8,
                    "end_date": "2026-03-20",
                    "template_id": cls.steps.id,
                    "store_domain": str([("id", "in", cls.own_stores.ids)]),
                    **values,
                }
            )
        )

    def _plan(self):
        with freeze_time(TODAY):
            self.campaign.action_plan()
        return self._part_of(self.store)

    def _select_two_hundred_stores(self):
        stores = self.env["retail.store"].create(
            [
                {
                    "name": f"Bulk {number}",
                    "code": f"B{number:03d}",
                    "region_id": self.region.id,
                    "manager_id": self.manager.id,
                    "tz": "America/Los_Angeles",
                    "resource_calendar_id": self.calendar.id,
                }
                for number in range(200)
            ]
        )
        self.campaign.store_domain = str([("id", "in", stores.ids)])

    def _part_of(self, store):
        checklists = self.campaign.sudo().checklist_ids
        return checklists.filtered(lambda one: one.store_id == store)

    def _overdue_exception(self, hours=1):
        """Return the readiness exception of ``store``, whose display is late."""
        checklist = self._plan()
        with freeze_time(checklist.item_ids[0].due_at + timedelta(hours=hours)):
            self._run_cron("cron_checklist_overdue")
        return checklist.exception_ids


class TestCampaign(CampaignCase):
    # === Planning === #
    def test_planning_gives_every_selected_store_its_checklist(self):
        self._plan()
        self.assertEqual(self.campaign.state, "preparing")
        self.assertEqual(self.campaign.checklist_ids.store_id, self.own_stores)
        self.assertEqual(self.campaign.launch_at, LAUNCH)

    def test_items_are_due_so_many_working_hours_before_the_launch(self):
        # Stores open 08:00 to 20:00 and the launch is at opening: hours count
        # back from Thursday 20:00, 04:00 UTC on Friday.
        checklist = self._plan()
        evening = datetime(2026, 3, 6, 4)
        self.assertEqual(
            checklist.item_ids.mapped("due_at"),
            [evening - timedelta(hours=hours) for hours in (12, 6, 2)],
        )
        self.assertEqual(checklist.due_at, LAUNCH)

    def test_every_store_launches_at_that_hour_of_its_own_zone(self):
        self.far_store.tz = "America/New_York"
        self._plan()
        self.assertEqual(
            self._part_of(self.far_store).due_at, LAUNCH - timedelta(hours=3)
        )
        self.assertEqual(self.campaign.launch_at, LAUNCH - timedelta(hours=3))

    def test_planning_again_takes_in_new_stores_and_keeps_the_rest(self):
        self.campaign.store_domain = str([("id", "=", self.store.id)])
        first = self._plan()
        self.campaign.store_domain = str([("id", "in", self.own_stores.ids)])
        self._plan()
        self.assertEqual(self.campaign.checklist_ids.store_id, self.own_stores)
        self.assertEqual(self._part_of(self.store), first)

    def test_a_launch_in_the_past_is_refused(self):
        with freeze_time(LAUNCH + timedelta(hours=1)):
            with self.assertRaisesRegex(UserError, "choose a later one"):
                self.campaign.action_plan()
        self.assertFalse(self.campaign.checklist_ids)

    def test_a_campaign_without_stores_says_so(self):
        self.campaign.store_domain = "[('code', '=', 'nowhere')]"
        with freeze_time(TODAY), self.assertRaisesRegex(UserError, "widen them"):
            self.campaign.action_plan()

    def test_a_campaign_keeps_to_the_companies_of_its_owner(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        region = self.env["retail.region"].create({"name": "E", "code": "T-E"})
        store = self.env["retail.store"].create(
            {
                "name": "Elsewhere",
                "code": "T-E1",
                "company_id": other.id,
                "region_id": region.id,
                "tz": "UTC",
            }
        )
        stores = self.own_stores | store
        self.campaign.store_domain = str([("id", "in", stores.ids)])
        self._plan()
        self.assertEqual(self.campaign.sudo().checklist_ids.store_id, self.own_stores)

    def test_moving_the_launch_moves_what_is_open(self):
        checklist = self._plan()
        display, stock, _posters = checklist.item_ids
        display.with_user(self.manager).action_done()
        before = checklist.item_ids.mapped("due_at")
        with freeze_time(TODAY):
            self.campaign.launch_date = "2026-03-07"
        self.assertEqual(display.due_at, before[0])
        self.assertEqual(stock.due_at, before[1] + timedelta(days=1))
        self.assertEqual(self.campaign.launch_at, LAUNCH + timedelta(days=1))

    def test_the_checklist_of_a_planned_campaign_stays(self):
        self._plan()
        with self.assertRaisesRegex(UserError, "Make a copy"):
            self.campaign.template_id = self.steps.copy().id

    def test_a_campaign_cannot_end_before_its_launch(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            with self.env.cr.savepoint():
                self.campaign.end_date = "2026-03-01"

    def test_two_hundred_stores_are_planned_with_few_queries_each(self):
        self._select_two_hundred_stores()
        self.env.flush_all()
        start = self.env.cr.sql_log_count
        self._plan()
        self.env.flush_all()
        self.assertEqual(len(self.campaign.checklist_ids), 200)
        self.assertLess((self.env.cr.sql_log_count - start) / 200, 0.5)

    def test_two_hundred_late_stores_raise_an_exception_each_within_bounds(self):
        self._select_two_hundred_stores()
        self._plan()
        checklists = self.campaign.sudo().checklist_ids
        with freeze_time(checklists[0].item_ids[0].due_at):
            self.env.flush_all()
            start = self.env.cr.sql_log_count
            checklists._mark_overdue()
            self.env.flush_all()
        self.assertEqual(len(checklists.exception_ids), 200)
        # Each store has opening hours, and each owner a notice, of its own.
        self.assertLess((self.env.cr.sql_log_count - start) / 200, 20)

    def test_a_new_campaign_lacks_nothing_yet(self):
        with freeze_time(TODAY):
            self._start()
        with Form(self.env["retail.campaign"].with_user(self.operations)) as form:
            self.assertFalse(form.risk_note)
            form.name = "Spring"
            form.launch_date = "2026-04-01"
            form.template_id = self.steps
        self.assertFalse(form.record.store_count)

    # === Readiness === #
    def test_readiness_shows_per_store_region_and_chain(self):
        self._plan()
        for item in self._part_of(self.store).item_ids.with_user(self.manager):
            item.action_done()
        self.assertEqual(self._part_of(self.store).readiness, 100)
        self.env.flush_all()
        regions = {
            row.region_id: (round(row.readiness), row.ready_count, row.store_count)
            for row in self.campaign.region_ids
        }
        self.assertEqual(regions[self.region], (50, 1, 2))
        self.assertEqual(regions[self.country], (50, 1, 2))
        self.assertEqual(regions[self.far_region], (0, 0, 1))
        self.campaign.invalidate_recordset()
        self.assertAlmostEqual(self.campaign.readiness, 100 / 3, 2)
        self.assertEqual(self.campaign.ready_count, 1)

    def test_a_missing_veto_keeps_a_store_from_being_ready(self):
        checklist = self._plan()
        checklist.item_ids[1].weight = 0.1
        for item in checklist.item_ids[0] | checklist.item_ids[2]:
            item.with_user(self.manager).action_done()
        self.assertEqual(checklist.readiness, 89)
        self.assertFalse(checklist.is_ready)
        self.assertEqual(checklist.missing, "Stock is on the floor (veto)")

    def test_the_campaign_says_who_is_late_what_is_missing_and_how_risky_it_is(self):
        self._overdue_exception()
        self.campaign.invalidate_recordset()
        self.assertEqual(self.campaign.late_count, 3)
        self.assertEqual(self.campaign.risk, "high")
        first = self.campaign.risk_note.split("\n")[0]
        self.assertIn("Display is built (veto, 3 overdue), stores without it: 3", first)
        self.assertIn("T042", first)
        action = self.campaign.action_open_late()
        late = self.env["retail.checklist"].search(action["domain"])
        self.assertEqual(late.store_id, self.own_stores)

    def test_a_regional_manager_sees_the_figures_of_his_own_stores(self):
        self._plan()
        for item in self._part_of(self.store).item_ids.with_user(self.manager):
            item.action_done()
        self.env.flush_all()
        campaign = self.campaign.with_user(self.region_manager)
        self.assertEqual(campaign.store_count, 2)
        self.assertEqual(campaign.readiness, 50)
        self.assertEqual(campaign.region_ids.region_id, self.region)

    def test_campaigns_sort_by_readiness(self):
        self._plan()
        second = self._create_campaign(name="Later", launch_date="2026-03-09")
        with freeze_time(TODAY):
            second.action_plan()
        for item in self._part_of(self.store).item_ids.with_user(self.manager):
            item.action_done()
        Campaign = self.env["retail.campaign"].with_user(self.operations)
        both = (self.campaign | second).ids
        for order, first in (("readiness desc", self.campaign), ("readiness", second)):
            found = Campaign.search([("id", "in", both)], order=order)
            self.assertEqual(found[0], first)
        described = Campaign.fields_get(["readiness"], ["sortable"])
        self.assertTrue(described["readiness"]["sortable"])

    def test_stores_sort_by_how_high_their_risk_is(self):
        parts = self._plan() | self._part_of(self.far_store)
        for item in parts[0].item_ids.with_user(self.manager):
            item.action_done()
        dialog = {"item_id": parts[1].item_ids[0].id, "answer": "failed", "note": "x"}
        answer = self.env["retail.checklist.answer"].with_user(self.far_manager)
        answer.create(dialog).action_confirm()
        found = self.env["retail.checklist"].search(
            [("campaign_id", "=", self.campaign.id)], order="risk desc"
        )
        self.assertEqual(found.mapped("risk"), ["high", "medium", "none"])

    # === Dates === #
    def test_it_goes_live_and_ends_by_its_dates(self):
        checklist = self._plan()
        with freeze_time(LAUNCH):
            self._run_cron("cron_campaign_dates")
        self.assertEqual(self.campaign.state, "live")
        [facts] = self._facts_of(self.campaign, "campaign.live")
        self.assertEqual(facts["stores"], 3)
        with freeze_time("2026-03-22 18:00:00"):
            self._run_cron("cron_campaign_dates")
        self.assertEqual(self.campaign.state, "ended")
        self.assertEqual(checklist.state, "missed")
        with self.assertRaisesRegex(UserError, "has ended"):
            checklist.item_ids[0].with_user(self.manager).action_done()

    def test_a_draft_is_neither_started_nor_ended(self):
        for step in (self.campaign.action_go_live, self.campaign.action_end):
            self.assertRaisesRegex(UserError, "this is done while", step)

    def test_a_copy_is_a_draft_without_stores(self):
        self._plan()
        copy = self.campaign.copy()
        self.assertEqual(copy.state, "draft")
        self.assertFalse(copy.checklist_ids)

    def test_only_drafts_are_deleted(self):
        self._create_campaign(name="Mistake").unlink()
        self._plan()
        with self.assertRaisesRegex(UserError, "end it instead"):
            self.campaign.unlink()

    # === Escalation === #
    def test_a_readiness_item_left_undone_escalates_to_the_regional_manager(self):
        exception = self._overdue_exception()
        self.assertEqual(exception.type_id.code, "promotion_readiness")
        self.assertEqual(exception.user_id, self.manager)
        with freeze_time(exception.resolve_due + timedelta(minutes=1)):
            self._run_cron("cron_escalate")
        self.assertEqual(exception.user_id, self.region_manager)
        self.assertEqual(exception.escalation_level, 1)

    def test_a_missing_veto_item_makes_the_exception_severe_and_says_so(self):
        exception = self._overdue_exception()
        self.assertEqual(exception.severity, "high")
        self.assertIn(
            "“A veto item is missing” decided: Veto items missing > 0 (it is 2)",
            exception.classification_note,
        )


class TestRegionFinishes(CampaignCase):
    """A promotion-readiness exception is finished by its region (R-054)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.readiness = cls.env.ref("retail_ops_core.type_promotion_readiness")
        [cls.case] = (
            cls.env["retail.exception"]
            .sudo()
            ._intake(
                [
                    {
                        "store_id": cls.store.id,
                        "type_id": cls.readiness.id,
                        "summary": "Display is missing",
                        "origin": "event",
                    }
                ]
            )
        )

    def _step(self, user, step, exception=None):
        exception = exception or self.case
        return (
            self.env["retail.exception.step"]
            .with_user(user)
            .create({"step": step, "exception_ids": exception.ids, "note": "Done"})
            .action_confirm()
        )

    def test_a_store_user_cannot_finish_it(self):
        for user in (self.member, self.manager):
            for step in ("resolve", "cancel"):
                with self.subTest(user=user.login, step=step):
                    with self.assertRaisesRegex(UserError, "finished by its region"):
                        self._step(user, step)
        self.assertEqual(self.case.state, "triaged")

    def test_headquarters_does_not_take_the_regions_place(self):
        for user in (self.operations, self.admin):
            with self.subTest(user.login):
                with self.assertRaisesRegex(UserError, "ask Region Manager"):
                    self._step(user, "resolve")

    def test_the_regional_manager_resolves_and_closes_it(self):
        self._step(self.region_manager, "resolve")
        self.assertEqual(self.case.state, "resolved")
        with self.assertRaisesRegex(UserError, "finished by its region"):
            self.case.with_user(self.manager).action_close()
        self.case.with_user(self.region_manager).action_close()
        self.assertEqual(self.case.state, "closed")

    def test_a_manager_further_up_may_finish_it_too(self):
        self._step(self.country_manager, "resolve")
        self.assertEqual(self.case.state, "resolved")

    def test_the_superuser_of_automations_is_bound_by_it(self):
        with self.assertRaisesRegex(UserError, "finished by its region"):
            self.case.sudo()._set_resolved("By a rule")
        with self.assertRaisesRegex(UserError, "finished by its region"):
            self.case.with_user(self.manager).sudo()._set_cancelled("By a rule")

    def test_writing_the_state_as_superuser_is_refused_too(self):
        with self.assertRaisesRegex(ValidationError, "finished by its region"):
            self.case.sudo().write({"state": "closed"})

    def test_no_context_opens_it(self):
        for context in ({"su": True}, {"install_mode": True}, {"uid": 1}):
            with self.assertRaisesRegex(UserError, "finished by its region"):
                self.case.with_user(self.manager).with_context(
                    **context
                ).sudo()._set_resolved("x")

    def test_a_store_cannot_turn_it_into_another_kind_and_finish_that(self):
        case = self.case.with_user(self.manager)
        with self.assertRaisesRegex(UserError, "finished by its region"):
            case.write({"type_id": self.discrepancy.id})
        with self.assertRaisesRegex(UserError, "finished by its region"):
            case.write({"store_id": self.other_store.id})
        case.write({"type_id": self.readiness.id, "summary": "Display half built"})
        self.assertEqual(case.summary, "Display half built")

    def test_without_a_regional_manager_the_queues_owner_finishes_it(self):
        self.region.manager_id = self.country.manager_id = False
        self.case.queue_id.business_owner_id = self.operations
        self._step(self.operations, "resolve")
        self.assertEqual(self.case.state, "resolved")

    def test_a_former_regional_manager_cannot_finish_it(self):
        self.region.manager_id = self.far_manager
        with self.assertRaises(UserError):
            self.case.with_user(self.region_manager).sudo()._set_resolved("x")

    def test_an_administrator_can_let_stores_finish_a_type(self):
        self.readiness.with_user(self.admin).region_decides = False
        self._step(self.manager, "resolve")
        self.assertEqual(self.case.state, "resolved")

    def test_the_region_is_asked_once_the_store_has_done_its_part(self):
        exception = self._overdue_exception()
        checklist = exception.checklist_id
        with self.assertRaisesRegex(UserError, "Do them, or say why not"):
            self._step(self.region_manager, "resolve", exception)
        self._finish(checklist)
        kind = self.env.ref("retail_ops_core.activity_confirm_readiness")
        asked = exception.activity_ids.filtered(lambda a: a.activity_type_id == kind)
        self.assertEqual(asked.user_id, self.region_manager)
        self._step(self.region_manager, "resolve", exception)
        self.assertEqual(exception.state, "resolved")
        self.assertFalse(exception.activity_ids)
