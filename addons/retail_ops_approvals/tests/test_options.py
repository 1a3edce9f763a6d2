from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import ApprovalCase


@tagged("post_install", "-at_install")
class TestAsk(ApprovalCase):
    def setUp(self):
        super().setUp()
        self.exception = self._write_off()
        self.request = self._request_of(self.exception)

    def _ask(self, user=None, question="Where is the photo?"):
        self.request.with_user(user or self.region_manager).action_ask(question)

    def test_a_question_stops_the_clocks_and_asks_who_asked(self):
        self._ask()
        self.assertTrue(self.request.is_paused)
        self.assertFalse(self.request.due_at)
        self.assertFalse(any(self.request.step_ids.mapped("due_at")))
        self.assertIn(self.manager, self.request.activity_ids.user_id)
        self.assertTrue(self.request.with_user(self.manager).can_answer)

    def test_an_answer_lets_the_clocks_go_on_where_they_stopped(self):
        step = self.request.step_ids.filtered("hours")
        before = step.due_at
        self._ask()
        self.env.cr.execute(
            "UPDATE retail_approval_request_step"
            " SET stopped_at = stopped_at - interval '2 days',"
            " stopped_due_at = stopped_due_at - interval '2 days'"
        )
        self.env.invalidate_all()
        self.request.with_user(self.manager).action_answer("In the chatter now")
        self.assertFalse(self.request.is_paused)
        self.assertLess(abs(step.due_at - before), timedelta(minutes=1))
        self.assertNotIn(self.manager, self.request.activity_ids.user_id)
        self._approve(self.request, self.region_manager, self.loss_prevention)
        self.assertEqual(self.exception.state, "resolved")

    def test_nobody_is_escalated_while_an_answer_is_awaited(self):
        self._publish_policy([{"steps": ["climb"]}])
        self.request = self._request_of(self._write_off())
        self.request.step_ids.due_at = fields.Datetime.now() - timedelta(hours=1)
        self._ask()
        with self.enter_registry_test_mode():
            self.env.ref("retail_ops_approvals.cron_escalate").method_direct_trigger()
        self.assertEqual(self.request.step_ids.approver_ids, self.region_manager)

    def test_only_who_asked_for_approval_answers(self):
        self._ask()
        for user in (self.region_manager, self.loss_prevention, self.operations):
            with self.assertRaises(AccessError):
                self.request.with_user(user).action_answer("I know it")
        self.assertTrue(self.request.is_paused)

    def test_only_who_may_decide_asks(self):
        for user in (self.manager, self.operations):
            with self.assertRaises(AccessError):
                self._ask(user)

    def test_the_asking_person_asks_once_and_may_decide_after_all(self):
        self._ask()
        with self.assertRaisesRegex(UserError, "wait for the answer"):
            self._ask()
        self._approve(self.request, self.region_manager)
        self.assertFalse(self.request.is_paused)
        self.assertTrue(self.request.question_ids.closed_at)
        self.assertTrue(self.request.step_ids.filtered(lambda s: s.state == "open"))

    def test_questions_end_with_the_request(self):
        self._ask()
        self.request.with_user(self.loss_prevention).action_reject("No")
        self.assertFalse(self.request.is_paused)
        with self.assertRaises(UserError):
            self.request.with_user(self.manager).action_answer("Late")

    def test_what_an_event_reported_the_store_answers(self):
        self.request = self._request_of(self._take_in())
        self._ask()
        self.assertIn(self.manager, self.request.activity_ids.user_id)
        self.request.with_user(self.manager).action_answer("Counted twice")
        self.assertFalse(self.request.is_paused)

    def test_questions_and_answers_stand(self):
        self._ask()
        self.request.with_user(self.manager).action_answer("Here")
        question = self.request.question_ids
        for change in (lambda: question.write({"answer": "There"}), question.unlink):
            with self.assertRaises(AccessError):
                change()
        with self.assertRaises(AccessError):
            question.with_user(self.manager).write({"answer": "There"})
        actions = self.env["retail.audit.entry"].search(
            [("res_id", "=", self.request.id), ("action", "like", "approval.%er")]
        )
        self.assertIn("approval.answer", actions.mapped("action"))

    def test_the_dialogs_lead_to_the_same(self):
        dialogs = self.env["retail.approval.dialog"]
        asked = self.request.with_user(self.region_manager).action_ask()
        self.assertEqual(asked["res_model"], dialogs._name)
        dialogs.with_user(self.region_manager).with_context(**asked["context"]).create(
            {"text": "Which shelf?"}
        ).action_confirm()
        answer = self.request.with_user(self.manager).action_answer()
        dialog = (
            dialogs.with_user(self.manager)
            .with_context(**answer["context"])
            .create({"text": "The upper one"})
        )
        self.assertEqual(dialog.questions, "Which shelf?")
        dialog.action_confirm()
        self.assertEqual(self.request.question_ids.answer, "The upper one")


