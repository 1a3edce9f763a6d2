import re
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common_rpc import RpcCase


@tagged("post_install", "-at_install")
class TestAttacksOnOptions(RpcCase):
    """Delegations, passwords, lists and mails, attacked over real HTTP."""

    def setUp(self):
        super().setUp()
        self.delegate = new_test_user(self.env, "test_delegate", "base.group_user")
        self.exception = self._write_off()
        self.request = self._request_of(self.exception)
        self.env.flush_all()

    def _approve_over_rpc(self):
        return self._call("retail.approval.request", "action_approve", self.request.ids)

    # === DELEGATIONS === #

    def _delegation_values(self, **values):
        now = fields.Datetime.now()
        return {
            "user_id": self.region_manager.id,
            "delegate_id": self.delegate.id,
            "date_from": fields.Datetime.to_string(now - timedelta(hours=1)),
            "date_to": fields.Datetime.to_string(now + timedelta(hours=1)),
            "reason": "Leave",
            **values,
        }

    def _delegate(self, **values):
        delegations = self.env["retail.approval.delegation"]
        made = delegations.with_user(self.region_manager).create(
            self._delegation_values(**values)
        )
        self.env.flush_all()
        return made

    def test_nobody_delegates_for_another_or_to_himself(self):
        model = "retail.approval.delegation"
        for user in (self.delegate, self.manager, self.operations):
            self._login(user)
            values = self._delegation_values(delegate_id=user.id)
            self._assert_refused(model, "create", [values])
            self._assert_refused(model, "create", [self._delegation_values()])
        self._login(self.admin)
        values = self._delegation_values(delegate_id=self.admin.id)
        self._assert_refused(model, "create", [values])

    def test_an_expired_or_revoked_delegation_opens_nothing(self):
        delegation = self._delegate()
        self._login(self.delegate)
        model = "retail.approval.request"
        self.assertTrue(self._call(model, "read", self.request.ids, ["name"])["result"])
        self.env.cr.execute(
            "UPDATE retail_approval_delegation SET date_to = %s WHERE id = %s",
            [fields.Datetime.now() - timedelta(minutes=1), delegation.id],
        )
        self.env.invalidate_all()
        self._assert_refused(model, "read", self.request.ids, ["name"])
        self._assert_refused(model, "action_approve", self.request.ids)
        later = fields.Datetime.to_string(fields.Datetime.now() + timedelta(days=9))
        self._assert_refused(
            delegation._name, "write", delegation.ids, {"date_to": later}
        )
        self._assert_refused(delegation._name, "unlink", delegation.ids)
        self.assertFalse(self.request.decision_ids)

    def test_a_delegate_decides_over_rpc_on_behalf_of(self):
        self._delegate()
        self._login(self.delegate)
        self.assertTrue(self._approve_over_rpc()["result"])
        self.assertEqual(self.request.decision_ids.on_behalf_of_id, self.region_manager)

    # === THE PERSON'S OWN PASSWORD === #

    def _identify(self, wizard, password):
        return self._call(
            "res.users.identitycheck",
            "run_check",
            [wizard["res_id"]],
            context={"password": password},
        )

    def test_a_large_amount_asks_for_the_password_and_then_decides(self):
        self.kind.identity_amount = 72.5
        self._login(self.region_manager)
        wizard = self._approve_over_rpc()["result"]
        self.assertEqual(wizard["res_model"], "res.users.identitycheck")
        self.assertFalse(self.request.decision_ids)
        self.assertIn("error", self._identify(wizard, "a guess"))
        self.assertFalse(self.request.decision_ids)
        self.assertIn("result", self._identify(wizard, "Correct-Horse-42"))
        self.assertEqual(self.request.decision_ids.user_id, self.region_manager)
        self.assertTrue(self.request.decision_ids.is_identified)

    def test_one_password_serves_for_one_decision(self):
        self.kind.identity_amount = 50
        self._login(self.region_manager)
        wizard = self._approve_over_rpc()["result"]
        self._identify(wizard, "Correct-Horse-42")
        self.request = self._request_of(self._write_off())
        self.env.flush_all()
        answer = self._approve_over_rpc()["result"]
        self.assertEqual(answer["res_model"], "res.users.identitycheck")
        self.assertFalse(self.request.decision_ids)

    def test_no_other_door_decides_without_the_password(self):
        self.kind.identity_amount = 50
        self.env.flush_all()
        body = {"ids": self.request.ids}
        self._json2(self.region_manager, self.request._name, "action_approve", **body)
        self._login(self.region_manager)
        for method in ("_decide_identified", "_decide_as_needed", "_decide"):
            self._assert_refused(
                self.request._name, method, self.request.ids, "approved", None
            )
        wizard = self._call(
            "retail.approval.reject",
            "create",
            [{"request_ids": [[6, 0, self.request.ids]], "comment": "No"}],
        )["result"]
        answer = self._call("retail.approval.reject", "action_confirm", wizard)
        self.assertEqual(answer["result"]["res_model"], "res.users.identitycheck")
        with self.assertRaisesRegex(UserError, "over HTTP"):
            self.request.with_user(self.region_manager).action_approve()
        self.assertFalse(self.request.decision_ids)

    def test_below_the_limit_no_password_is_asked(self):
        self.kind.identity_amount = 72.51
        self._login(self.region_manager)
        self.assertIs(self._approve_over_rpc()["result"], True)

    def test_a_release_of_a_large_amount_asks_both_for_their_passwords(self):
        self.kind.identity_amount = 50
        groups = "retail_ops_core.group_operations,"
        groups += "retail_ops_approvals.group_break_glass"
        for name, method, words in (
            ("test_first", "action_break_glass", ["It leaks"]),
            ("test_second", "action_confirm_break", []),
        ):
            self._login(new_test_user(self.env, name, groups))
            args = self.request._name, method, self.request.ids, *words
            wizard = self._call(*args)["result"]
            self.assertEqual(wizard["res_model"], "res.users.identitycheck")
            self.assertEqual(self.request.state, "pending")
            self.assertIn("error", self._identify(wizard, "a guess"))
            self.assertIn("result", self._identify(wizard, "Correct-Horse-42"))
        self.assertTrue(self.request.override_ids.confirmed_at)
        self.assertEqual(self.request.state, "approved")

    # === LISTS, QUESTIONS, REASSIGNING === #

    def test_several_at_once_only_for_low_risk(self):
        other = self._request_of(self._write_off())
        self.env.flush_all()
        self._login(self.region_manager)
        both = (self.request | other).ids
        for method in ("action_approve", "action_approve_selected"):
            message = self._assert_refused(self.request._name, method, both)
            self.assertIn("one by one", message)

    def test_who_may_not_decide_asks_reassigns_and_lowers_nothing(self):
        self.kind.allows_lower_amount = True
        for user in (self.manager, self.operations):
            self._login(user)
            for method, args in (
                ("action_ask", ["Why?"]),
                ("action_reassign", [user.id, "Mine"]),
                ("action_approve_lower", [10, "Enough"]),
                ("action_break_glass", ["Now"]),
                ("action_confirm_break", []),
                ("action_act_again", []),
                ("action_review_right", ["Fine"]),
            ):
                self._assert_refused(
                    self.request._name, method, self.request.ids, *args
                )
        self.assertEqual(self.request.state, "pending")

    def test_new_controlling_fields_are_written_by_nobody(self):
        for user in (self.manager, self.region_manager, self.admin):
            self._login(user)
            for change in (
                {"granted_amount": 1000000},
                {"is_paused": True},
                {"act_state": "queued"},
                {"review_state": "fine"},
                {"is_override": True},
                {"is_split": False},
            ):
                self._assert_refused(
                    self.request._name, "write", self.request.ids, change
                )

    # === MAILS === #

    def test_the_link_in_the_mail_opens_the_form_and_decides_nothing(self):
        mails = (
            self.env["mail.mail"]
            .sudo()
            .search(
                [
                    ("model", "=", self.request._name),
                    ("res_id", "=", self.request.id),
                ]
            )
        )
        to_region = mails.filtered(
            lambda mail: self.region_manager.partner_id in mail.recipient_ids
        )
        self.assertTrue(to_region)
        links = re.findall(r'href="([^"]*/mail/view[^"]*)"', to_region[0].body_html)
        self.assertTrue(links)
        self._login(self.region_manager)
        for link in links:
            path = "/mail/view" + link.split("/mail/view")[1].replace("&amp;", "&")
            self.assertTrue(self.url_open(path, allow_redirects=False).ok)
        self.env.invalidate_all()
        self.assertFalse(self.request.decision_ids)
        self.assertEqual(self.request.state, "pending")
