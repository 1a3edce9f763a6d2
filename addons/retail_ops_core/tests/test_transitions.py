from odoo.exceptions import UserError
from odoo.tests import Form

from .common import RetailOpsCase


class TestTransitions(RetailOpsCase):
    def _step(self, exception, user, step, **values):
        return (
            self.env["retail.exception.step"]
            .with_user(user)
            .create({"step": step, "exception_ids": exception.ids, **values})
            .action_confirm()
        )

    def test_a_store_manager_raises_and_finishes_an_exception(self):
        exception = self._raise_by_hand(self.manager)
        self.assertEqual(exception.user_id, self.manager)
        exception.action_start()
        self._step(exception, self.manager, "resolve", note="Found in the back room")
        self.assertEqual(exception.state, "resolved")
        self.assertEqual(exception.resolution, "Found in the back room")
        self.assertFalse(exception.activity_ids)
        exception.action_close()
        self.assertEqual(exception.state, "closed")

    def test_the_form_of_a_new_exception_needs_little_to_be_saved(self):
        with Form(self.env["retail.exception"].with_user(self.member)) as form:
            self.assertEqual(form.store_id, self.store)
            form.type_id = self.discrepancy
            form.product_id = self.product
            form.expected_quantity = 12
            form.counted_quantity = 7
        exception = form.record
        self.assertEqual(exception.summary, "Inventory discrepancy")
        self.assertEqual(exception.unit_cost, 14.5)
        self.assertEqual(exception.impact_amount, 72.5)
        self.assertEqual(exception.state, "triaged")

    def test_an_illegal_transition_is_refused_and_says_what_is_possible(self):
        exception = self._take_in()
        with self.assertRaisesRegex(UserError, "cannot become Closed.*In progress"):
            exception.with_user(self.manager).action_close()

    def test_a_repeated_transition_is_no_second_one(self):
        exception = self._take_in()
        exception.with_user(self.manager).action_start()
        Entry = self.env["retail.audit.entry"]
        before = Entry.search_count([("res_id", "=", exception.id)])
        exception.with_user(self.manager).action_start()
        self.assertEqual(Entry.search_count([("res_id", "=", exception.id)]), before)

    def test_a_finished_exception_is_taken_up_again_with_a_reason(self):
        exception = self._take_in()
        exception._set_resolved("Recounted")
        self._step(exception, self.manager, "reopen", note="Gone again")
        self.assertEqual(exception.state, "in_progress")
        self.assertTrue(exception.activity_ids)

    def test_resolving_asks_for_the_root_cause_where_the_type_does(self):
        self.discrepancy.root_cause_required = True
        exception = self._take_in()
        with self.assertRaisesRegex(UserError, "needs a root cause"):
            self._step(exception, self.manager, "resolve", note="Done")
        cause = self.env.ref("retail_ops_core.root_cause_theft")
        self._step(
            exception, self.manager, "resolve", note="Done", root_cause_id=cause.id
        )
        self.assertEqual(exception.root_cause_id, cause)

    def test_waiting_for_a_supplier_and_going_on(self):
        exception = self._take_in()
        self._step(exception, self.manager, "wait", waiting_reason="supplier")
        self.assertEqual(exception.state, "waiting")
        exception.with_user(self.manager).action_start()
        self.assertFalse(exception.waiting_reason)

    def test_what_waits_for_an_approval_is_not_started_by_hand(self):
        exception = self._take_in()
        exception._set_waiting("approval")
        with self.assertRaisesRegex(UserError, "waits for an approval"):
            exception.with_user(self.manager).action_start()

    def test_a_team_member_takes_over(self):
        exception = self._take_in()
        exception.with_user(self.member).action_take()
        self.assertEqual(exception.user_id, self.member)
        self.assertEqual(exception.activity_ids.user_id, self.member)

    def test_cancelling_keeps_the_reason(self):
        exception = self._take_in()
        self._step(exception, self.manager, "cancel", note="Counted twice")
        self.assertEqual(exception.state, "cancelled")
        self.assertEqual(exception.resolution, "Counted twice")
