from odoo import Command
from odoo.tests import new_test_user, tagged

from .common import ApprovalCase

ALERT = "retail_ops_approvals.activity_policy_dead_end"


@tagged("post_install", "-at_install")
class TestDeadEndOfPolicy(ApprovalCase):
    """Rows whose requests nobody could decide are found before anybody asks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second_lp = new_test_user(
            cls.env, "test_second_lp", "retail_ops_core.group_loss_prevention"
        )

    def _problems(self, *steps):
        draft = self._draft_policy([{"steps": list(steps)}])
        return "\n".join(draft._find_dead_ends())

    def _of_role(self, name, **values):
        group = self.env.ref(f"retail_ops_core.group_{name}")
        return {"approver": "group", "group_id": group.id, **values}

    def _keep_apart(self, one, other):
        self.env["retail.approval.incompatibility"].create(
            {
                "group_id": self.env.ref(f"retail_ops_core.group_{one}").id,
                "other_group_id": self.env.ref(f"retail_ops_core.group_{other}").id,
                "reason": "Control handbook 3.2",
            }
        )

    def test_a_row_that_distinct_people_can_fill_is_no_dead_end(self):
        self.assertFalse(self._problems("region", "loss"))

    def test_two_decisions_of_a_role_with_one_holder(self):
        self.second_lp.active = False
        two = self._of_role("loss_prevention", need="number", needed_number=2)
        self.assertIn("Too few different people", self._problems(two))

    def test_the_only_holder_of_a_role_cannot_have_his_own_requests_decided(self):
        self.second_lp.active = False
        problems = self._problems("loss")
        self.assertIn("Nobody but Loss Prevention decides", problems)

    def test_one_person_in_two_steps(self):
        self.second_lp.active = False
        self.assertIn("Too few", self._problems("loss", "loss"))

    def test_stores_without_the_manager_a_row_asks_are_named(self):
        self.far_region.manager_id = False
        problems = self._problems("region")
        self.assertIn("T099", problems)
        self.assertNotIn("T042", problems)

    def test_the_office_that_the_first_alert_makes_is_no_dead_end(self):
        self.env["retail.store"]._office_of(self.env.company)
        self.assertFalse(self._problems("region"))
        self.assertFalse(self.env["retail.control"]._check_dead_ends())

    def _plan_a_store(self, state="planned"):
        """A store that is prepared: its region has no manager yet."""
        region = self.env["retail.region"].create({"name": "New", "code": "T-NEW"})
        values = {"name": "New", "code": "T777", "region_id": region.id, "state": state}
        return self.env["retail.store"].create(values)

    def test_a_store_being_planned_breaks_no_control_and_the_draft_tells_of_it(self):
        self._plan_a_store()
        self.assertFalse(self.env["retail.control"]._check_dead_ends())
        self.assertIn("T777", self._problems("region"))

    def test_once_it_runs_the_control_says_whom_to_name(self):
        self._plan_a_store("live")
        [failure] = self.env["retail.control"]._check_dead_ends()
        self.assertIn("T777", failure)
        self.assertIn("Name the manager who is missing", failure)

    def test_a_closed_store_is_no_dead_end(self):
        self._plan_a_store("closed")
        self.assertFalse(self._problems("region"))

    def test_a_manager_without_access_to_the_stores_company_counts_as_none(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.region_manager.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        self.assertIn("T042", self._problems("region"))

    def test_the_next_manager_up_fills_the_place_when_the_step_escalates(self):
        self.far_region.write({"manager_id": False, "parent_id": self.country.id})
        self.assertFalse(self._problems("climb"))

    def test_two_roles_that_must_not_meet_in_one_row(self):
        self._keep_apart("operations", "finance")
        steps = self._of_role("operations"), self._of_role("finance")
        self.assertIn("Too few different people", self._problems(*steps))

    def test_publishing_hands_it_to_the_owner_at_once_with_the_reason(self):
        self.far_region.manager_id = False
        policy = self._publish_policy([{"steps": ["region"]}])
        [alert] = policy.activity_ids.filtered(
            lambda each: each.activity_type_id == self.env.ref(ALERT)
        )
        self.assertEqual(alert.user_id, policy.owner_id)
        self.assertIn("T099", alert.note)
        entry = self.env["retail.audit.entry"].search(
            [("action", "=", "approval.policy.dead_end"), ("res_id", "=", policy.id)]
        )
        self.assertEqual(entry.facts["version"], policy.version)


@tagged("post_install", "-at_install")
class TestDeadEndOfRequest(ApprovalCase):
    def test_two_roles_that_must_not_meet_are_found_when_it_is_asked(self):
        roles = {}
        for name in ("operations", "finance"):
            roles[name] = self.env.ref(f"retail_ops_core.group_{name}")
        steps = [{"approver": "group", "group_id": one.id} for one in roles.values()]
        self.env["retail.approval.incompatibility"].create(
            {
                "group_id": roles["operations"].id,
                "other_group_id": roles["finance"].id,
                "reason": "Control handbook 3.2",
            }
        )
        self._publish_policy([{"steps": steps}])
        exception = self._write_off()
        request = self._request_of(exception)
        self.assertEqual(request.block, "no_people")
        self.assertEqual(request.activity_ids.user_id, request.owner_id)
        preview = exception.with_user(self.manager).approval_preview()
        self.assertEqual(preview["block"], "no_people")

    def test_who_loses_the_role_leaves_no_request_waiting_for_nobody(self):
        request = self._request_of(self._write_off())
        group = self.env.ref("retail_ops_core.group_loss_prevention")
        self.loss_prevention.group_ids = [Command.unlink(group.id)]
        self.assertTrue(request.is_blocked)
        self.assertIn(request.owner_id, request.activity_ids.user_id)

    def test_who_leaves_the_role_by_the_roles_own_form_neither(self):
        request = self._request_of(self._write_off())
        group = self.env.ref("retail_ops_core.group_loss_prevention")
        group.user_ids = [Command.unlink(self.loss_prevention.id)]
        self.assertTrue(request.is_blocked)
