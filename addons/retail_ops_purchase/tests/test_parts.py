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

    def _of_two_lines(self):
        """Return a confirmed order of 20 and 20, and a writer of both prices."""
        line = {"product_id": self.bags.id, "product_qty": 1, "price_unit": 20}
        lines = [Command.create({**line, "tax_ids": False})] * 2
        order = self._confirm(0, order_line=lines)

        def write(*prices, turn=1):
            changes = [
                Command.update(each.id, {"price_unit": price})
                for each, price in zip(order.order_line, prices, strict=True)
            ]
            order.write({"order_line": changes[::turn]})

        return order, write

    def test_lines_saved_together_are_judged_when_all_are_written(self):
        for turn in (1, -1):
            order, write = self._of_two_lines()
            write(45, 1, turn=turn)
            write(1, 45, turn=turn)
            self.assertEqual(order.amount_untaxed, 46)
            order.button_cancel()

    def test_lines_saved_together_do_not_exceed_what_one_may(self):
        order, write = self._of_two_lines()
        for turn in (1, -1):
            with self.assertRaisesRegex(UserError, "needs an approval"):
                write(45, 5, turn=turn)
        with self.assertRaisesRegex(UserError, "needs an approval"):
            order.order_line[0].price_unit = 45

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
class TestPartsThatCame(PurchaseCase):
    """What was received or billed is bought, whatever becomes of its order."""

    def _received(self, price=40, **values):
        order = self._order(price, **values)
        order.button_confirm()
        order.order_line.qty_received = 1
        self.env.flush_all()
        return order

    def _next(self, price=40, **values):
        order = self._order(price, **values)
        order.button_confirm()
        return order.state

    def test_cancelled_or_taken_back_it_counts_all_the_same(self):
        for give_up in ("button_cancel", "button_draft"):
            vendor = {"partner_id": self.vendor.copy().id}
            order = self._received(**vendor)
            getattr(order, give_up)()
            self.assertEqual(self._next(**vendor), "to approve", give_up)

    def test_a_bill_of_it_counts_like_goods(self):
        self.bags.purchase_method = "purchase"
        order = self._order(40)
        order.button_confirm()
        order.sudo().action_create_invoice()
        order.button_cancel()
        self.assertEqual(self._next(), "to approve")

    def test_it_counts_once_and_at_the_most_it_was(self):
        order = self._received(20)
        order.order_line.price_unit = 22
        order.order_line.price_unit = 1
        order.button_cancel()
        self.assertEqual(self._next(27), "purchase")
        self.assertEqual(self._next(1), "to approve")

    def test_it_counts_when_its_receipt_is_taken_back_afterwards(self):
        order = self._received()
        order.button_draft()
        order.order_line.qty_received = 0
        self.assertEqual(self._next(), "to approve")

    def test_received_after_it_was_set_back_it_counts(self):
        order = self._order(40)
        order.button_confirm()
        order.button_draft()
        order.order_line.qty_received = 1
        self.assertEqual(self._next(), "to approve")

    def test_it_stays_spent_in_the_budget_of_the_month(self):
        self.store.purchase_budget = 59
        self._received(partner_id=self.vendor.copy().id).button_cancel()
        later = self._order(20)
        self.assertIn("has spent", later.retail_terms_text)
        self.assertNotIn("has spent", self._order(19).retail_terms_text)

    def test_what_came_is_not_deleted_or_turned_into_something_else(self):
        order = self._received()
        order.button_draft()
        line = order.order_line
        lamp = self.env["product.product"].create({"name": "Lamp"})
        for change in (
            lambda: line.write({"product_id": lamp.id}),
            line.unlink,
            lambda: order.write({"order_line": [Command.clear()]}),
        ):
            with self.assertRaisesRegex(UserError, "received or billed"):
                change()
        order.button_cancel()
        with self.assertRaisesRegex(UserError, "received or billed"):
            order.unlink()

    def test_an_order_of_no_store_stays_odoos_own(self):
        order = self._order(40, self.purchase_manager)
        order.button_confirm()
        order.order_line.qty_received = 1
        order.button_cancel()
        order.unlink()
        self.assertFalse(order.exists())


