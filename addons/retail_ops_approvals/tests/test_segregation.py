from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import ApprovalCase


@tagged("post_install", "-at_install")
class TestSegregation(ApprovalCase):
    def test_nobody_approves_what_he_raised(self):
        self._publish_policy([{"steps": ["loss"]}])
        second = new_test_user(
            self.env, "test_second_lp", "retail_ops_core.group_loss_prevention"
        )
        exception = self._raise_by_hand(self.loss_prevention)
        request = self._request_of(exception)
        self.assertEqual(
            request.step_ids.approver_ids & self.loss_prevention, self.env["res.users"]
        )
        with self.assertRaisesRegex(AccessError, "asked for this approval"):
            request.with_user(self.loss_prevention).action_approve()
        self._approve(request, second)
        self.assertEqual(exception.sudo().state, "resolved")

    def test_the_explanation_names_who_was_left_out_and_why(self):
        self._publish_policy([{"steps": ["loss"]}])
        new_test_user(
            self.env, "test_second_lp", "retail_ops_core.group_loss_prevention"
        )
        request = self._request_of(self._raise_by_hand(self.loss_prevention))
        self.assertIn(
            "Loss Prevention (Loss prevention) asked for it.",
            request._explanation_lines()["left_out"],
        )

    def test_who_takes_the_case_over_after_the_request_cannot_decide_either(self):
        exception = self._write_off()
        request = self._request_of(exception)
        exception._assign(self.loss_prevention)
        with self.assertRaisesRegex(AccessError, "work on this case"):
            request.with_user(self.loss_prevention).action_approve()

    def test_who_is_not_asked_cannot_decide(self):
        request = self._request_of(self._write_off())
        for user in (self.operations, self.auditor, self.admin, self.country_manager):
            with self.assertRaisesRegex(AccessError, "not among those"):
                request.with_user(user).action_approve()

    def test_nobody_decides_twice_in_one_request(self):
        self.region.manager_id = self.loss_prevention
        second = new_test_user(
            self.env, "test_second_lp", "retail_ops_core.group_loss_prevention"
        )
        request = self._request_of(self._write_off())
        self._approve(request, self.loss_prevention)
        self.assertEqual(request.state, "pending")
        self._approve(request, self.loss_prevention)
        self.assertEqual(request.decision_count, 1)
        self.assertEqual(request.decision_ids.step_id.approver, "region_manager")
        self._approve(request, second)
        self.assertEqual(request.state, "approved")

    def test_a_second_click_changes_nothing_and_a_change_of_mind_is_refused(self):
        request = self._request_of(self._write_off())
        self._approve(request, self.loss_prevention, self.loss_prevention)
        self.assertEqual(request.decision_count, 1)
        with self.assertRaisesRegex(UserError, "a decision stands"):
            request.with_user(self.loss_prevention).action_reject("On second thought")

    def test_who_lost_the_role_cannot_decide_any_more(self):
        request = self._request_of(self._write_off())
        group = self.env.ref("retail_ops_core.group_loss_prevention")
        self.loss_prevention.group_ids -= group
        with self.assertRaises(AccessError):
            request.with_user(self.loss_prevention).action_approve()

    def test_who_gains_the_role_later_is_not_asked(self):
        request = self._request_of(self._write_off())
        group = self.env.ref("retail_ops_core.group_loss_prevention")
        self.finance.group_ids += group
        with self.assertRaises(AccessError):
            request.with_user(self.finance).action_approve()

    def test_changing_the_holder_of_a_place_changes_who_is_asked_next(self):
        self.region.manager_id = self.finance
        request = self._request_of(self._write_off())
        asked = request.step_ids.filtered(
            lambda step: step.approver == "region_manager"
        )
        self.assertEqual(asked.approver_ids, self.finance)


