from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.retail_ops_approvals.tests.common_rpc import RpcCase

from .common import PurchaseCase


@tagged("post_install", "-at_install")
class TestParts(PurchaseCase):
    """What a manager buys alone counts when he buys the rest of it."""

    def _confirm(self, *prices, **values):
        """Return orders that the manager confirmed one after the other."""
        orders = self.env["purchase.order"].with_user(self.manager)
        for price in prices:
            order = self._order(price, **values)
            order.button_confirm()
            orders |= order
        return orders

    def _assert_states(self, orders, *states):
        self.assertEqual(orders.mapped("state"), list(states))

    def test_what_passes_by_itself_leaves_a_request_that_was_used(self):
        order = self._confirm(40)
        request = self._request_of(order)
        self.assertTrue(request.is_automatic)
        self.assertTrue(request.spent_at)
        self.assertEqual(order.sudo().retail_confirmed_by_id, request)
        self.assertEqual(request.requester_id, self.manager)

    def test_three_of_forty_do_not_pass_one_by_one(self):
        orders = self._confirm(40, 40, 40)
        self._assert_states(orders, "purchase", "to approve", "to approve")
        last = self._request_of(orders[-1])
        self.assertTrue(last.is_split)
        self.assertIn("120", last.split_text)
        self.assertEqual(last.activity_ids.user_id, self.region_manager)

    def test_parts_pass_as_long_as_their_sum_does(self):
        orders = self._confirm(20, 20, 20)
        self._assert_states(orders, "purchase", "purchase", "to approve")
        self.assertTrue(self._request_of(orders[-1]).is_split)

    def test_a_part_above_the_limit_is_judged_by_the_sum(self):
        orders = self._confirm(40, 40, 60)
        self._assert_states(orders, "purchase", "to approve", "to approve")
        _small, _second, last = orders
        self.assertEqual(
            self._request_of(last).activity_ids.user_id, self.region_manager
        )
        large = self._confirm(400)
        self.assertEqual(
            self._request_of(large).activity_ids.user_id,
            self.region_manager | self.finance,
        )

    def test_what_several_parts_ask_for_outside_the_terms_asks_finance(self):
        lamp = self.env["product.product"].create({"name": "Lamp"})
        line = {"product_id": lamp.id, "product_qty": 1, "price_unit": 30}
        lines = {"order_line": [Command.create({**line, "tax_ids": False})]}
        orders = self._confirm(0, 0, **lines)
        self._assert_states(orders, "purchase", "to approve")
        self.assertIn(self.finance, self._request_of(orders[-1]).activity_ids.user_id)

    def test_parts_count_for_the_budget_of_the_month(self):
        self.store.purchase_budget = 59
        orders = self._confirm(20, 20, 20)
        asked = self._request_of(orders[-1]).activity_ids.user_id
        self.assertIn("has spent", orders[-1].retail_terms_text)
        self.assertEqual(asked, self.region_manager | self.finance)

    def test_several_confirmed_at_once_see_each_other(self):
        for press in ("button_confirm", "button_approve"):
            orders = self._order(20) | self._order(20) | self._order(20)
            getattr(orders, press)()
            self.assertEqual(orders.mapped("state").count("purchase"), 2, press)
            orders.button_cancel()

    def test_another_vendor_store_or_buyer_does_not_count(self):
        self._confirm(40)
        vendor = self.env["res.partner"].create({"name": "Another shop"})
        self.other_store.manager_id = self.manager
        colleague = new_test_user(
            self.env,
            "test_second_manager",
            "retail_ops_core.group_store_manager,purchase.group_purchase_user",
        )
        self.store.member_ids += colleague
        for values in (
            {"partner_id": vendor.id},
            {"store_id": self.other_store.id},
            {"user": colleague},
        ):
            other = self._order(40, **values)
            other.button_confirm()
            self.assertEqual(other.state, "purchase", values)

    def test_a_contact_of_the_same_vendor_counts(self):
        self._confirm(40)
        contact = self.vendor.create({"name": "Agent", "parent_id": self.vendor.id})
        self._assert_states(self._confirm(40, partner_id=contact.id), "to approve")

    def test_what_was_bought_before_the_window_does_not_count(self):
        self._confirm(40)
        with freeze_time(fields.Datetime.now() + timedelta(days=8)):
            self._assert_states(self._confirm(40), "purchase")

    def test_what_was_cancelled_or_deleted_does_not_count(self):
        for give_up in ("button_cancel", "button_draft"):
            first = self._confirm(40)
            getattr(first, give_up)()
            second = self._confirm(40)
            self._assert_states(second, "purchase")
            (first | second).button_cancel()
        (first | second).unlink()
        self._assert_states(self._confirm(40), "purchase")

    def test_an_order_confirmed_twice_counts_once(self):
        order = self._confirm(20)
        order.button_draft()
        order.button_confirm()
        self._assert_states(order | self._confirm(20), "purchase", "purchase")

    def test_a_changed_part_counts_as_it_is_now(self):
        order = self._confirm(20)
        order.order_line.price_unit = 45
        self._assert_states(order | self._confirm(4), "purchase", "purchase")
        self._assert_states(self._confirm(1), "to approve")

    def test_a_part_is_not_made_larger_than_the_sum_may_be(self):
        first = self._confirm(20, 20)[0]
        with self.assertRaisesRegex(UserError, "needs an approval"):
            first.order_line.price_unit = 40

    def test_a_waiting_order_is_not_confirmed_as_one_that_passes(self):
        order = self._order(40, self.member)
        order.button_confirm()
        order.with_user(self.manager).button_approve()
        self.assertEqual(order.state, "to approve")
        self._approve(self._request_of(order), self.manager)
        self._carry_out()
        self.assertEqual(order.state, "purchase")

    def test_what_waits_and_is_made_smaller_passes(self):
        order = self._confirm(80)
        order.order_line.price_unit = 40
        order.button_approve()
        self.assertEqual(order.state, "purchase")
        self.assertTrue(self._request_of(order).is_automatic)

    def test_what_it_was_confirmed_under_is_not_written_by_hand(self):
        small, large = self._confirm(40), self._order(8000)
        request = self._request_of(small)
        for user in (self.manager, self.purchase_manager, self.admin):
            with self.assertRaises(AccessError):
                large.with_user(user).write({"retail_confirmed_by_id": request.id})


