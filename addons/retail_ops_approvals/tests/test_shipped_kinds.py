from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.retail_ops_core.tests.common import RetailOpsCase

REGION, FINANCE = "region_manager", "finance"
OPERATIONS, LOSS = "operations", "loss_prevention"
# Kind, amount, and who has to approve under the policy that comes with the addon.
PATHS = [
    ("local_procurement", 40, ["manager"]),
    ("local_procurement", 50, [REGION]),
    ("local_procurement", 499.99, [REGION]),
    ("local_procurement", 500, [OPERATIONS, FINANCE]),
    ("emergency_maintenance", 900, [REGION, OPERATIONS]),
    ("stock_correction", 120, [REGION, LOSS]),
    ("refund_exception", 120, [REGION, FINANCE]),
    ("price_change", 120, [REGION, OPERATIONS]),
    ("discount_override", 120, [REGION, FINANCE]),
    ("promotion_deviation", 120, [OPERATIONS, FINANCE]),
    ("staffing_override", 120, [REGION]),
    ("vendor_onboarding", 0, [OPERATIONS, FINANCE]),
    ("supplier_substitution", 120, [REGION, OPERATIONS]),
    ("urgent_buy", 120, [REGION, FINANCE]),
    ("stock_reallocation", 120, [REGION]),
    ("shipment_release", 120, [OPERATIONS]),
    ("policy_deviation", 0, [REGION, OPERATIONS]),
]


@tagged("post_install", "-at_install")
class TestShippedKinds(RetailOpsCase):
    """What a member of a store's team asks for, under the policy as it comes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kinds = cls.env["retail.request.kind"].search([])
        role = cls.env.ref("retail_ops_core.group_operations")
        role.user_ids = [(4, cls.operations.id)]

    def _ask(self, code, amount, user=None, **values):
        kind = self.kinds.filtered(lambda each: each.code == code)
        user = user or self.member
        attached = (
            self.env["ir.attachment"]
            .with_user(user)
            .create(
                {"name": "quote.pdf", "raw": b"Quote", "res_model": "retail.request"}
            )
        )
        asked = (
            self.env["retail.request"]
            .with_user(user)
            .create(
                {
                    "kind_id": kind.id,
                    "store_id": self.store.id,
                    "summary": kind.name,
                    "reason": "The shelf is empty",
                    "scope": "Aisle 3",
                    "date_to": "2099-12-31 00:00:00",
                    "amount": amount,
                    "evidence_ids": attached.ids,
                }
            )
        )
        asked.action_submit()
        return asked.sudo()

    def _carry_out(self):
        with self.enter_registry_test_mode():
            self.env.ref("retail_ops_approvals.cron_act").method_direct_trigger()

    def test_fifteen_kinds_come_with_the_addon(self):
        codes = {code for code, _amount, _people in PATHS} | {"stock_write_off"}
        self.assertEqual(len(codes), 15)
        self.assertLessEqual(codes, set(self.kinds.mapped("code")))

    def test_each_waits_for_everybody_whom_the_policy_asks_and_is_then_done(self):
        for code, amount, people in PATHS:
            asked = self._ask(code, amount)
            request = asked.approval_request_ids
            for name in people:
                self.assertEqual(asked.state, "waiting", (code, amount, name))
                self.assertFalse(asked.done_at)
                request.with_user(getattr(self, name)).action_approve()
            self.assertEqual(request.state, "approved", (code, amount))
            self._carry_out()
            done = "in_force" if asked.has_period else "done"
            self.assertEqual(asked.state, done, (code, amount))

    def test_nobody_else_decides_and_who_asked_does_not_either(self):
        for code, amount, people in PATHS:
            request = self._ask(code, amount).approval_request_ids
            everybody = {REGION, FINANCE, OPERATIONS, LOSS, "manager", "auditor"}
            for name in sorted({*everybody, "member", "far_manager"} - set(people)):
                with self.assertRaises(AccessError):
                    request.with_user(getattr(self, name)).action_approve()
            self.assertEqual(request.state, "pending")

    def test_one_of_two_is_not_enough_and_one_refusal_ends_it(self):
        for code, amount, people in PATHS:
            if len(people) == 1:
                continue
            asked = self._ask(code, amount)
            request = asked.approval_request_ids
            request.with_user(getattr(self, people[0])).action_approve()
            second = request.with_user(getattr(self, people[1]))
            second.action_reject("Not this month")
            self.assertEqual(asked.state, "refused", code)

    def test_a_store_managers_small_need_passes_by_an_explicit_row(self):
        asked = self._ask("local_procurement", 40, self.manager)
        self.assertTrue(asked.approval_request_ids.is_automatic)
        self.assertIn("No approval needed", asked.approval_text)

    def test_an_emergency_takes_the_short_chain_and_is_looked_at_afterwards(self):
        kind = self.kinds.filtered(lambda each: each.code == "emergency_maintenance")
        asked = (
            self.env["retail.request"]
            .with_user(self.member)
            .create(
                {
                    "kind_id": kind.id,
                    "store_id": self.store.id,
                    "summary": "Freezer 3 is warm",
                    "reason": "The goods spoil tonight",
                    "amount": 900,
                    "is_emergency": True,
                }
            )
        )
        asked.action_submit()
        request = asked.sudo().approval_request_ids
        self.assertEqual(len(request.step_ids), 1)
        request.with_user(self.region_manager).action_approve()
        self.assertEqual(request.state, "approved")
        self.assertEqual(request.review_state, "due")

    def test_a_write_off_under_the_same_policy(self):
        case = self._raise_by_hand(self.manager).sudo()
        request = case.approval_request_ids
        self.assertEqual(request.kind_id.code, "stock_write_off")
        request.with_user(self.region_manager).action_approve()
        self.assertNotEqual(case.state, "resolved")
        request.with_user(self.loss_prevention).action_approve()
        self.assertEqual(case.state, "resolved")
