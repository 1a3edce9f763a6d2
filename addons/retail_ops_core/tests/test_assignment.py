from datetime import timedelta

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, new_test_user

from .common import RetailOpsCase


class TestAssignment(RetailOpsCase):
    """Who gets a case, and why; whoever is away gets none."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.discrepancy.write({"storm_threshold": 0, "repeat_limit": 0})
        cls.ann, cls.ben, cls.cleo = (
            new_test_user(
                cls.env,
                f"test_{name}",
                "retail_ops_core.group_specialist",
                name=name.title(),
            )
            for name in ("ann", "ben", "cleo")
        )
        cls.queue.member_ids = cls.ann | cls.ben | cls.cleo
        cls.cooling, cls.wiring = cls.env["retail.skill"].create(
            [{"name": "Cooling"}, {"name": "Wiring"}]
        )

    def _profile(self, user, **values):
        return (
            self.env["retail.queue.profile"]
            .with_user(self.admin)
            .create({"queue_id": self.queue.id, "user_id": user.id, **values})
        )

    def _away(self, user):
        now = self.env.cr.now()
        user.write(
            {
                "out_of_office_from": now - timedelta(days=1),
                "out_of_office_to": now + timedelta(days=1),
            }
        )

    def _chosen(self, **values):
        exception = self._take_in(**values)
        return exception.user_id, exception.assignment_note

    # === By place in the network === #
    def test_the_stores_manager(self):
        self.assertEqual(self._chosen(), (self.manager, "Manages the store."))

    def test_the_region_when_the_stores_manager_is_away_or_missing(self):
        self._away(self.manager)
        user, note = self._chosen()
        self.assertEqual(user, self.region_manager)
        self.assertIn("store's manager is missing", note)

    def test_the_queues_owner_when_the_region_is_away_too(self):
        self._away(self.manager)
        self._away(self.region_manager)
        user, note = self._chosen()
        self.assertEqual(user, self.operations)
        self.assertIn("nobody else is there", note)

    def test_the_regions_manager_by_rule(self):
        self.queue.assignment = "region_manager"
        self.assertEqual(self._chosen(), (self.region_manager, "Manages the region."))
        self.assertEqual(self._chosen(store_id=self.far_store.id)[0], self.operations)

    def test_the_business_owner_by_rule(self):
        self.queue.assignment = "business_owner"
        self.assertEqual(self._chosen()[0], self.operations)

    # === By load === #
    def test_the_member_with_least_open_work(self):
        self.queue.assignment = "least_loaded"
        first, second, third, fourth = (self._chosen()[0] for _number in range(4))
        self.assertEqual(first | second | third, self.ann | self.ben | self.cleo)
        self.assertEqual(fourth, first)

    def test_a_batch_is_shared_out_too(self):
        self.queue.assignment = "least_loaded"
        cases = self.env["retail.exception"].concat(
            *self.env["retail.exception"]
            .sudo()
            ._intake([self._fact() for _number in range(9)])
        )
        load = {user: len(theirs) for user, theirs in cases.grouped("user_id").items()}
        self.assertEqual(load, {self.ann: 3, self.ben: 3, self.cleo: 3})

    def test_whoever_is_away_gets_no_share(self):
        self.queue.assignment = "least_loaded"
        self._away(self.ann)
        self.ben.active = False
        for _number in range(3):
            self.assertEqual(self._chosen()[0], self.cleo)

    def test_with_nobody_there_the_owner_answers(self):
        for assignment in ("least_loaded", "best_fit"):
            self.queue.assignment = assignment
            for user in self.queue.member_ids:
                self._away(user)
            self.assertEqual(self._chosen()[0], self.operations)

    # === By fit === #
    def test_the_skill_that_the_type_asks_for_decides(self):
        self.queue.assignment = "best_fit"
        self.discrepancy.skill_ids = self.cooling
        self._profile(self.ann, skill_ids=[(6, 0, self.wiring.ids)])
        self._profile(self.ben, skill_ids=[(6, 0, self.cooling.ids)])
        user, note = self._chosen()
        self.assertEqual(user, self.ben)
        self.assertIn("skills Cooling", note)
        self.assertEqual(self._chosen()[0], self.ben)

    def test_more_of_the_skills_fit_better(self):
        self.queue.assignment = "best_fit"
        self.discrepancy.skill_ids = self.cooling | self.wiring
        self._profile(self.ann, skill_ids=[(6, 0, self.wiring.ids)])
        self._profile(self.ben, skill_ids=[(6, 0, (self.cooling | self.wiring).ids)])
        self.assertEqual(self._chosen()[0], self.ben)

    def test_without_the_skill_the_others_do_it_and_the_note_says_so(self):
        self.queue.assignment = "best_fit"
        self.discrepancy.skill_ids = self.cooling
        self._profile(self.ben, skill_ids=[(6, 0, self.cooling.ids)])
        self._away(self.ben)
        user, note = self._chosen()
        self.assertEqual(user, self.ann)
        self.assertIn("nobody has the skills", note)

    def test_whoever_serves_the_store_comes_before_its_region_and_the_rest(self):
        self.queue.assignment = "best_fit"
        self._profile(self.cleo, store_ids=[(6, 0, self.store.ids)])
        self._profile(self.ben, region_ids=[(6, 0, self.country.ids)])
        self.assertIn("serves this store", self._chosen()[1])
        self.assertEqual(self._chosen()[0], self.cleo)
        self._away(self.cleo)
        user, note = self._chosen()
        self.assertEqual(user, self.ben)
        self.assertIn("serves its region", note)
        self._away(self.ben)
        self.assertEqual(self._chosen()[0], self.ann)

    def test_whoever_serves_other_stores_only_gets_none_of_this_one(self):
        self.queue.assignment = "best_fit"
        for user in self.ann | self.ben | self.cleo:
            self._profile(user, region_ids=[(6, 0, self.far_region.ids)])
        self.assertEqual(self._chosen()[0], self.operations)
        near = self._chosen(store_id=self.far_store.id)[0]
        self.assertIn(near, self.ann | self.ben | self.cleo)

    def test_among_equals_the_least_open_work_decides(self):
        self.queue.assignment = "best_fit"
        users = [self._chosen()[0] for _number in range(6)]
        self.assertEqual({users.count(user) for user in users}, {2})

    # === The note follows === #
    def test_the_note_follows_whoever_takes_over(self):
        exception = self._take_in()
        exception.with_user(self.member).action_take()
        self.assertEqual(exception.assignment_note, "Taken over.")
        exception.with_user(self.manager).action_escalate()
        self.assertEqual(exception.assignment_note, "Escalated to level 1.")

    # === Setting it up === #
    def test_an_administrator_sets_up_who_serves_what(self):
        queue = self.queue.with_user(self.admin)
        queue.assignment = "best_fit"
        with Form(queue) as form, form.profile_ids.new() as line:
            line.user_id = self.ann
            line.skill_ids.add(self.cooling)
        self.assertEqual(queue.profile_ids.skill_ids, self.cooling)

    def test_only_the_team_has_profiles(self):
        with self.assertRaisesRegex(ValidationError, "add the user to the team"):
            self._profile(self.manager)

    def test_nobody_else_changes_them(self):
        profile = self._profile(self.ann)
        for user in (self.manager, self.operations, self.ann):
            with self.subTest(user.login), self.assertRaises(AccessError):
                profile.with_user(user).skill_ids = self.cooling

    def test_sharing_out_by_fit_costs_no_more_queries_for_a_batch(self):
        self.queue.assignment = "best_fit"
        self.discrepancy.skill_ids = self.cooling
        self._profile(self.ben, skill_ids=[(6, 0, self.cooling.ids)])
        self._take_in()
        self.env.flush_all()
        start = self.env.cr.sql_log_count
        self.env["retail.exception"].sudo()._intake([self._fact()] * 100)
        self.env.flush_all()
        self.assertLessEqual((self.env.cr.sql_log_count - start) / 100, 2)
