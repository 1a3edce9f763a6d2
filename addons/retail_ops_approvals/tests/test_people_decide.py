from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .test_store_request import StoreRequestCase

# What no machine decides about, and the kinds that stand for it.
DENIED = {
    "refunds": ("refund_exception",),
    "pricing": ("price_change", "discount_override", "promotion_deviation"),
    "supplier commitments": (
        "local_procurement",
        "urgent_buy",
        "vendor_onboarding",
        "supplier_substitution",
    ),
    "financial postings": ("stock_correction",),
    "write-offs": ("stock_write_off",),
}


@tagged("post_install", "-at_install")
class TestPeopleDecide(StoreRequestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bot = new_test_user(
            cls.env, "test_advisor", "retail_ops_core.group_finance", name="Advisor"
        )
        cls.bot.is_service_account = True
        cls.by_bot = {"approver": "user", "user_id": cls.bot.id}

    def _kinds(self):
        codes = [code for each in DENIED.values() for code in each]
        return self.env["retail.request.kind"].search([("code", "in", codes)])

    def _publish_for_bot(self):
        self._publish_policy(
            [{"kind_id": kind.id, "steps": [self.by_bot]} for kind in self._kinds()]
        )

    def _asked(self, kind):
        if kind == self.kind:
            return self._request_of(self._write_off())
        draft = self._draft(kind, self.member)
        draft.with_user(self.member).evidence_ids = self._attach(self.member)
        draft.with_user(self.member).action_submit()
        return self._request_of(draft)

    def test_a_machine_that_the_policy_names_decides_about_none_of_the_five(self):
        self._publish_for_bot()
        for kind in self._kinds():
            request = self._asked(kind)
            self.assertEqual(request.block, "no_people", kind.code)
            self.assertIn("account of a machine", " ".join(self._left_out(request)))
            for decide in ("action_approve", "action_reject"):
                with self.assertRaises(AccessError):
                    getattr(request.with_user(self.bot), decide)("Fine")
            self.assertEqual(request.state, "pending")

    def _left_out(self, request):
        return request.approval_explanation()["left_out"]

    def test_a_machine_with_the_role_is_passed_over_and_people_decide(self):
        request = self._asked(self.staffing)
        self.assertNotIn(self.bot, request.step_ids.approver_ids)
        request = self._request_of(self._ask(self.procurement, amount=600))
        self.assertIn(self.finance, request.step_ids.approver_ids)
        self.assertNotIn(self.bot, request.step_ids.approver_ids)
        with self.assertRaises(AccessError):
            self._approve(request, self.bot)

    def test_who_becomes_a_machine_while_it_waits_decides_no_more(self):
        request = self._request_of(self._ask(self.procurement, amount=600))
        self.finance.is_service_account = True
        with self.assertRaisesRegex(AccessError, "machine decides nothing"):
            self._approve(request, self.finance)

    def test_no_delegation_makes_a_machine_decide(self):
        now = fields.Datetime.now()
        self.env["retail.approval.delegation"].with_user(self.region_manager).create(
            {
                "delegate_id": self.bot.id,
                "date_from": now - timedelta(hours=1),
                "date_to": now + timedelta(days=1),
                "reason": "Let it try",
            }
        )
        request = self._request_of(self._ask(self.staffing))
        with self.assertRaises(AccessError):
            self._approve(request, self.bot)
        self.assertEqual(request.state, "pending")

    def test_who_is_a_machine_is_in_the_ledger_and_nobody_says_it_of_himself(self):
        entry = self.env["retail.audit.entry"].search(
            [("action", "=", "approval.service_account")], limit=1
        )
        self.assertEqual(entry.facts, {"user_id": self.bot.id, "on": True})
        with self.assertRaises(AccessError):
            self.bot.with_user(self.bot).is_service_account = False

    def test_every_final_approval_names_people_and_a_version_of_the_matrix(self):
        asked = self._ask(self.procurement, amount=600)
        request = self._request_of(asked)
        self._approve(request, self.finance, self.operations)
        self.assertEqual(request.state, "approved")
        self.assertTrue(request.policy_version and request.rule_line)
        self.assertEqual(request.decision_ids.user_id, self.finance | self.operations)
        self.assertFalse(any(request.decision_ids.user_id.mapped("is_service_account")))

    def _final_approvals(self):
        """Return approvals of many kinds: by one, by two, by a stand-in, by a row."""
        finals = self._request_of(self._ask(self.procurement, amount=20))
        for kind, amount, people in (
            (self.staffing, 120, self.region_manager),
            (self.deviation, 0, self.region_manager),
            (self.procurement, 120, self.region_manager),
            (self.procurement, 600, self.operations | self.finance),
        ):
            values = {"scope": "Aisle 3", "date_to": "2099-12-31 00:00:00"}
            finals |= self._request_of(self._ask(kind, amount=amount, **values))
            self._approve(finals[-1], *people)
        self._publish_policy([{"steps": ["region", "loss"]}])
        finals |= self._request_of(self._write_off())
        self._approve(finals[-1], self.region_manager, self.loss_prevention)
        return finals

    def test_every_approval_names_its_people_or_the_row_and_the_version(self):
        finals = self._final_approvals()
        self.assertEqual(set(finals.mapped("state")), {"approved"})
        self.assertEqual(finals.mapped("is_automatic").count(True), 1)
        for request in finals:
            with self.subTest(request.rule_line):
                self.assertEqual(request.policy_version, request.policy_id.version)
                self.assertTrue(request.rule_id and request.rule_line)
                people = request.decision_ids.user_id
                self.assertEqual(bool(people), not request.is_automatic)
                self.assertFalse(people & request.requester_id)
                self.assertFalse(any(people.mapped("is_service_account")))
