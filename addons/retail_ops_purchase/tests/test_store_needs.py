from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import PurchaseCase


@tagged("post_install", "-at_install")
class TestStoreNeeds(PurchaseCase):
    def _approved(self, amount):
        need = self._need(amount)
        self._approve(self._request_of(need), self.region_manager)
        self._carry_out()
        return need

    def setUp(self):
        super().setUp()
        self._decide_about_needs()

    def test_no_order_before_the_approval(self):
        need = self._need(240)
        self._carry_out()
        self.assertFalse(need.sudo().purchase_order_ids)

    def test_an_approved_need_becomes_one_draft_order(self):
        need = self._approved(240)
        order = need.sudo().purchase_order_ids
        self.assertEqual(order.state, "draft")
        self.assertEqual(order.partner_id, self.vendor)
        self.assertEqual(order.amount_untaxed, 240)
        need._prepare_purchase_order()
        self.assertEqual(len(need.sudo().purchase_order_ids), 1)

    def test_an_approved_urgent_buy_is_ordered_in_its_quantity_and_unit(self):
        kind = self.env.ref("retail_ops_approvals.kind_urgent_buy")
        row = {"kind_id": kind.id, "steps": ["region"]}
        self._publish_policy([row])
        dozen = self.env.ref("uom.product_uom_dozen")
        goods = {"product_qty": 13, "product_uom_id": dozen.id}
        need = self._need(200, kind_id=kind.id, **goods)
        self._approve(self._request_of(need), self.region_manager)
        self._carry_out()
        order = need.sudo().purchase_order_ids
        [line] = order.order_line
        self.assertEqual(line.product_id, self.bags)
        self.assertEqual((line.product_qty, line.product_uom_id), (13, dozen))
        self.assertEqual(line.price_unit, 15.38)
        order.with_user(self.manager).button_confirm()
        self.assertEqual(order.state, "purchase")

    def test_a_need_without_a_product_becomes_an_order_with_a_note(self):
        need = self._need(240, product_id=False)
        self._approve(self._request_of(need), self.region_manager)
        self._carry_out()
        [line] = need.sudo().purchase_order_ids.order_line
        self.assertEqual((line.display_type, line.name), ("line_note", need.summary))

    def test_other_goods_than_granted_ask_again(self):
        order = self._approved(240).sudo().purchase_order_ids
        other = self.env["product.product"].create({"name": "Wine"})
        order.order_line.product_id = other
        order.order_line.write({"product_qty": 1, "price_unit": 240})
        order.with_user(self.manager).button_confirm()
        self.assertEqual(order.state, "to approve")

    def test_the_goods_of_a_need_stay_while_somebody_decides_and_after(self):
        other = self.env["product.product"].create({"name": "Wine"})
        waiting, approved = self._need(240), self._approved(80)
        for need in (waiting, approved):
            for change in ({"product_id": other.id}, {"product_qty": 2}):
                with self.assertRaises(UserError):
                    need.write(change)

    def test_that_order_is_confirmed_without_a_second_approval(self):
        order = self._approved(240).sudo().purchase_order_ids
        order.with_user(self.manager).button_confirm()
        self.assertEqual(order.state, "purchase")

    def test_beyond_what_was_granted_it_asks_again(self):
        order = self._approved(240).sudo().purchase_order_ids
        order.order_line.price_unit = 260
        order.with_user(self.manager).button_confirm()
        self.assertEqual(order.state, "to approve")

    def test_another_vendor_asks_again(self):
        order = self._approved(240).sudo().purchase_order_ids
        order.partner_id = self.env["res.partner"].create({"name": "Elsewhere"})
        order.order_line.price_unit = 240
        order.with_user(self.manager).button_confirm()
        self.assertEqual(order.state, "to approve")

    def test_a_confirmed_one_does_not_grow_beyond_the_grant(self):
        order = self._approved(240).sudo().purchase_order_ids
        order.with_user(self.manager).button_confirm()
        with self.assertRaises(UserError):
            order.order_line.with_user(self.manager).price_unit = 900
            self.env.flush_all()

    def test_with_the_rule_off_the_need_is_done_and_no_order_is_written(self):
        self.env.ref("retail_ops_purchase.automation_order").active = False
        need = self._approved(240)
        self.assertEqual(need.state, "done")
        self.assertFalse(need.sudo().purchase_order_ids)