@tagged("post_install", "-at_install")
class TestPartsByNeeds(PurchaseCase):
    """What a manager needs adds up like what he orders."""

    def setUp(self):
        super().setUp()
        self._decide_about_needs()

    def _ordered(self, need):
        """Return the state of a need's order once the manager confirmed it."""
        self._carry_out()
        order = need.sudo().purchase_order_ids.with_user(self.manager)
        order.button_confirm()
        return order.state

    def test_needs_in_parts_ask_the_regional_manager(self):
        first, second = self._need(36), self._need(36)
        self.assertTrue(self._request_of(first).is_automatic)
        request = self._request_of(second)
        self.assertTrue(request.is_split)
        self.assertEqual(request.activity_ids.user_id, self.region_manager)
        self.assertEqual(self._ordered(first), "purchase")

    def test_a_need_and_its_order_are_one_part(self):
        self.assertEqual(self._ordered(self._need(36)), "purchase")
        other = self._order(10)
        other.button_confirm()
        self.assertEqual(other.state, "purchase")

    def _next_order(self, price):
        order = self._order(price)
        order.button_confirm()
        return order.state

    def test_a_need_beside_an_order_asks_the_regional_manager(self):
        order = self._order(40)
        order.button_confirm()
        request = self._request_of(self._need(40))
        self.assertIn(self._request_of(order).name, request.split_text)
        self.assertEqual(request.activity_ids.user_id, self.region_manager)

    def test_a_need_that_adds_nothing_up_is_seen_at_its_order(self):
        kind = self.env.ref("retail_ops_approvals.kind_local_procurement")
        self._publish_policy([{"kind_id": kind.id, "outcome": "none"}])
        self._order(40).button_confirm()
        self.assertEqual(self._ordered(self._need(40)), "to approve")

    def test_a_need_that_people_decide_counts_for_the_next_order(self):
        need = self._need(60)
        self.assertEqual(self._next_order(40), "to approve")
        self._approve(self._request_of(need), self.region_manager)
        self.assertEqual(self._next_order(1), "to approve")

    def test_what_people_granted_counts_once_with_its_order(self):
        need = self._need(440)
        self._approve(self._request_of(need), self.region_manager)
        self.assertEqual(self._ordered(need), "purchase")
        order = self._order(59)
        order.button_confirm()
        asked = self._request_of(order).activity_ids.user_id
        self.assertEqual(asked, self.region_manager)
        self._order(1).button_confirm()
        order = self._order(1)
        order.button_confirm()
        self.assertIn(self.finance, self._request_of(order).activity_ids.user_id)

    def test_a_grant_whose_order_was_cancelled_can_be_used_and_counts(self):
        need = self._need(60)
        self._approve(self._request_of(need), self.region_manager)
        self.assertEqual(self._ordered(need), "purchase")
        order = need.sudo().purchase_order_ids.with_user(self.manager)
        order.button_cancel()
        self.assertEqual(self._next_order(40), "to approve")
        order.button_draft()
        order.button_confirm()
        self.assertEqual(order.state, "purchase")

    def test_what_passed_by_itself_and_was_cancelled_does_not_count(self):
        need = self._need(40)
        self.assertEqual(self._ordered(need), "purchase")
        need.sudo().purchase_order_ids.with_user(self.manager).button_cancel()
        self.assertEqual(self._next_order(40), "purchase")

    def test_what_passed_by_itself_and_came_counts_though_it_was_cancelled(self):
        need = self._need(40)
        self.assertEqual(self._ordered(need), "purchase")
        order = need.sudo().purchase_order_ids.with_user(self.manager)
        order.order_line.qty_received = 1
        order.button_cancel()
        self.assertEqual(self._next_order(40), "to approve")

    def test_a_need_made_larger_at_its_order_counts_as_ordered(self):
        need = self._need(60)
        self._approve(self._request_of(need), self.region_manager)
        self._carry_out()
        order = need.sudo().purchase_order_ids.with_user(self.manager)
        order.order_line.price_unit = 440
        order.button_confirm()
        self.assertEqual(order.state, "to approve")
        second = self._order(59)
        second.button_confirm()
        asked = self._request_of(second).activity_ids.user_id
        self.assertEqual(asked, self.region_manager, "499 in all, not 559")

    def test_an_urgent_buy_is_a_part_too_and_another_kind_is_not(self):
        kinds = ("kind_urgent_buy", "kind_staffing_override")
        for kind, state in zip(kinds, ("to approve", "purchase"), strict=True):
            xmlid = f"retail_ops_approvals.{kind}"
            deciding = {"kind_id": self.env.ref(xmlid).id, "steps": ["region"]}
            self._publish_policy([deciding])
            partner = {"partner_id": self.vendor.copy().id}
            self._need(40, kind_id=deciding["kind_id"], **partner)
            order = self._order(40, **partner)
            order.button_confirm()
            self.assertEqual(order.state, state, kind)

    def test_an_order_beside_a_need_is_held(self):
        self.assertEqual(self._ordered(self._need(40)), "purchase")
        order = self._order(40)
        order.button_confirm()
        self.assertEqual(order.state, "to approve")

    def test_what_people_granted_is_ordered_without_asking_again(self):
        first, second = self._need(36), self._need(36)
        self._approve(self._request_of(second), self.region_manager)
        self.assertEqual(self._ordered(second), "purchase")
        self.assertEqual(self._ordered(first), "purchase")

    def test_under_rows_that_add_nothing_up_the_orders_add_up(self):
        kind = self.env.ref("retail_ops_approvals.kind_local_procurement")
        self._publish_policy([{"kind_id": kind.id, "outcome": "none"}])
        states = [self._ordered(self._need(36)) for _part in range(3)]
        self.assertEqual(states, ["purchase", "to approve", "to approve"])


