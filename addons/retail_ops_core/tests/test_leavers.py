from odoo.exceptions import ValidationError
from odoo.tests import new_test_user

from .checklist_common import ChecklistCase


class TestLeavers(ChecklistCase):
    """Whoever keeps the users archives one, and no work is left behind."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keeper = new_test_user(
            cls.env, "test_keeper", "base.group_erp_manager", name="Keeper"
        )
        cls.deputy = new_test_user(
            cls.env,
            "test_deputy",
            "retail_ops_core.group_store_manager",
            name="Deputy",
        )

    def _campaign(self):
        steps = self._create_template(name="Promotion steps", kind="campaign")
        return self.env["retail.campaign"].create(
            {
                "name": "Grill season",
                "launch_date": "2099-03-06",
                "template_id": steps.id,
                "owner_id": self.operations.id,
                "store_domain": str([("id", "in", self.own_stores.ids)]),
            }
        )

    def _archive(self, user):
        user.with_user(self.keeper).action_archive()
        self.assertFalse(user.active)

    def _said_on_the_card(self, user):
        return "".join(user.partner_id.message_ids.mapped("body"))

    # === Each kind of work has an heir === #
    def test_exceptions_go_to_whoever_is_next_in_line_in_one_notice(self):
        exceptions = self._take_in() | self._take_in(store_id=self.other_store.id)
        self._archive(self.manager)
        self.assertEqual(exceptions.user_id, self.region_manager)
        self.assertEqual(exceptions.activity_ids.user_id, self.region_manager)

    def test_a_store_goes_to_a_manager_of_its_team(self):
        self.store.member_ids |= self.deputy
        self._archive(self.manager)
        self.assertEqual(self.store.manager_id, self.deputy)

    def test_a_store_without_deputy_goes_to_its_region_or_the_one_above(self):
        self._archive(self.manager)
        self.assertEqual(self.store.manager_id, self.region_manager)
        self._archive(self.region_manager)
        self.assertEqual(self.store.manager_id, self.country_manager)
        self.assertEqual(self.region.manager_id, self.country_manager)

    def test_a_place_that_nobody_can_take_is_named(self):
        self._archive(self.far_manager)
        self.assertFalse(self.far_store.manager_id)
        self.assertRegex(
            self._said_on_the_card(self.far_manager), "Nobody yet: store T099"
        )

    def test_a_queue_goes_to_the_owners_manager(self):
        self.queue.write(
            {
                "business_owner_id": self.operations.id,
                "technical_owner_id": self.operations.id,
                "alert_user_id": self.admin.id,
                "member_ids": [(4, self.operations.id)],
            }
        )
        self._archive(self.operations)
        self.assertEqual(self.queue.business_owner_id, self.admin)
        self.assertEqual(self.queue.technical_owner_id, self.admin)
        self.assertNotIn(self.operations, self.queue.member_ids)

    def test_a_queue_without_owners_manager_goes_to_its_other_owner(self):
        self.queue.write(
            {
                "business_owner_id": self.operations.id,
                "technical_owner_id": self.admin.id,
                "alert_user_id": False,
            }
        )
        self._archive(self.operations)
        self.assertEqual(self.queue.business_owner_id, self.admin)

    def test_a_campaign_goes_to_the_queue_its_checklists_report_to(self):
        planner = new_test_user(
            self.env, "test_planner", "retail_ops_core.group_operations"
        )
        campaign = self._campaign()
        campaign.owner_id = planner
        queue = campaign.template_id.exception_type_id.queue_id
        queue.business_owner_id = self.operations
        self._archive(planner)
        self.assertEqual(campaign.owner_id, self.operations)

    def test_memberships_end(self):
        self.queue.member_ids |= self.member
        self._archive(self.member)
        self.assertNotIn(self.member, self.store.member_ids)
        self.assertNotIn(self.member, self.queue.member_ids)

    def test_an_activity_without_owner_field_is_kept_for_somebody(self):
        exception = self._take_in()
        activity = exception.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.member.id, summary="Recount"
        )
        report = self.env["retail.store.report"].create(
            {"store_id": self.store.id, "business_date": "2026-03-02"}
        )
        due = report.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.member.id
        )
        self._archive(self.member)
        self.assertEqual(activity.user_id, self.manager)
        self.assertEqual(due.user_id, self.manager)

    def test_a_review_stays_with_the_queue(self):
        exception = self._take_in(unit_cost=200)
        review = exception.activity_ids.filtered(
            lambda act: act.user_id == self.operations
        )
        self.assertTrue(review)
        self.queue.alert_user_id = self.admin
        self._archive(self.operations)
        self.assertTrue(review.exists())
        self.assertTrue(review.user_id.active)

    # === It is said === #
    def test_the_archive_says_what_went_to_whom(self):
        exception = self._take_in()
        self._archive(self.manager)
        card = self._said_on_the_card(self.manager)
        self.assertIn("Region Manager: ", card)
        self.assertIn("store T042", card)
        self.assertIn("1 open exceptions", card)
        told = self.env["mail.message"].search(
            [("partner_ids", "in", self.keeper.partner_id.ids)], limit=1
        )
        self.assertIn("store T042", told.body)
        heir = self.env["mail.message"].search(
            [("partner_ids", "in", self.region_manager.partner_id.ids)], limit=1
        )
        self.assertIn("work handed over", heir.subject)
        entry = self.env["retail.audit.entry"].search(
            [("model", "=", "res.users"), ("res_id", "=", self.manager.id)]
        )
        self.assertEqual(entry.action, "user.handed_over")
        self.assertIn(str(self.region_manager.id), entry.facts)
        self.assertEqual(exception.user_id, self.region_manager)

    def test_archiving_somebody_without_work_says_nothing(self):
        self._archive(self.outsider)
        self.assertFalse(
            self.env["retail.audit.entry"].search_count(
                [("model", "=", "res.users"), ("res_id", "=", self.outsider.id)]
            )
        )

    def test_coming_back_gives_nothing_back_by_itself(self):
        self._archive(self.manager)
        self.manager.with_user(self.keeper).action_unarchive()
        self.assertEqual(self.store.manager_id, self.region_manager)

    # === Nobody who left answers for anything === #
    def test_somebody_who_left_is_not_made_an_owner_again(self):
        self._archive(self.outsider)
        gone = {"manager_id": self.outsider.id}
        for attempt in (
            lambda: self.store.with_user(self.admin).write(gone),
            lambda: self.region.with_user(self.admin).write(gone),
            lambda: self.queue.with_user(self.admin).write(
                {"business_owner_id": self.outsider.id}
            ),
            lambda: self._campaign().write({"owner_id": self.outsider.id}),
        ):
            with self.assertRaisesRegex(ValidationError, "has left.*choose somebody"):
                attempt()

    def test_a_queue_whose_owner_left_long_ago_still_finds_somebody(self):
        self.store.manager_id = self.region.manager_id = False
        self.country.manager_id = False
        self.queue.alert_user_id = False
        self.env.cr.execute(
            "UPDATE res_users SET active = FALSE WHERE id = %s", [self.operations.id]
        )
        self.env.invalidate_all()
        self.assertTrue(self._take_in().user_id.active)
        self.env.cr.execute(
            "UPDATE retail_queue SET alert_user_id = %s", [self.admin.id]
        )
        self.env.invalidate_all()
        self.assertEqual(self._take_in().user_id, self.admin)