@tagged("post_install", "-at_install")
class TestLowerAmount(ApprovalCase):
    def setUp(self):
        super().setUp()
        self.kind.allows_lower_amount = True
        self.request = self._request_of(self._write_off())

    def _lower(self, user, amount, comment="This is enough"):
        self.request.with_user(user).action_approve_lower(amount, comment)

    def test_a_lower_amount_is_frozen_into_the_decision(self):
        self._lower(self.region_manager, 60)
        self.assertEqual(self.request.decision_ids.amount, 60)
        self.assertEqual(self.request.granted_amount, 60)
        self.assertEqual(self.request.amount, 72.5)
        self._approve(self.request, self.loss_prevention)
        self.assertEqual(self.request.granted_amount, 60)
        self.assertEqual(
            self.request._publication_data()["granted_amount"]["amount"], 60
        )

    def test_the_next_may_go_lower_and_not_back_up(self):
        self._lower(self.region_manager, 60)
        with self.assertRaisesRegex(UserError, "below what is asked for"):
            self._lower(self.loss_prevention, 70)
        self._lower(self.loss_prevention, 50)
        self.assertEqual(self.request.granted_amount, 50)
        self.assertEqual(self.request.state, "approved")

    def test_no_amount_above_or_at_zero_or_without_a_reason(self):
        for amount in (-1, 72.5, 100):
            with self.assertRaises(UserError):
                self._lower(self.region_manager, amount)
        with self.assertRaisesRegex(UserError, "Say why"):
            self._lower(self.region_manager, 60, " ")
        self.assertFalse(self.request.decision_ids)

    def test_kinds_that_cannot_be_cut_refuse_it(self):
        self.kind.allows_lower_amount = False
        self.assertFalse(self.request.with_user(self.region_manager).can_lower)
        with self.assertRaisesRegex(UserError, "cannot be approved in part"):
            self._lower(self.region_manager, 60)


@tagged("post_install", "-at_install")
class TestReassign(ApprovalCase):
    def setUp(self):
        super().setUp()
        self._publish_policy([{"steps": ["climb"]}])
        self.request = self._request_of(self._write_off())

    def _reassign(self, user, other, reason="He knows the store"):
        self.request.with_user(user).action_reassign(other.id, reason)

    def test_it_goes_to_somebody_the_step_allows_and_leaves_the_first(self):
        self._reassign(self.region_manager, self.country_manager)
        self.assertEqual(self.request.step_ids.approver_ids, self.country_manager)
        self.assertEqual(self.request.activity_ids.user_id, self.country_manager)
        with self.assertRaises(AccessError):
            self._approve(self.request, self.region_manager)
        self._approve(self.request, self.country_manager)
        self.assertEqual(self.request.state, "approved")

    def test_nobody_outside_the_policy_gets_it(self):
        outsider = new_test_user(self.env, "test_friend", "base.group_user")
        for other in (self.manager, self.finance, outsider, self.region_manager):
            with self.assertRaisesRegex(UserError, "may not decide"):
                self._reassign(self.region_manager, other)
        self.assertEqual(self.request.step_ids.approver_ids, self.region_manager)

    def test_only_who_decides_reassigns(self):
        for user in (self.manager, self.operations, self.country_manager):
            with self.assertRaises(AccessError):
                self._reassign(user, self.country_manager)

    def test_a_dead_end_cannot_be_made(self):
        group = self.env.ref("retail_ops_core.group_loss_prevention")
        second = self.loss_prevention.copy({"login": "test_lp_2"})
        step = {"approver": "group", "group_id": group.id, "need": "all"}
        self._publish_policy([{"steps": [step]}])
        self.request = self._request_of(self._write_off())
        with self.assertRaisesRegex(UserError, "too few people"):
            self._reassign(self.loss_prevention, second)


@tagged("post_install", "-at_install")
class TestBulk(ApprovalCase):
    def setUp(self):
        super().setUp()
        self._publish_policy([{"steps": ["region"]}])
        self.exceptions = self._write_off() | self._write_off()
        self.requests = self.exceptions.approval_request_ids

    def test_low_risk_kinds_are_approved_at_once(self):
        self.kind.is_low_risk = True
        self.requests.with_user(self.region_manager).action_approve_selected()
        self.assertEqual(set(self.requests.mapped("state")), {"approved"})
        self.assertEqual(set(self.exceptions.mapped("state")), {"resolved"})

    def test_others_are_refused_by_every_door(self):
        mine = self.requests.with_user(self.region_manager)
        for act in (mine.action_approve_selected, mine.action_approve):
            with self.assertRaisesRegex(UserError, "one by one"):
                act()
        self.assertEqual(set(self.requests.mapped("state")), {"pending"})

    def test_one_that_is_not_mine_undoes_none_silently(self):
        self.kind.is_low_risk = True
        with self.assertRaises(AccessError):
            self.requests.with_user(self.finance).action_approve_selected()
