from odoo import Command
from odoo.tests import tagged

from .common import PurchaseCase


@tagged("post_install", "-at_install")
class TestTerms(PurchaseCase):
    """From 50 on, what is outside catalogue or budget asks finance as well."""

    def _asked(self, price, **values):
        order = self._order(price, **values)
        order.button_confirm()
        return self._request_of(order).activity_ids.user_id

    def _lamp(self, price):
        lamp = self.env["product.product"].create({"name": "Lamp"})
        line = {"product_id": lamp.id, "product_qty": 2, "price_unit": price}
        return lamp, {"order_line": [Command.create({**line, "tax_ids": False})]}

    def test_at_the_agreed_price_the_regional_manager_decides_alone(self):
        self.assertEqual(self._asked(100), self.region_manager)

    def test_without_an_agreed_price_finance_decides_as_well(self):
        _lamp, values = self._lamp(60)
        both = self.region_manager | self.finance
        self.assertEqual(self._asked(0, **values), both)

    def test_dearer_than_agreed_finance_decides_as_well(self):
        lamp, values = self._lamp(60)
        self._agree(lamp, 59)
        order = self._order(0, **values)
        self.assertIn("Lamp costs", order.retail_terms_text)
        order.button_confirm()
        self.assertIn(self.finance, self._request_of(order).activity_ids.user_id)

    def test_an_agreed_price_in_another_currency_is_converted(self):
        lamp, values = self._lamp(60)
        other = self.env["res.currency"].create(
            {
                "name": "TST",
                "symbol": "T",
                "rate_ids": [Command.create({"name": "2020-01-01", "rate": 2})],
            }
        )
        agreed = self._agree(lamp, 119, currency_id=other.id)
        self.assertTrue(self._order(0, **values).retail_terms_text)
        agreed.price = 121
        self.assertFalse(self._order(0, **values).retail_terms_text)

    def test_a_price_agreed_for_a_dozen_is_the_same_for_one(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        lamp, values = self._lamp(60)
        self._agree(lamp, 719, product_uom_id=dozen.id)
        order = self._order(0, **values)
        for unit, price, is_dearer in (
            (lamp.uom_id, 59, False),
            (lamp.uom_id, 60, True),
            (dozen, 719, False),
            (dozen, 720, True),
        ):
            order.order_line.write({"product_uom_id": unit.id, "product_qty": 1})
            order.order_line.price_unit = price
            broken = " ".join(order.sudo()._broken_terms())
            self.assertEqual("Lamp costs" in broken, is_dearer, (unit.name, price))

    def test_beyond_the_stores_budget_finance_decides_as_well(self):
        self.store.purchase_budget = 120
        self._order(40).button_confirm()
        self.assertEqual(self._asked(80), self.region_manager)
        order = self._order(81)
        self.assertIn("has spent", order.retail_terms_text)
        order.button_confirm()
        self.assertIn(self.finance, self._request_of(order).activity_ids.user_id)

    def test_a_price_counts_as_agreed_only_once_its_order_is_confirmed(self):
        lamp, values = self._lamp(60)
        order = self._order(0, **values)
        order.button_confirm()
        self.assertFalse(lamp.seller_ids)
        self._approve(self._request_of(order), self.region_manager, self.finance)
        self._carry_out()
        self.assertEqual(lamp.seller_ids.partner_id, self.vendor)

    def test_a_small_consumable_is_the_managers_own_whatever_its_terms(self):
        _lamp, values = self._lamp(20)
        order = self._order(0, **values)
        order.button_confirm()
        self.assertEqual(order.state, "purchase")

    def test_what_a_manager_buys_alone_makes_no_agreed_price(self):
        lamp, values = self._lamp(49)
        alone = self._order(0, **values)
        alone.order_line.product_qty = 1
        alone.button_confirm()
        self.assertEqual(alone.state, "purchase")
        self.assertFalse(lamp.seller_ids)
        many = self._order(0, **values)
        many.order_line.product_qty = 9
        self.assertIn("Lamp has no agreed price", many.retail_terms_text)
        many.button_confirm()
        both = self.region_manager | self.finance
        self.assertEqual(self._request_of(many).activity_ids.user_id, both)

    def test_the_request_names_what_is_outside_and_what_would_not_be(self):
        _lamp, values = self._lamp(60)
        order = self._order(0, **values)
        order.button_confirm()
        request = self._request_of(order).with_user(self.region_manager)
        self.assertIn("Lamp has no agreed price", request.context_html)
        changes = request.approval_explanation()["changes"]
        self.assertTrue([each for each in changes if "At agreed terms" in each])

    def test_the_deciding_person_sees_what_each_category_cost_so_far(self):
        self.bags.categ_id = self.env["product.category"].create({"name": "Packing"})
        self._order(40).button_confirm()
        order = self._order(80)
        self.assertRegex(order.retail_category_spend, r"Packing .*40[.,]00")
        order.button_confirm()
        request = self._request_of(order).with_user(self.region_manager)
        self.assertIn("Spent by category", request.context_html)


@tagged("post_install", "-at_install")
class TestImport(PurchaseCase):
    def test_an_imported_order_is_not_confirmed_by_its_file(self):
        columns = ["partner_id/.id", "state", "order_line/product_id/.id"]
        columns += ["order_line/product_qty", "order_line/price_unit"]
        row = [str(self.vendor.id), "purchase", str(self.bags.id), "1", "8000"]
        orders = self.env["purchase.order"].with_user(self.manager)
        before = orders.search_count([])
        answer = orders.load(columns, [row])
        self.assertFalse(answer["ids"])
        self.assertIn("needs an approval", answer["messages"][0]["message"])
        self.assertEqual(orders.search_count([]), before)

    def test_an_imported_change_of_a_confirmed_order_is_refused(self):
        order = self._order(40)
        order.button_confirm()
        [line] = order.order_line
        lines = self.env["purchase.order.line"].with_user(self.manager)
        answer = lines.load([".id", "price_unit"], [[str(line.id), "9000"]])
        self.assertFalse(answer["ids"])
        self.assertEqual(line.price_unit, 40)
