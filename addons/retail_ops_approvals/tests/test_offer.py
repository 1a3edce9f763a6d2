from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import BaseCase, tagged

from ..tools.matrix import Facts, Matrix, Row, shadowed
from .test_store_request import StoreRequestCase


@tagged("post_install", "-at_install")
class TestOfferRows(BaseCase):
    def _decides(self, rows, **facts):
        row = Matrix(rows).match(Facts(**facts))
        return row and row.id

    def test_a_floor_holds_below_it_and_not_at_it(self):
        rows = [Row(id=1, margin_below=10), Row(id=2)]
        self.assertEqual(self._decides(rows, margin=9.99), 1)
        self.assertEqual(self._decides(rows, margin=10), 2)
        self.assertEqual(self._decides(rows, margin=-5), 1)

    def test_a_margin_nobody_knows_counts_as_below(self):
        rows = [Row(id=1, margin_below=10), Row(id=2)]
        self.assertEqual(self._decides(rows, margin=None), 1)

    def test_a_category_holds_for_those_below_it(self):
        rows = [Row(id=1, category_ids=(4,)), Row(id=2)]
        self.assertEqual(self._decides(rows, category_ids=(1, 4, 9)), 1)
        self.assertEqual(self._decides(rows, category_ids=(1, 5)), 2)

    def test_outside_a_campaign(self):
        rows = [Row(id=1, is_outside_campaign=True), Row(id=2)]
        self.assertEqual(self._decides(rows, is_outside_campaign=True), 1)
        self.assertEqual(self._decides(rows), 2)

    def test_outside_catalogue_or_budget(self):
        rows = [Row(id=1, is_outside_terms=True), Row(id=2)]
        self.assertEqual(self._decides(rows, is_outside_terms=True), 1)
        self.assertEqual(self._decides(rows), 2)
        self.assertEqual(shadowed(rows), [])

    def test_a_row_with_a_floor_hides_no_row_without_one(self):
        floor, plain = Row(id=1, margin_below=10), Row(id=2)
        self.assertEqual(shadowed([floor, plain]), [])
        self.assertEqual(shadowed([plain, floor]), [(floor, plain)])
        lower = Row(id=3, margin_below=5)
        self.assertEqual(shadowed([floor, lower]), [(lower, floor)])
        self.assertEqual(shadowed([lower, floor]), [])

    def test_the_floor_that_would_have_decided_is_named(self):
        rows = Matrix([Row(id=1, margin_below=10), Row(id=2)])
        [change] = rows.changes(Facts(margin=12))
        self.assertEqual((change.fact, change.value, change.row.id), ("margin", 10, 1))
        [miss] = rows.near_misses(Facts(margin=12))
        self.assertEqual((miss.condition, miss.found), ("margin_below", 12))