@tagged("post_install", "-at_install")
class TestPartsUnderAttack(PurchaseCase, RpcCase):
    def setUp(self):
        super().setUp()
        self._login(self.manager)

    def _confirmed(self, orders):
        return orders.mapped("state").count("purchase")

    def test_states_written_one_by_one_over_remote_calls(self):
        orders = self._order(20) | self._order(20) | self._order(20)
        for order in orders:
            self._call("purchase.order", "write", order.ids, {"state": "purchase"})
        self.assertEqual(self._confirmed(orders), 2)

    def test_states_written_at_once_over_remote_calls(self):
        orders = self._order(20) | self._order(20) | self._order(20)
        self._assert_refused(
            "purchase.order", "write", orders.ids, {"state": "purchase"}
        )
        self.assertEqual(self._confirmed(orders), 0)

    def test_orders_created_or_imported_confirmed(self):
        line = {"product_id": self.bags.id, "product_qty": 1, "price_unit": 20}
        values = {
            "partner_id": self.vendor.id,
            "state": "purchase",
            "order_line": [Command.create({**line, "tax_ids": False})],
        }
        self._assert_refused("purchase.order", "create", [values] * 3)
        columns = ["partner_id/.id", "state", "order_line/product_id/.id"]
        columns += ["order_line/product_qty", "order_line/price_unit"]
        row = [str(self.vendor.id), "purchase", str(self.bags.id), "1", "20"]
        answer = self._call("purchase.order", "load", columns, [row] * 3)
        self.assertFalse(answer["result"]["ids"])

    def test_one_made_smaller_for_a_moment(self):
        first = self._order(40)
        first.button_confirm()
        line = first.order_line
        self._call("purchase.order.line", "write", line.ids, {"price_unit": 1})
        second = self._order(40)
        self._call("purchase.order", "button_confirm", second.ids)
        self._assert_refused(
            "purchase.order.line", "write", line.ids, {"price_unit": 40}
        )
        self.assertEqual(self._confirmed(first | second), 2)
