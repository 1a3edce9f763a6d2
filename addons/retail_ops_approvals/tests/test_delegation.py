from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import ApprovalCase


@tagged("post_install", "-at_install")
class TestDelegation(ApprovalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.delegate = new_test_user(
            cls.env, "test_delegate", "base.group_user", name="Delegate"
        )

    def _delegate(self, user=None, delegate=None, **values):
        user = user or self.region_manager
        now = fields.Datetime.now()
        return (
            self.env["retail.approval.delegation"]
            .with_user(user)
            .create(
                {
                    "user_id": user.id,
                    "delegate_id": (delegate or self.delegate).id,
                    "date_from": now - timedelta(hours=1),
                    "date_to": now + timedelta(days=2),
                    "reason": "Annual leave",
                    **values,
                }
            )
        )

    def _age(self, delegation, **moments):
        """Move a delegation's dates, which nobody else can."""
        ends = {"date_from": delegation.date_from, "date_to": delegation.date_to}
        self.env.cr.execute(
            "UPDATE retail_approval_delegation"
            " SET date_from = %(date_from)s, date_to = %(date_to)s WHERE id = %(id)s",
            {**ends, **moments, "id": delegation.id},
        )
        self.env.invalidate_all()

    def _sees(self, user, request):
        found = self.Request.with_user(user).search([("id", "=", request.id)])
        return found == request and request.with_user(user).has_access("read")

    def _run(self, job):
        with self.enter_registry_test_mode():
            self.env.ref(f"retail_ops_approvals.{job}").method_direct_trigger()

    # === DECIDING ON BEHALF OF === #

    def test_a_delegate_decides_on_behalf_of_the_absent_and_the_trace_says_so(self):
        self._delegate()
        exception = self._write_off()
        request = self._request_of(exception)
        self.assertIn(self.delegate, request.activity_ids.user_id)
        told = request.with_user(self.delegate).behalf_text
        self.assertEqual(told, "You decide on behalf of Region Manager, who is away.")
        self.assertFalse(request.with_user(self.region_manager).behalf_text)
        self._approve(request, self.delegate, self.loss_prevention)
        self.assertEqual(exception.state, "resolved")
        decision = request.decision_ids.filtered("on_behalf_of_id")
        self.assertEqual(decision.user_id, self.delegate)
        self.assertEqual(decision.on_behalf_of_id, self.region_manager)
        entry = self.env["retail.audit.entry"].search(
            [
                ("action", "=", "approval.decision"),
                ("res_id", "=", request.id),
                ("user_id", "=", self.delegate.id),
            ]
        )
        self.assertEqual(entry.facts["on_behalf_of_id"], self.region_manager.id)
        self.assertIn("on behalf of Region Manager", decision.step_id.waiting_text)

    def test_after_the_delegate_the_absent_person_has_no_second_voice(self):
        self._delegate()
        request = self._request_of(self._write_off())
        self._approve(request, self.delegate)
        self.assertNotIn(self.region_manager, request.activity_ids.user_id)
        with self.assertRaises(AccessError):
            self._approve(request, self.region_manager)

    def test_after_the_absent_person_the_delegate_has_none(self):
        self._delegate()
        request = self._request_of(self._write_off())
        self._approve(request, self.region_manager)
        with self.assertRaises(AccessError):
            self._approve(request, self.delegate)

    def test_standing_in_for_both_gives_one_voice_only(self):
        self._delegate()
        self._delegate(self.loss_prevention)
        request = self._request_of(self._write_off())
        self._approve(request, self.delegate)
        self.assertEqual(request.state, "pending")
        self.assertFalse(request.with_user(self.delegate).can_decide)

    def test_who_decides_in_his_own_right_does_so_before_he_stands_in(self):
        self._delegate(delegate=self.loss_prevention)
        request = self._request_of(self._write_off())
        self._approve(request, self.loss_prevention)
        self.assertFalse(request.decision_ids.on_behalf_of_id)
        self.assertEqual(request.state, "pending")
        self._approve(request, self.region_manager)
        self.assertEqual(request.state, "approved")

    # === WHAT A DELEGATION NEVER DOES === #

    def test_a_delegate_never_decides_his_own_request(self):
        self._delegate(delegate=self.manager)
        request = self._request_of(self._write_off())
        self.assertNotIn(self.manager, request.activity_ids.user_id)
        with self.assertRaisesRegex(AccessError, "You asked for this approval"):
            self._approve(request, self.manager)

    def test_a_requester_gains_nothing_by_a_delegate(self):
        """Who may not decide himself has nothing to delegate."""
        request = self._request_of(
            self._raise_by_hand(self.region_manager).sudo(),
        )
        self._delegate()
        with self.assertRaises(AccessError):
            self._approve(request, self.delegate)

    def test_a_delegate_who_works_on_the_case_is_left_out(self):
        self._delegate(delegate=self.operations)
        exception = self._write_off()
        exception._assign(self.operations)
        with self.assertRaisesRegex(AccessError, "You work on this case"):
            self._approve(self._request_of(exception), self.operations)

    def test_an_expired_a_future_and_a_revoked_delegation_decide_nothing(self):
        now = fields.Datetime.now()
        delegation = self._delegate()
        request = self._request_of(self._write_off())
        self.assertTrue(request.with_user(self.delegate).can_decide)
        day = timedelta(days=1)
        self._age(delegation, date_from=now - 2 * day, date_to=now - day)
        with self.assertRaises(AccessError):
            self._approve(request, self.delegate)
        self._age(delegation, date_from=now + day, date_to=now + 2 * day)
        with self.assertRaises(AccessError):
            self._approve(request, self.delegate)
        self._age(delegation, date_from=now - day, date_to=now + day)
        self.assertTrue(request.with_user(self.delegate).can_decide)
        delegation.with_user(self.region_manager).action_revoke()
        with self.assertRaises(AccessError):
            self._approve(request, self.delegate)
        self.assertFalse(request.decision_ids)

    def test_other_kinds_and_higher_amounts_stay_with_the_absent_person(self):
        other = self.env.ref("retail_ops_approvals.kind_refund_exception")
        request = self._request_of(self._write_off())
        for limits in ({"kind_ids": other.ids}, {"amount_limit": 72.49}):
            delegation = self._delegate(**limits)
            self.assertFalse(self._sees(self.delegate, request))
            with self.assertRaises(AccessError):
                self._approve(request, self.delegate)
            delegation.action_revoke()
        self._delegate(kind_ids=self.kind.ids, amount_limit=72.5)
        self._approve(request, self.delegate)
        self.assertEqual(request.decision_count, 1)

    def test_a_delegate_sees_only_what_falls_into_his_window(self):
        exception = self._write_off()
        request = self._request_of(exception)
        self.assertFalse(self._sees(self.delegate, request))
        delegation = self._delegate()
        self.assertTrue(self._sees(self.delegate, request))
        self.assertTrue(exception.with_user(self.delegate).has_access("read"))
        self.assertTrue(request.step_ids.with_user(self.delegate).has_access("read"))
        now = fields.Datetime.now()
        self._age(delegation, date_to=now - timedelta(seconds=1))
        self.assertFalse(self._sees(self.delegate, request))
        self.assertFalse(exception.with_user(self.delegate).has_access("read"))

    def test_what_he_decided_a_delegate_can_still_look_up(self):
        delegation = self._delegate()
        request = self._request_of(self._write_off())
        self._approve(request, self.delegate)
        delegation.action_revoke()
        self.assertTrue(self._sees(self.delegate, request))
        self.assertFalse(request.with_user(self.delegate).can_decide)

    # === MAKING ONE === #

    def test_chains_and_circles_are_refused(self):
        self._delegate()
        for user, delegate in (
            (self.delegate, self.finance),  # passes on
            (self.country_manager, self.region_manager),  # to somebody away
            (self.delegate, self.region_manager),  # back
        ):
            with self.assertRaisesRegex(ValidationError, "cannot pass it on"):
                self._delegate(user, delegate)

    def test_one_after_the_other_is_no_chain(self):
        self._delegate()
        later = fields.Datetime.now() + timedelta(days=3)
        self._delegate(
            self.delegate,
            self.finance,
            date_from=later,
            date_to=later + timedelta(days=1),
        )

    def test_nobody_makes_himself_the_delegate_of_another(self):
        values = {"user_id": self.region_manager.id}
        with self.assertRaises(AccessError):
            self._delegate(self.delegate, self.delegate, **values)
        with self.assertRaisesRegex(AccessError, "cannot make yourself"):
            self._delegate(self.admin, self.admin, **values)
        self._delegate(self.admin, self.delegate, **values)

    def test_nobody_stands_in_for_himself_or_for_no_time(self):
        now = fields.Datetime.now()
        for values in (
            {"delegate_id": self.region_manager.id},
            {"date_from": now, "date_to": now},
        ):
            with (
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                self._delegate(**values)

    def test_a_delegation_stands_as_it_was_made(self):
        delegation = self._delegate()
        for user in (self.region_manager, self.delegate, self.admin):
            mine = delegation.with_user(user)
            for change in (
                {"amount_limit": 1000000},
                {"date_to": fields.Datetime.now() + timedelta(days=999)},
                {"kind_ids": [Command.clear()]},
                {"revoked_at": False},
            ):
                with self.assertRaises(AccessError):
                    mine.write(change)
            with self.assertRaises(AccessError):
                mine.unlink()

    def test_only_the_absent_person_and_administrators_revoke(self):
        delegation = self._delegate()
        with self.assertRaises(AccessError):
            delegation.with_user(self.delegate).action_revoke()
        delegation.with_user(self.admin).action_revoke()
        self.assertEqual(delegation.state, "revoked")
        self.assertEqual(delegation.revoked_by_id, self.admin)

    def test_making_and_revoking_stand_in_the_ledger(self):
        delegation = self._delegate(amount_limit=100)
        delegation.action_revoke()
        delegation.action_revoke()
        entries = self.env["retail.audit.entry"].search(
            [("model", "=", delegation._name), ("res_id", "=", delegation.id)],
            order="id",
        )
        self.assertEqual(
            entries.mapped("action"),
            ["approval.delegation.made", "approval.delegation.revoked"],
        )
        self.assertEqual(entries[0].facts["delegate_id"], self.delegate.id)
        self.assertEqual(entries[0].facts["amount_limit"], 100)

    def test_a_leavers_delegations_end(self):
        given, taken = self._delegate(), self._delegate(self.finance)
        self.delegate.active = False
        self.assertEqual((given | taken).mapped("state"), ["revoked", "revoked"])

    # === HANDING OVER AND BACK === #

    def test_what_waits_already_is_handed_over_and_back(self):
        request = self._request_of(self._write_off())
        delegation = self._delegate()
        self.assertIn(self.delegate, request.activity_ids.user_id)
        delegation.action_revoke()
        self.assertNotIn(self.delegate, request.activity_ids.user_id)
        self.assertNotIn(self.delegate.partner_id, request.message_partner_ids)

    def test_a_delegation_that_begins_later_is_handed_over_in_time(self):
        now = fields.Datetime.now()
        request = self._request_of(self._write_off())
        delegation = self._delegate(date_from=now + timedelta(hours=1))
        self._run("cron_hand_over")
        self.assertNotIn(self.delegate, request.activity_ids.user_id)
        self._age(delegation, date_from=now - timedelta(hours=1))
        self._run("cron_hand_over")
        self.assertIn(self.delegate, request.activity_ids.user_id)
        self._age(delegation, date_to=now - timedelta(minutes=1))
        self._run("cron_hand_over")
        self.assertNotIn(self.delegate, request.activity_ids.user_id)
        self.assertIn(self.region_manager, request.activity_ids.user_id)

    # === OUT OF OFFICE === #

    def _go_away(self, user):
        now = fields.Datetime.now()
        user.write(
            {
                "out_of_office_from": now - timedelta(hours=1),
                "out_of_office_to": now + timedelta(days=3),
            }
        )

    def _history(self, request):
        return " ".join(request.message_ids.mapped("body"))

    def test_an_absent_approver_with_a_delegate_is_noted_with_who_stands_in(self):
        self._go_away(self.region_manager)
        self._delegate()
        request = self._request_of(self._write_off())
        self.assertIn("Region Manager is out of office", self._history(request))
        self.assertIn("Delegate stands in", self._history(request))

    def test_without_one_the_next_level_is_asked_after_the_steps_hours(self):
        self._publish_policy([{"steps": ["climb"]}])
        self._go_away(self.region_manager)
        exception = self._write_off()
        request = self._request_of(exception)
        self.assertIn("next level is asked after", self._history(request))
        self.assertNotIn(self.country_manager, request.activity_ids.user_id)
        request.step_ids.due_at = fields.Datetime.now() - timedelta(minutes=1)
        self._run("cron_escalate")
        self.assertIn(self.country_manager, request.activity_ids.user_id)
        self.assertIn("Out of office: Region Manager", self._history(request))
        self._approve(request, self.country_manager)
        self.assertEqual(exception.state, "resolved")