@tagged("post_install", "-at_install")
class TestOffer(StoreRequestCase):
    """Below 10 % margin, or outside its campaign, finance decides as well."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.discount = cls.env.ref("retail_ops_approvals.kind_discount_override")
        cls.price = cls.env.ref("retail_ops_approvals.kind_price_change")
        (cls.discount | cls.price).is_offer = True
        cls.fresh = cls.env["product.category"].create({"name": "Fresh food"})
        finance = cls.env.ref("retail_ops_core.group_finance")
        both = ["region", {"approver": "group", "group_id": finance.id}]
        discount, price = {"kind_id": cls.discount.id}, {"kind_id": cls.price.id}
        cls._publish_policy(
            [
                {**discount, "margin_below": 10, "steps": both},
                {**discount, "category_ids": cls.fresh.ids, "steps": ["loss"]},
                {**discount, "steps": ["region"]},
                {**price, "margin_below": 10, "steps": both},
                {**price, "is_outside_campaign": True, "steps": ["region"]},
            ]
        )

    def _asked(self, kind, after, before=25, **values):
        values = {"margin_before": before, "margin_after": after, **values}
        return self._request_of(self._ask(kind, self.member, **values))

    def test_a_discount_below_the_floor_asks_finance_and_shows_the_effect(self):
        request = self._asked(self.discount, after=6)
        self.assertEqual(len(request.step_ids), 2)
        shown = request.with_user(self.finance).context_html
        for words in ("Margin effect", "-19", "Margin after"):
            self.assertIn(words, shown)
        self.assertIn("margin < 10 %", request.rule_line)

    def test_a_price_below_the_floor_asks_finance_and_shows_the_effect(self):
        running = self._campaign(-1, 5)  # its days are no reason here
        request = self._asked(self.price, after=6, campaign_id=running.id)
        self.assertEqual(
            request.step_ids.approver_ids, self.region_manager | self.finance
        )
        self.assertIn("margin < 10 %", request.rule_line)
        shown = request.with_user(self.finance).context_html
        self.assertIn("Margin effect", shown)
        self._approve(request, self.region_manager)
        self.assertEqual(request._document().state, "waiting")
        self._approve(request, self.finance)
        self.assertEqual(request._document().state, "approved")

    def test_above_the_floor_it_does_not_and_says_what_would_have(self):
        request = self._asked(self.discount, after=15)
        self.assertEqual(len(request.step_ids), 1)
        told = request.with_user(self.member).approval_explanation()
        self.assertRegex(told["changes"][0], "less than 10.00 % margin left: .*Finance")
        self.assertRegex(told["near"][0], "15.00 % margin is left, not below 10.00 %")

    def test_a_margin_that_nobody_gave_counts_as_below(self):
        request = self._asked(self.discount, after=0, before=0)
        self.assertEqual(len(request.step_ids), 2)

    def test_a_category_has_people_of_its_own(self):
        below = self.fresh.create({"name": "Fish", "parent_id": self.fresh.id})
        request = self._asked(self.discount, after=15, product_categ_id=below.id)
        self.assertIn(self.loss_prevention, request.step_ids.approver_ids)

    def _campaign(self, first, last):
        today = fields.Date.context_today(self.discount)
        template = self.env["retail.checklist.template"].create(
            {"name": "Set up", "kind": "campaign"}
        )
        return self.env["retail.campaign"].create(
            {
                "name": "Harvest week",
                "launch_date": today + timedelta(days=first),
                "end_date": today + timedelta(days=last),
                "template_id": template.id,
                "owner_id": self.operations.id,
            }
        )

    def test_a_price_outside_its_campaigns_days_asks_for_approval(self):
        running, over = self._campaign(-1, 5), self._campaign(-9, -2)
        for campaign in (over, over.browse()):
            request = self._asked(self.price, after=20, campaign_id=campaign.id)
            self.assertEqual(request.step_ids.approver_ids, self.region_manager)
        request = self._asked(self.price, after=20, campaign_id=running.id)
        self.assertEqual(request.block, "no_row")  # no row of this policy covers it

    def test_what_decided_who_is_asked_stays_while_somebody_is(self):
        asked = self._asked(self.discount, after=15)._document()
        with self.assertRaisesRegex(UserError, "withdraw"):
            asked.with_user(self.member).margin_after = 2
        with self.assertRaisesRegex(UserError, "withdraw"):
            asked.with_user(self.member).product_categ_id = self.fresh

    def test_a_back_test_asks_for_category_margin_and_campaign(self):
        ids = [self._asked(self.discount, after=each).id for each in (6, 15)]
        draft = self._draft_policy(
            [
                {"kind_id": self.discount.id, "margin_below": 20, "steps": ["loss"]},
                {"kind_id": self.discount.id, "steps": ["region"]},
            ]
        )
        backtest = self.env["retail.approval.backtest"].create(
            {"policy_id": draft.id, "domain": f"[('id', 'in', {ids})]"}
        )
        backtest.action_run()
        self.assertEqual(backtest.move_ids.after_rule_id, draft.rule_ids[0])
        self.assertEqual(backtest.moved_count, 2)
