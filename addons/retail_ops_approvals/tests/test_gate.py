from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import ApprovalCase


@tagged("post_install", "-at_install")
class TestGate(ApprovalCase):
    """Gates read the database: superuser code and context keys pass no sooner."""

    def test_superuser_code_cannot_resolve_without_the_approval(self):
        exception = self._write_off()
        with self.assertRaisesRegex(UserError, "waits for an approval"):
            exception._set_resolved("Written off")

    def test_superuser_code_cannot_write_the_state_either(self):
        exception = self._write_off()
        for state in ("resolved", "closed"):
            with self.assertRaises(ValidationError):
                exception.write({"state": state})

    def test_no_context_key_opens_the_gate(self):
        exception = self._write_off().with_context(
            install_mode=True,
            skip_approval=True,
            skip_validation_check=True,
            tracking_disable=True,
            mail_activity_automation_skip=True,
            approved=True,
        )
        with self.assertRaises(UserError):
            exception._set_resolved("Written off")

    def test_changed_facts_void_the_request_and_ask_anew(self):
        exception = self._write_off()
        first = self._request_of(exception)
        self._approve(first, self.region_manager)
        exception.with_user(self.manager).write({"counted_quantity": 2})
        second = self._request_of(exception)
        self.assertEqual(first.state, "lapsed")
        self.assertFalse(first.activity_ids)
        self.assertEqual(second.state, "pending")
        self.assertEqual(second.amount, 145)
        self.assertFalse(second.decision_ids)
        self.assertEqual(exception.state, "waiting")

    def test_a_looser_policy_published_meanwhile_passes_no_request_under_way(self):
        exception = self._write_off()
        self._publish_policy([{"outcome": "none"}])
        with self.assertRaisesRegex(UserError, "waits for an approval"):
            exception._set_resolved("Written off")
        self.assertEqual(self._request_of(exception).state, "pending")

    def test_what_changed_behind_the_orm_can_be_asked_anew(self):
        exception = self._write_off()
        first = self._request_of(exception)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE retail_exception SET unit_cost = 20 WHERE id = %s", [exception.id]
        )
        self.env.invalidate_all()
        exception.with_user(self.manager).action_request_approval()
        self.assertEqual(first.state, "lapsed")
        self.assertEqual(self._request_of(exception).state, "pending")

    def test_facts_changed_to_below_the_limit_free_the_case(self):
        exception = self._write_off()
        exception.with_user(self.manager).write({"counted_quantity": 11})
        self.assertTrue(self._request_of(exception).is_automatic)
        self.assertEqual(exception.state, "in_progress")

    def test_an_immaterial_change_voids_nothing(self):
        exception = self._write_off()
        request = self._request_of(exception)
        exception.with_user(self.manager).write({"reason": "Seen by the cleaner too"})
        self.assertEqual(request.state, "pending")

    def test_a_small_write_off_that_grows_needs_an_approval_after_all(self):
        exception = self._write_off(counted_quantity=11)
        for change in ({"counted_quantity": 2}, {"unit_cost": 900}):
            exception.with_user(self.manager).write(change)
            with self.assertRaises(UserError):
                exception._set_resolved("Written off")

    def test_nobody_decides_about_facts_that_changed_behind_the_orm(self):
        exception = self._write_off()
        request = self._request_of(exception)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE retail_exception SET unit_cost = 9999 WHERE id = %s", [exception.id]
        )
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "changed after approval"):
            request.with_user(self.region_manager).action_approve()
        self.assertTrue(request.is_stale)

    def test_an_approval_serves_once(self):
        exception = self._write_off()
        self._approve(
            self._request_of(exception), self.region_manager, self.loss_prevention
        )
        exception._set_reopened("Found one bottle")
        with self.assertRaisesRegex(UserError, "needs an approval first"):
            exception._set_resolved("Written off again")

    def test_settled_facts_stand(self):
        exception = self._write_off()
        self._approve(
            self._request_of(exception), self.region_manager, self.loss_prevention
        )
        with self.assertRaisesRegex(UserError, "reopen it"):
            exception.with_user(self.manager).write({"counted_quantity": 0})
        exception._set_reopened("Counted wrong")
        exception.with_user(self.manager).write({"counted_quantity": 0})
        with self.assertRaises(UserError):
            exception._set_resolved("Written off")

    def test_an_approval_nobody_used_lapses_with_its_time(self):
        self.discrepancy.root_cause_required = True
        exception = self._write_off()
        request = self._request_of(exception)
        self._approve(request, self.region_manager, self.loss_prevention)
        request.valid_until = fields.Datetime.now() - timedelta(minutes=1)
        exception.sudo().root_cause_id = self.env["retail.root.cause"].search(
            [], limit=1
        )
        with self.assertRaisesRegex(UserError, "needs an approval first"):
            exception._set_resolved("Written off")
        with self.enter_registry_test_mode():
            self.env.ref("retail_ops_approvals.cron_lapse").method_direct_trigger()
        self.assertEqual(request.state, "lapsed")

    def test_an_approval_of_another_case_does_not_serve(self):
        approved, other = self._write_off(), self._write_off()
        self._approve(
            self._request_of(approved), self.region_manager, self.loss_prevention
        )
        with self.assertRaises(UserError):
            other._set_resolved("Written off")

    def test_when_the_small_row_was_never_asked_the_gate_records_it(self):
        self.env.ref("retail_ops_approvals.automation_ask").active = False
        exception = self._write_off(counted_quantity=11)
        exception._set_resolved("Broken")
        request = self._request_of(exception)
        self.assertTrue(request.is_automatic)
        self.assertTrue(request.spent_at)
