from odoo.exceptions import UserError
from odoo.tests import tagged

from ..hooks import uninstall_hook
from .common import ApprovalCase


@tagged("post_install", "-at_install")
class TestWriteOff(ApprovalCase):
    def test_a_large_unusual_write_off_asks_region_and_loss_prevention_at_once(self):
        exception = self._write_off()
        request = self._request_of(exception)
        self.assertEqual(exception.state, "waiting")
        self.assertEqual(exception.waiting_reason, "approval")
        self.assertEqual(request.state, "pending")
        self.assertEqual(request.amount, 72.5)
        self.assertEqual(request.step_ids.mapped("state"), ["open", "open"])
        self.assertEqual(
            request.activity_ids.user_id, self.region_manager | self.loss_prevention
        )

    def test_one_approval_is_not_enough_and_both_resolve(self):
        exception = self._write_off()
        request = self._request_of(exception)
        self._approve(request, self.region_manager)
        self.assertEqual(request.state, "pending")
        self.assertEqual(exception.state, "waiting")
        self.assertEqual(request.activity_ids.user_id, self.loss_prevention)
        self._approve(request, self.loss_prevention)
        self.assertEqual(request.state, "approved")
        self.assertEqual(exception.state, "resolved")
        self.assertIn(request.name, exception.resolution)
        self.assertTrue(request.spent_at)
        self.assertFalse(request.activity_ids)

    def test_an_event_takes_the_same_path(self):
        exception = self._take_in()
        request = self._request_of(exception)
        self.assertEqual(exception.state, "waiting")
        self._approve(request, self.loss_prevention, self.region_manager)
        self.assertEqual(exception.state, "resolved")

    def test_a_small_write_off_passes_by_an_explicit_row_and_says_so(self):
        exception = self._write_off(counted_quantity=11)
        request = self._request_of(exception)
        self.assertEqual(exception.state, "triaged")
        self.assertTrue(request.is_automatic)
        self.assertFalse(request.is_blocked)
        self.assertEqual(request.state, "approved")
        self.assertFalse(request.decision_ids)
        self.assertIn("No approval needed", exception.approval_text)
        exception._set_resolved("Broken in transport")
        self.assertEqual(exception.state, "resolved")

    def test_a_rejection_needs_a_reason_and_gives_the_case_back(self):
        exception = self._write_off()
        request = self._request_of(exception)
        dialog = request.with_user(self.loss_prevention).action_reject()
        self.assertEqual(dialog["res_model"], "retail.approval.reject")
        self.assertEqual(request.state, "pending")
        request.with_user(self.loss_prevention).action_reject("Count again, please")
        self.assertEqual(request.state, "rejected")
        self.assertEqual(exception.state, "in_progress")
        self.assertIn(
            "Count again, please", "".join(exception.message_ids.mapped("body"))
        )
        self.assertFalse(request.activity_ids)
        self.assertEqual(
            sorted(request.step_ids.mapped("state")), ["cancelled", "rejected"]
        )

    def test_the_dialog_rejects_with_its_reason(self):
        request = self._request_of(self._write_off())
        self.env["retail.approval.reject"].with_user(self.region_manager).create(
            {"request_ids": request.ids, "comment": "No photo"}
        ).action_confirm()
        self.assertEqual(request.state, "rejected")
        self.assertEqual(request.decision_ids.comment, "No photo")

    def test_after_a_rejection_approval_can_be_asked_for_again(self):
        exception = self._write_off()
        self._request_of(exception).with_user(self.loss_prevention).action_reject("No")
        exception.with_user(self.manager).action_request_approval()
        again = self._request_of(exception)
        self.assertEqual(again.state, "pending")
        self._approve(again, self.loss_prevention, self.region_manager)
        self.assertEqual(exception.state, "resolved")

    def test_asking_again_changes_nothing(self):
        exception = self._write_off()
        exception._request_approval_where_needed()
        exception._request_approval_where_needed()
        self.assertEqual(len(exception.approval_request_ids), 1)

    def test_cancelling_the_case_withdraws_the_request(self):
        exception = self._write_off()
        request = self._request_of(exception)
        exception._set_cancelled("Found behind the shelf")
        self.assertEqual(request.state, "withdrawn")
        self.assertFalse(request.activity_ids)

    def test_who_asked_can_withdraw_and_nobody_else(self):
        exception = self._write_off()
        request = self._request_of(exception)
        with self.assertRaises(UserError):
            request.with_user(self.region_manager).action_withdraw()
        exception.with_user(self.manager).action_withdraw_approval()
        self.assertEqual(request.state, "withdrawn")
        self.assertEqual(exception.state, "in_progress")

    def test_an_approval_that_was_used_cannot_be_taken_back(self):
        exception = self._write_off()
        request = self._request_of(exception)
        self._approve(request, self.region_manager, self.loss_prevention)
        with self.assertRaisesRegex(UserError, "was used already"):
            request.with_user(self.manager).action_withdraw()
        self.assertEqual(request.state, "approved")
        self.assertEqual(exception.state, "resolved")

    def test_with_the_automation_off_nothing_is_asked_and_nothing_is_resolved(self):
        self.env.ref("retail_ops_approvals.automation_ask").active = False
        by_hand, by_event = self._write_off(), self._take_in()
        for exception in by_hand | by_event:
            self.assertFalse(exception.approval_request_ids)
            self.assertTrue(exception.can_request_approval)
            with self.assertRaisesRegex(UserError, "Ask for approval"):
                exception._set_resolved("Written off")
        by_hand.with_user(self.manager).action_request_approval()
        self.assertEqual(by_hand.state, "waiting")

    def test_a_type_that_is_not_governed_needs_no_approval(self):
        cash = self.env.ref("retail_ops_core.type_cash_over_short")
        exception = self._write_off(type_id=cash.id, amount=500)
        self.assertFalse(exception.approval_request_ids)
        cause = self.env.ref("retail_ops_core.root_cause_counting")
        exception._set_resolved("Found", cause)
        self.assertEqual(exception.state, "resolved")

    def test_a_missing_root_cause_does_not_undo_the_decision(self):
        self.discrepancy.root_cause_required = True
        exception = self._write_off()
        request = self._request_of(exception)
        self._approve(request, self.loss_prevention, self.region_manager)
        self.assertEqual(request.state, "approved")
        self.assertEqual(exception.state, "in_progress")
        self.assertIn(
            "needs a root cause", "".join(exception.message_ids.mapped("body"))
        )
        cause = self.env["retail.root.cause"].search([], limit=1)
        exception._set_resolved("Written off", cause)
        self.assertEqual(exception.state, "resolved")

    def test_uninstalling_lets_go_of_what_waits(self):
        exception = self._write_off()
        uninstall_hook(self.env(su=True))
        self.assertEqual(exception.state, "in_progress")
        self.assertFalse(self.Request.search([]))
        self.assertFalse(self.discrepancy.approval_kind_id)

    def test_the_ledger_tells_the_whole_story(self):
        exception = self._write_off()
        request = self._request_of(exception)
        self._approve(request, self.loss_prevention, self.region_manager)
        entries = self.env["retail.audit.entry"].search(
            [("model", "=", request._name), ("res_id", "=", request.id)], order="id"
        )
        self.assertEqual(
            entries.mapped("action"),
            [
                "approval.requested",
                "approval.decision",
                "approval.decision",
                "approval.decided",
            ],
        )
        self.assertEqual(
            entries.mapped("user_id"),
            [
                self.manager.id,
                self.loss_prevention.id,
                self.region_manager.id,
                self.region_manager.id,
            ],
        )
        self.assertEqual(
            set(entries.mapped("correlation_id")), {exception.correlation_id}
        )

    def test_what_is_published_about_the_case_carries_its_approval(self):
        exception = self._write_off()
        request = self._request_of(exception)
        self._approve(request, self.loss_prevention, self.region_manager)
        facts = exception._publication_data()["approval"]
        self.assertEqual(facts["reference"], request.name)
        self.assertEqual(facts["state"], "approved")
        self.assertEqual(facts["policy_version"], self.policy.version)
        self.assertEqual(facts["approvals"], 2)