@tagged("post_install", "-at_install")
class TestPartsUnderAttack(PurchaseCase, RpcCase):
    def setUp(self):
        super().setUp()
        self._decide_about_needs()
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

    def _received(self):
        order = self._order(40)
        order.button_confirm()
        order.order_line.qty_received = 1
        return order

    def _assert_next_waits(self):
        order = self._order(40)
        self._call("purchase.order", "button_confirm", order.ids)
        self.assertEqual(order.state, "to approve")

    def test_received_and_cancelled(self):
        order = self._received()
        self._call("purchase.order", "button_cancel", order.ids)
        self.assertEqual(order.state, "cancel")
        self._assert_next_waits()

    def test_received_set_back_and_deleted(self):
        order = self._received()
        self._call("purchase.order", "button_draft", order.ids)
        lines = order.order_line.ids
        self._assert_refused("purchase.order.line", "unlink", lines)
        self._call("purchase.order", "write", order.ids, {"state": "cancel"})
        self._assert_refused("purchase.order", "unlink", order.ids)
        self._assert_next_waits()

    def test_what_came_is_not_denied_by_hand(self):
        order = self._received()
        self._assert_refused(
            "purchase.order", "write", order.ids, {"retail_has_come": False}
        )

    def test_needs_in_parts(self):
        needs = self._need(36) | self._need(36) | self._need(36)
        self._carry_out()
        orders = needs.sudo().purchase_order_ids
        self._call("purchase.order", "button_confirm", orders.ids)
        self.assertEqual(self._confirmed(orders), 1)
        self.assertEqual(needs.sudo().mapped("state").count("waiting"), 2)

    def _order_of_a_need(self, price):
        need = self._need(price)
        self._carry_out()
        return need.sudo().purchase_order_ids

    def _reprice(self, order, price):
        lines = order.order_line.ids
        self._call("purchase.order.line", "write", lines, {"price_unit": price})

    def test_an_order_of_a_need_made_smaller_for_a_moment(self):
        first = self._order_of_a_need(40)
        self._reprice(first, 1)
        self._call("purchase.order", "button_confirm", first.ids)
        second = self._order(40)
        self._call("purchase.order", "button_confirm", second.ids)
        lines = first.order_line.ids
        self._assert_refused("purchase.order.line", "write", lines, {"price_unit": 40})
        self.assertEqual(self._confirmed(first | second), 2)

    def test_an_order_of_a_need_taken_back_for_a_moment(self):
        first = self._order_of_a_need(40)
        self._call("purchase.order", "button_cancel", first.ids)
        second = self._order(40)
        self._call("purchase.order", "button_confirm", second.ids)
        self._call("purchase.order", "button_draft", first.ids)
        self._call("purchase.order", "button_confirm", first.ids)
        self.assertEqual(self._confirmed(first | second), 1)

    def test_a_grant_hidden_behind_a_small_order(self):
        need = self._need(60)
        self._approve(self._request_of(need), self.region_manager)
        self._carry_out()
        order = need.sudo().purchase_order_ids
        lamp = self.env["product.product"].create({"name": "Lamp"})
        self._agree(lamp, 10)
        lines = order.order_line.ids
        self._call("purchase.order.line", "write", lines, {"product_id": lamp.id})
        self._reprice(order, 1)
        self._call("purchase.order", "button_confirm", order.ids)
        self._assert_next_waits()

    def test_an_order_is_not_said_to_be_of_a_need(self):
        need, order = self._need(36), self._order(36)
        values = {"retail_request_id": need.id}
        self._assert_refused("purchase.order", "write", order.ids, values)
        self._assert_refused(
            "purchase.order", "create", {"partner_id": self.vendor.id, **values}
        )

    def test_a_need_of_a_kind_is_not_taken_out_of_the_sum(self):
        kind = self.env.ref("retail_ops_approvals.kind_local_procurement")
        self._assert_refused(
            "retail.request.kind", "write", kind.ids, {"is_bought": False}
        )

    def test_received_by_hand_and_denied_before_it_is_cancelled(self):
        order = self._order(40)
        order.button_confirm()
        for received in (1, 0):
            self._call(
                "purchase.order.line",
                "write",
                order.order_line.ids,
                {"qty_received": received},
            )
        self._call("purchase.order", "button_cancel", order.ids)
        self._assert_next_waits()

    def test_received_through_the_field_behind_it_and_denied(self):
        order = self._order(40)
        order.button_confirm()
        for received in (1, 0):
            values = {
                "order_line": [
                    Command.update(
                        order.order_line.id, {"qty_received_manual": received}
                    )
                ]
            }
            self._call("purchase.order", "write", order.ids, values)
        self._call("purchase.order", "write", order.ids, {"state": "cancel"})
        self._assert_next_waits()

    def test_a_need_beside_an_order_of_which_rows_add_nothing_up(self):
        kind = self.env.ref("retail_ops_approvals.kind_local_procurement")
        self._publish_policy([{"kind_id": kind.id, "outcome": "none"}])
        self._order(40).button_confirm()
        need = self._need(40)
        self._carry_out()
        order = need.sudo().purchase_order_ids
        self._call("purchase.order", "write", order.ids, {"state": "to approve"})
        self._call("purchase.order", "button_approve", order.ids)
        self._assert_refused(
            "purchase.order", "write", order.ids, {"state": "purchase"}
        )
        self.assertEqual(order.state, "to approve")
