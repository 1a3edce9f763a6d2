from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.retail_ops_core.tests.common import RetailOpsCase

from ..tools.matrix import Facts

REGION, FINANCE = "region_manager", "finance"
OPERATIONS, LOSS = "operations", "loss_prevention"
MARKETING, MERCHANDISING = "marketing", "merchandising"
# Kind, amount, and who has to approve under the policy that comes with the addon.
PATHS = [
    ("local_procurement", 40, ["manager"]),
    ("local_procurement", 49.99, ["manager"]),
    ("local_procurement", 50, [REGION]),
    ("local_procurement", 50.01, [REGION]),
    ("local_procurement", 499.99, [REGION]),
    ("local_procurement", 500, [OPERATIONS, FINANCE]),
    ("local_procurement", 500.01, [OPERATIONS, FINANCE]),
    ("emergency_maintenance", 900, [REGION, OPERATIONS]),
    ("stock_correction", 120, [REGION, LOSS]),
    ("refund_exception", 120, [REGION, FINANCE]),
    ("price_change", 120, [REGION, OPERATIONS]),
    ("discount_override", 120, [REGION, FINANCE]),
    ("promotion_deviation", 120, [MARKETING, MERCHANDISING]),
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
        for name in (MARKETING, MERCHANDISING):
            role = f"retail_ops_approvals.group_{name}"
            setattr(cls, name, new_test_user(cls.env, f"test_{name}", role))

    def _ask(self, code, amount, user=None, vendor=None):
        """Ask for what this vendor gets, one of its own where none is named."""
        vendor = vendor or self.env["res.partner"].create({"name": "Vendor"})
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
                    "partner_id": vendor.id,
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
            everybody |= {MARKETING, MERCHANDISING}
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

    def test_needs_of_one_vendor_in_parts_are_decided_by_their_sum(self):
        vendor = self.env["res.partner"].create({"name": "Vendor"})
        deciding = []
        for amount in (36, 36, 430):
            asked = self._ask("local_procurement", amount, self.manager, vendor)
            deciding.append(asked.approval_request_ids.step_ids.approver_ids)
        nobody = self.env["res.users"]
        self.assertEqual(deciding[:2], [nobody, self.region_manager])
        self.assertLessEqual(self.operations | self.finance, deciding[2])

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


@tagged("post_install", "-at_install")
class TestShippedBands(RetailOpsCase):
    """Just below, at and just above each limit of the policy as it comes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = cls.env.ref("retail_ops_approvals.policy_standard")

    def _amounts(self, rule):
        """Return ``(amount, whether the row's band holds it)`` around its limits."""
        low, high = rule.amount_min, rule.amount_max
        below = [(low - 0.01, False), (low, True), (low + 0.01, True)] if low else []
        above = [(high - 0.01, True), (high, False), (high + 0.01, False)]
        return [*below, *(above if high else [])]

    def _facts(self, rule, amount):
        """Return a document that meets whatever else the row asks for."""
        return Facts(
            amount=amount,
            variance=rule.variance_min,
            outlier=rule.outlier_min,
            group_ids=tuple(rule.requester_group_ids.ids),
        )

    def test_just_below_at_and_just_above_each_limit_route_as_the_policy_says(self):
        banded = self.policy.rule_ids.filtered(lambda r: r.amount_min or r.amount_max)
        kinds = set(banded.kind_id.mapped("code"))
        self.assertLessEqual({"stock_write_off", "local_procurement"}, kinds)
        for rule in banded:
            for amount, holds in self._amounts(rule):
                with self.subTest(rule.line, amount=amount):
                    matrix = self.policy._matrix(rule.kind_id)
                    row = matrix.match(self._facts(rule, amount))
                    self.assertTrue(row, "no row covers it")
                    self.assertEqual(row.id == rule.id, holds)

    def test_each_write_off_around_the_limit_goes_where_the_policy_says(self):
        two = "Regional manager AND Loss prevention"
        for cost, missing, people in (
            (49.99, 1, "No approval needed"),
            (50, 1, "Regional manager"),
            (50.01, 1, "Regional manager"),
            (2.49, 20, "No approval needed"),
            (2.5, 20, two),
            (2.51, 20, two),
        ):
            with self.subTest(cost=cost, missing=missing):
                counted = {"expected_quantity": 100, "counted_quantity": 100 - missing}
                case = self._raise_by_hand(self.manager, unit_cost=cost, **counted)
                line = case.sudo().approval_request_ids.rule_line
                self.assertTrue(line.endswith(f"→ {people}"), line)


@tagged("post_install", "-at_install")
class TestShippedTypes(RetailOpsCase):
    """Each type that comes with the suite shows its control points in one view."""

    def _types(self):
        names = self.env["ir.model.data"].search(
            [
                ("model", "=", "retail.exception.type"),
                ("module", "=like", "retail_ops_%"),
            ]
        )
        return self.env["retail.exception.type"].browse(names.mapped("res_id"))

    def _demands(self, each):
        """Return the words that stand for what resolving such a case asks for."""
        words = {
            "the root cause": each.root_cause_required,
            "for evidence": each.evidence_required,
            "headquarters reviews it": each.review_threshold,
        }
        return [word for word, asked in words.items() if asked]

    def _decides(self, each):
        """Return the lines of the policy in force that can decide about the type."""
        kind = each.approval_kind_id
        if not kind:
            return ["No approval: whoever works it may resolve it."]
        rules = kind.policy_id.rule_ids.filtered(lambda rule: rule.kind_id == kind)
        return [kind.policy_id.display_name, *rules.mapped("line")]

    def test_each_shipped_type_shows_what_stands_between_a_case_and_its_end(self):
        types = self._types()
        self.assertGreaterEqual(len(types), 26)
        for each in types:
            with self.subTest(each.code):
                told = each.with_user(self.manager).control_points
                for words in [*self._demands(each), *self._decides(each.sudo())]:
                    self.assertIn(words, told)

    def test_the_form_of_a_type_is_where_they_stand(self):
        form = self.env["retail.exception.type"].with_user(self.auditor)
        arch = form.get_view(view_type="form")["arch"]
        self.assertIn('name="control_points"', arch)