@tagged("post_install", "-at_install")
class TestDeadEnd(ApprovalCase):
    def test_a_request_that_nobody_can_decide_goes_to_the_policys_owner_at_once(self):
        self.region.manager_id = False
        exception = self._write_off()
        request = self._request_of(exception)
        self.assertTrue(request.is_blocked)
        self.assertEqual(request.block, "no_people")
        self.assertEqual(request.activity_ids.user_id, self.policy.owner_id)
        self.assertIn("is blocked", exception.approval_text)
        self.assertEqual(exception.state, "waiting")
        self.assertEqual(
            self.env["retail.audit.entry"]
            .search([("res_id", "=", request.id), ("model", "=", request._name)])
            .mapped("action"),
            ["approval.blocked", "approval.requested"],
        )

    def test_one_person_alone_cannot_fill_two_steps(self):
        self.region.manager_id = self.loss_prevention
        request = self._request_of(self._write_off())
        self.assertEqual(request.block, "no_people")

    def test_a_manager_in_his_own_case_is_replaced_by_the_one_above(self):
        self._publish_policy([{"steps": ["climb"]}])
        exception = self._raise_by_hand(self.region_manager)
        request = self._request_of(exception)
        self.assertFalse(request.is_blocked)
        self.assertEqual(request.step_ids.approver_ids, self.country_manager)
        self.assertIn(
            "Region Manager (Regional manager) asked for it.",
            request._explanation_lines()["left_out"],
        )

    def test_the_owner_mends_the_cause_and_tries_again(self):
        self.region.manager_id = False
        exception = self._write_off()
        request = self._request_of(exception)
        owner = self.policy.owner_id
        request.with_user(owner).action_try_again()
        self.assertTrue(request.is_blocked)
        self.region.manager_id = self.region_manager
        request.with_user(owner).action_try_again()
        self.assertFalse(request.is_blocked)
        self.assertEqual(
            request.activity_ids.user_id, self.region_manager | self.loss_prevention
        )
        self._approve(request, self.region_manager, self.loss_prevention)
        self.assertEqual(exception.state, "resolved")

    def test_a_leaver_who_was_the_only_one_asked_leaves_no_request_behind(self):
        exception = self._write_off()
        request = self._request_of(exception)
        self.region_manager.active = False
        self.assertEqual(request.block, "no_people")
        self.assertIn(request.owner_id, request.activity_ids.user_id)
        self.assertNotIn(self.region_manager, request.activity_ids.user_id)
        self.region.manager_id = self.country_manager
        request.with_user(request.owner_id).action_try_again()
        self._approve(request, self.country_manager, self.loss_prevention)
        self.assertEqual(exception.state, "resolved")

    def test_nobody_else_can_try_again(self):
        self.region.manager_id = False
        request = self._request_of(self._write_off())
        with self.assertRaisesRegex(AccessError, "owns the policy"):
            request.with_user(self.loss_prevention).action_try_again()

    def test_a_blocked_request_takes_no_decision(self):
        self.region.manager_id = False
        request = self._request_of(self._write_off())
        with self.assertRaises(AccessError):
            request.with_user(self.loss_prevention).action_approve()

    def test_what_no_row_covers_is_blocked_and_not_let_through(self):
        self._publish_policy([{"amount_min": 1000, "steps": ["region"]}])
        exception = self._write_off()
        request = self._request_of(exception)
        self.assertEqual(request.block, "no_row")
        with self.assertRaises(UserError):
            exception._set_resolved("Written off")

    def test_a_kind_without_a_policy_is_blocked_and_goes_to_the_kinds_owner(self):
        self.discrepancy.approval_kind_id = self.env["retail.request.kind"].create(
            {
                "name": "New kind",
                "code": "new_kind",
                "model_id": self.env["ir.model"]._get_id("retail.exception"),
                "material_fields": "counted_quantity",
                "owner_id": self.finance.id,
            }
        )
        request = self._request_of(self._write_off())
        self.assertEqual(request.block, "no_policy")
        self.assertEqual(request.activity_ids.user_id, self.finance)

    def test_a_new_policy_lets_the_blocked_request_go_on(self):
        self._publish_policy([{"amount_min": 1000, "steps": ["region"]}])
        exception = self._write_off()
        request = self._request_of(exception)
        self._publish_policy([{"steps": ["loss"]}])
        request.with_user(request.owner_id).action_try_again()
        self.assertFalse(request.is_blocked)
        self._approve(request, self.loss_prevention)
        self.assertEqual(exception.state, "resolved")
