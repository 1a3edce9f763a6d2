from odoo.tests import tagged

from .common import ApprovalCase


@tagged("post_install", "-at_install")
class TestRouting(ApprovalCase):
    def _rule_of(self, **values):
        return self._request_of(self._write_off(**values)).rule_id

    def test_the_limit_itself_needs_approval_and_a_cent_less_does_not(self):
        one_missing = {"expected_quantity": 100, "counted_quantity": 99}
        for cost, outcome in ((49.99, "none"), (50, "steps"), (50.01, "steps")):
            rule = self._request_of(
                self._raise_by_hand(self.manager, unit_cost=cost, **one_missing)
            ).rule_id
            self.assertEqual(rule.outcome, outcome, cost)

    def test_the_variance_decides_about_loss_prevention(self):
        below = self._rule_of(expected_quantity=26, counted_quantity=21)
        at = self._rule_of(expected_quantity=25, counted_quantity=20)
        self.assertEqual(len(below.step_ids), 1)
        self.assertEqual(len(at.step_ids), 2)

    def test_the_limit_is_in_the_currency_of_the_documents_company(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", euro.id)]).unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "name": "2020-01-01", "rate": 0.5}
        )
        exception = self._raise_by_hand(
            self.manager,
            expected_quantity=100,
            counted_quantity=99,
            unit_cost=30,
            currency_id=euro.id,
        )
        request = self._request_of(exception)
        self.assertEqual(request.company_amount, 60)
        self.assertEqual(request.rule_id.outcome, "steps")

    def test_a_row_in_a_currency_of_its_own_compares_in_that_currency(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", euro.id)]).unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "name": "2020-01-01", "rate": 0.5}
        )
        self._publish_policy(
            [
                {"amount_min": 36, "currency_id": euro.id, "steps": ["region"]},
                {"outcome": "none"},
            ]
        )
        self.assertEqual(self._rule_of().outcome, "steps")  # 72.50 USD = 36.25 EUR
        self.assertEqual(self._rule_of(unit_cost=14).outcome, "none")  # 35.00 EUR

    def test_a_region_has_rows_of_its_own(self):
        self._publish_policy(
            [
                {"region_ids": self.country.ids, "steps": ["loss"]},
                {"outcome": "none"},
            ]
        )
        self.assertEqual(self._rule_of().outcome, "steps")
        far = self._raise_by_hand(self.far_manager, store_id=self.far_store.id)
        self.assertEqual(self._request_of(far).rule_id.outcome, "none")

    def test_a_store_format_and_an_exception_type_narrow_a_row(self):
        damaged = self.env.ref("retail_ops_core.type_damaged_goods")
        self._publish_policy(
            [
                {"store_format": "outlet", "steps": ["loss"]},
                {"type_ids": damaged.ids, "steps": ["region"]},
                {"outcome": "none"},
            ]
        )
        self.assertEqual(self._rule_of().outcome, "none")
        self.assertEqual(
            self._rule_of(type_id=damaged.id).step_ids._label(), "Regional manager"
        )
        self.store.format = "outlet"
        self.assertEqual(self._rule_of().step_ids._label(), "Loss prevention")

    def test_a_company_with_a_policy_of_its_own_follows_that(self):
        self._publish_policy([{"outcome": "none"}])
        own = self.Policy.with_user(self.admin).create(
            {"name": "Own", "code": "own", "company_id": self.company.id}
        )
        self.env["retail.approval.rule"].with_user(self.admin).create(
            {
                "policy_id": own.id,
                "kind_id": self.kind.id,
                "step_ids": [(0, 0, self._step_values("region"))],
            }
        )
        own.with_user(self._second_admin()).action_publish()
        self.assertEqual(self._request_of(self._write_off()).policy_id, own)

    def test_the_request_says_which_row_what_nearly_and_what_else(self):
        exception = self._write_off(expected_quantity=100, counted_quantity=95)
        request = self._request_of(exception)
        lines = request._explanation_lines()
        self.assertIn("50.00 and more", request.rule_line)
        self.assertIn("the variance is 5.00 %, below 20.00 %", lines["near"][0])
        self.assertIn("No approval needed", lines["turning"][0])
        self.assertIn("50.00", lines["turning"][0])
        for text in ("Nearly, but not", "Another amount", "Standard approval policy"):
            self.assertIn(text, request.explanation_html)

    def test_the_deciding_person_sees_the_facts_and_what_happened_before(self):
        self._write_off(counted_quantity=11)
        request = self._request_of(self._write_off(reason="Broken pallet"))
        shown = request.with_user(self.loss_prevention).context_html
        for text in ("Olive oil", "Broken pallet", "14.50 USD", "Bottles missing"):
            self.assertIn(text, shown)

    def test_two_documents_of_one_batch_get_a_request_each(self):
        facts = [self._fact(), self._fact(counted_quantity=11)]
        taken = self.env["retail.exception"].sudo()._intake(facts)
        states = [self._request_of(exception).is_automatic for exception in taken]
        self.assertEqual(states, [False, True])
