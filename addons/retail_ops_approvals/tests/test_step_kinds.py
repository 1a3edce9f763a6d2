from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .test_store_request import StoreRequestCase


@tagged("post_install", "-at_install")
class TestStepKinds(StoreRequestCase):
    """Whom a step can ask, shown on what a store asks for."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.group_finance = cls.env.ref("retail_ops_core.group_finance")
        cls.second_finance = new_test_user(
            cls.env, "test_finance_2", "retail_ops_core.group_finance"
        )
        cls.holder = new_test_user(cls.env, "test_holder", "base.group_user")
        cls.centre = cls.env["retail.cost.centre"].create(
            {"code": "4711", "name": "Fresh food", "owner_id": cls.holder.id}
        )

    def _decided_by(self, *steps, user=None, **values):
        """Return the request about a need that these steps decide."""
        self._publish_policy([{"kind_id": self.procurement.id, "steps": list(steps)}])
        return self._request_of(self._ask(self.procurement, user, **values))

    def _role(self, **values):
        return {"approver": "group", "group_id": self.group_finance.id, **values}

    def _make_late(self, request):
        request.step_ids.due_at = fields.Datetime.now() - timedelta(minutes=1)
        self._run("cron_escalate")

    # === ROLE, PERSON, MANAGERS === #

    def test_any_of_a_role_is_enough(self):
        request = self._decided_by(self._role())
        self._approve(request, self.second_finance)
        self.assertEqual(request.state, "approved")

    def test_all_of_a_role_have_to_approve(self):
        request = self._decided_by(self._role(need="all"))
        self._approve(request, self.second_finance)
        self.assertEqual(request.state, "pending")
        self._approve(request, self.finance)
        self.assertEqual(request.state, "approved")

    def test_two_of_a_role_have_to_approve(self):
        third = new_test_user(
            self.env, "test_finance_3", "retail_ops_core.group_finance"
        )
        request = self._decided_by(self._role(need="number", needed_number=2))
        self.assertIn(third, request.step_ids.approver_ids)
        self._approve(request, self.finance)
        self.assertEqual(request.state, "pending")
        self._approve(request, third)
        self.assertEqual(request.state, "approved")

    def test_whoever_holds_the_role_now_decides_and_the_row_stays(self):
        request = self._decided_by(self._role())
        rule = request.rule_id
        self.group_finance.user_ids = [
            Command.unlink(self.finance.id),
            Command.link(self.holder.id),
        ]
        with self.assertRaises(AccessError):
            self._approve(request, self.finance)
        later = self._request_of(self._ask(self.procurement))
        self.assertEqual(later.rule_id, rule)
        self.assertIn(self.holder, later.step_ids.approver_ids)
        self._approve(later, self.holder)
        self.assertEqual(later.state, "approved")

    def test_a_person(self):
        request = self._decided_by({"approver": "user", "user_id": self.holder.id})
        self._approve(request, self.holder)
        self.assertEqual(request.state, "approved")

    def test_the_stores_manager_decides_about_his_team_and_never_about_himself(self):
        request = self._decided_by("store", user=self.member)
        self._approve(request, self.manager)
        self.assertEqual(request.state, "approved")
        own = self._request_of(self._ask(self.procurement, self.manager))
        self.assertEqual(own.block, "no_people")

    def test_the_manager_so_many_levels_up(self):
        for level, boss in ((0, self.region_manager), (1, self.country_manager)):
            request = self._decided_by(
                {"approver": "region_manager", "region_level": level}
            )
            self.assertEqual(request.step_ids.approver_ids, boss)
            self._approve(request, boss)
            self.assertEqual(request.state, "approved")

    def test_one_after_the_other(self):
        request = self._decided_by("region", self._role(sequence=20))
        later = request.step_ids[1]
        self.assertEqual(later.state, "waiting")
        with self.assertRaises(AccessError):
            self._approve(request, self.finance)
        self._approve(request, self.region_manager)
        self.assertEqual(later.state, "open")
        self.assertIn(self.finance, request.activity_ids.user_id)
        self._approve(request, self.finance)
        self.assertEqual(request.state, "approved")

    # === COST CENTRE === #

    def test_the_stores_cost_centre_bears_what_it_asks_for(self):
        self.store.cost_centre_id = self.centre
        request = self._decided_by({"approver": "cost_centre"})
        self.assertEqual(request.cost_centre_id, self.centre)
        self.assertEqual(request.step_ids.name, "Cost centre owner")
        self._approve(request, self.holder)
        self.assertEqual(request.state, "approved")

    def test_a_request_can_name_another_cost_centre(self):
        owner = self.second_finance
        other = self.centre.copy({"code": "4712", "owner_id": owner.id})
        self.store.cost_centre_id = self.centre
        request = self._decided_by({"approver": "cost_centre"}, cost_centre_id=other.id)
        self.assertEqual(request.step_ids.approver_ids, owner)

    def test_without_a_cost_centre_the_policys_owner_hears_of_it(self):
        request = self._decided_by({"approver": "cost_centre"})
        self.assertEqual(request.block, "no_people")
        self.assertIn(request.owner_id, request.activity_ids.user_id)

    def test_nobody_moves_the_cost_while_somebody_is_asked(self):
        self.store.cost_centre_id = self.centre
        request = self._decided_by({"approver": "cost_centre"})
        own = self.centre.copy({"code": "4713", "owner_id": self.finance.id})
        asked = request._document().with_user(self.manager)
        with self.assertRaisesRegex(UserError, "withdraw"):
            asked.cost_centre_id = own

    def test_only_administrators_name_owners_and_it_is_in_the_ledger(self):
        for user in (self.manager, self.operations, self.finance):
            with self.assertRaises(AccessError):
                self.centre.with_user(user).owner_id = user
        self.centre.with_user(self.admin).owner_id = self.finance
        entry = self.env["retail.audit.entry"].search([], limit=1)
        self.assertEqual(entry.action, "approval.cost_centre.owner")

    def test_a_cost_centre_of_another_company_is_not_seen(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        far = self.centre.copy({"code": "1", "company_id": other.id})
        self.assertFalse(far.with_user(self.manager).has_access("read"))
        self.assertTrue(self.centre.with_user(self.manager).has_access("read"))

    # === ESCALATION TO A ROLE === #

    def _to_role(self, **values):
        return {
            "approver": "region_manager",
            "hours": 8,
            "escalate": "role",
            "escalate_group_id": self.group_finance.id,
            **values,
        }

    def test_a_late_step_asks_the_named_role_as_well(self):
        request = self._decided_by(self._to_role())
        self._make_late(request)
        step = request.step_ids
        self.assertLessEqual(self.finance | self.second_finance, step.approver_ids)
        self.assertIn(self.region_manager, step.approver_ids)
        self.assertIn("is asked as well", "".join(request.message_ids.mapped("body")))
        self._approve(request, self.finance)
        self.assertEqual(request.state, "approved")

    def test_the_role_is_asked_once_and_then_the_policys_owner(self):
        request = self._decided_by(self._to_role())
        self._make_late(request)
        self._make_late(request)
        self.assertTrue(request.step_ids.is_escalation_over)
        self.assertIn(request.owner_id, request.activity_ids.user_id)

    def test_the_role_is_asked_at_once_where_nobody_named_may_decide(self):
        step = self._to_role(approver="store_manager")
        request = self._decided_by(step, user=self.manager)
        self.assertIn(self.finance, request.step_ids.approver_ids)
        self.assertNotIn(self.manager, request.step_ids.approver_ids)
        self._approve(request, self.finance)
        self.assertEqual(request.state, "approved")

    def test_an_escalation_to_a_role_names_it(self):
        with self.assertRaises(ValidationError):
            self._draft_policy([{"steps": [self._to_role(escalate_group_id=False)]}])

    def test_they_travel_in_a_spreadsheet(self):
        steps = [self._to_role(), {"approver": "cost_centre", "sequence": 20}]
        draft = self._draft_policy([{"steps": steps}])
        before = draft.rule_ids._sheet_steps()
        imports = self.env["retail.approval.import"].with_user(self.admin)
        imports.create(
            {"policy_id": draft.id, "file": draft.sheet, "filename": "matrix.xlsx"}
        ).action_import()
        self.assertEqual(draft.rule_ids._sheet_steps(), before)
        self.assertIn("escalate to Finance", before["step 1"])
        self.assertEqual(before["step 2"], "Cost centre owner")

    def test_a_back_test_asks_the_cost_centres_owner(self):
        self.store.cost_centre_id = self.centre
        past = self._request_of(self._ask(self.procurement))
        step = {"approver": "cost_centre"}
        draft = self._draft_policy([{"kind_id": self.procurement.id, "steps": [step]}])
        backtest = (
            self.env["retail.approval.backtest"]
            .with_user(self.admin)
            .create({"policy_id": draft.id, "domain": f"[('id', '=', {past.id})]"})
        )
        backtest.action_run()
        asked = backtest.load_line_ids.filtered("asked_after")
        self.assertEqual(asked.user_id, self.holder)
