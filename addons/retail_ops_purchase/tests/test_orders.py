from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.retail_ops_approvals.tests.common_rpc import RpcCase

from .common import PurchaseCase


@tagged("post_install", "-at_install")
class TestOrders(PurchaseCase):
    def test_a_manager_confirms_a_small_order_of_his_store_alone(self):
        order = self._order(40)
        self.assertEqual(order.store_id, self.store)
        order.button_confirm()
        self.assertEqual(order.state, "purchase")

    def test_somebody_else_of_the_store_asks_his_manager(self):
        order = self._order(40, self.member)
        order.button_confirm()
        request = self._request_of(order)
        self.assertEqual(order.state, "to approve")
        self.assertEqual(request.activity_ids.user_id, self.manager)

    def test_80_and_8000_go_to_different_people(self):
        small, large = self._order(80), self._order(8000)
        (small | large).button_confirm()
        self.assertEqual(
            self._request_of(small).activity_ids.user_id, self.region_manager
        )
        self.assertEqual(
            self._request_of(large).activity_ids.user_id,
            self.region_manager | self.finance,
        )

    def test_a_large_order_needs_both_and_is_confirmed_by_the_queue(self):
        order = self._order(8000)
        order.button_confirm()
        request = self._request_of(order)
        self._approve(request, self.region_manager)
        self._carry_out()
        self.assertEqual(order.state, "to approve")
        self._approve(request, self.finance)
        self.assertEqual(order.state, "to approve")
        self._carry_out()
        self.assertEqual(order.state, "purchase")
        self.assertEqual(order.sudo().retail_confirmed_by_id, request)
        self.assertTrue(request.spent_at)

    def test_rejected_it_is_a_draft_again_and_says_why(self):
        order = self._order(80)
        order.button_confirm()
        request = self._request_of(order)
        request.with_user(self.region_manager).action_reject("Use the central order")
        self.assertEqual(order.state, "draft")
        self.assertIn("central order", "".join(order.message_ids.mapped("body")))

    def test_parts_of_one_need_are_seen(self):
        for _part in range(3):
            self._order(300).button_confirm()
        latest = self._request_of(self.env["purchase.order"].search([], limit=1))
        self.assertTrue(latest.is_split)

    def test_an_order_of_no_store_follows_odoos_own_rule(self):
        self.company.write(
            {"po_double_validation": "two_step", "po_double_validation_amount": 100}
        )
        self.manager.group_ids -= self.env.ref("retail_ops_core.group_store_manager")
        central = self._order(8000, self.purchase_manager)
        self.assertFalse(central.store_id)
        central.button_confirm()
        self.assertEqual(central.state, "purchase")

    def test_what_people_approved_is_not_asked_again_by_odoo(self):
        self.company.write(
            {"po_double_validation": "two_step", "po_double_validation_amount": 100}
        )
        order = self._order(300)
        order.button_confirm()
        self._approve(self._request_of(order), self.region_manager)
        self._carry_out()
        self.assertEqual(order.state, "purchase")

    def test_what_passes_by_itself_still_obeys_odoos_own_rule(self):
        self.company.write(
            {"po_double_validation": "two_step", "po_double_validation_amount": 10}
        )
        order = self._order(40)
        order.button_confirm()
        self.assertEqual(order.state, "to approve")
        order.with_user(self.purchase_manager).button_approve()
        self.assertEqual(order.state, "purchase")

    def test_the_deciding_person_sees_what_was_spent_with_the_vendor(self):
        self._order(40).button_confirm()
        order = self._order(80)
        self.assertEqual(order.retail_spend_to_date, 40)


@tagged("post_install", "-at_install")
class TestPathsAround(PurchaseCase):
    def _refused(self, change):
        with self.assertRaises(UserError) as caught:
            change()
            self.env.flush_all()
        self.assertIn("needs an approval", str(caught.exception))

    def test_a_state_written_by_hand(self):
        order = self._order(8000)
        self._refused(lambda: order.write({"state": "purchase"}))
        order.button_confirm()
        self._refused(lambda: order.write({"state": "purchase"}))

    def test_an_order_created_confirmed(self):
        self._refused(lambda: self._order(8000, state="purchase"))

    def test_a_purchase_manager_pressing_approve(self):
        order = self._order(8000)
        order.button_confirm()
        order.with_user(self.purchase_manager).button_approve(force=True)
        self.assertEqual(order.state, "to approve")

    def _confirmed(self):
        order = self._order(300)
        order.button_confirm()
        self._approve(self._request_of(order), self.region_manager)
        self._carry_out()
        return order

    def test_a_price_or_quantity_changed_after_confirmation(self):
        line = self._confirmed().order_line
        for change in ({"price_unit": 99999}, {"product_qty": 400}, {"discount": -90}):
            self._refused(lambda change=change: line.write(change))

    def test_another_unit_for_the_same_money_after_confirmation(self):
        line = self._confirmed().order_line
        dozen = {"product_uom_id": self.env.ref("uom.product_uom_dozen").id}
        self._refused(lambda: line.write({**dozen, "price_unit": line.price_unit}))

    def test_a_database_older_than_the_unit_among_the_fields_binds_it_as_well(self):
        kind = self.env.ref("retail_ops_purchase.kind_store_order").sudo()
        paths = kind._material_paths()
        without = [path for path in paths if "product_uom_id" not in path]
        kind.material_fields = ",".join(without)
        line = self._confirmed().order_line
        dozen = {"product_uom_id": self.env.ref("uom.product_uom_dozen").id}
        self._refused(lambda: line.write({**dozen, "price_unit": line.price_unit}))

    def test_an_order_confirmed_in_time_is_received_months_later(self):
        order = self._confirmed()
        line = order.order_line
        with freeze_time(fields.Datetime.now() + timedelta(days=90)):
            came = Command.update(line.id, {"qty_received": 1})
            order.write({"order_line": [came]})
            self.env.flush_all()
        self.assertEqual(line.qty_received, 1)

    def test_a_line_added_after_confirmation(self):
        order = self._confirmed()
        line = {"order_id": order.id, "product_id": self.bags.id, "price_unit": 900}
        lines = self.env["purchase.order.line"].with_user(self.manager)
        self._refused(lambda: lines.create({**line, "product_qty": 1}))

    def test_another_vendor_or_store_after_confirmation(self):
        order = self._confirmed()
        other = self.env["res.partner"].create({"name": "Brother-in-law"})
        with self.assertRaises(UserError):
            order.partner_id = other
        with self.assertRaises(UserError):
            order.store_id = False

    def test_another_currency_or_company_after_confirmation(self):
        order = self._confirmed().with_user(self.purchase_manager)
        crown = self.env.ref("base.CZK")
        crown.active = True
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.purchase_manager.company_ids += elsewhere
        for change in ({"currency_id": crown.id}, {"company_id": elsewhere.id}):
            with self.assertRaises(UserError), self.cr.savepoint():
                order.write(change)
                self.env.flush_all()
        self.assertEqual(order.company_id, self.company)

    def test_a_small_order_made_large_after_it_passed_by_itself(self):
        order = self._order(40)
        order.button_confirm()
        self._refused(lambda: order.order_line.write({"price_unit": 4000}))

    def test_a_small_order_stays_confirmed_however_strict_the_limits_become(self):
        order = self._passed_before_the_limits_became_strict()
        line = order.order_line
        line.write({"product_qty": 1, "price_unit": 40, "discount": 0})
        order.write({"order_line": [Command.update(line.id, {"qty_received": 1})]})
        self.env.flush_all()
        self.assertEqual(line.qty_received, 1)

    def test_who_could_not_confirm_a_small_order_saves_it_unchanged(self):
        order = self._order(40)
        order.button_confirm()
        line = order.order_line.with_user(self.member)
        line.write({"product_qty": 1, "price_unit": 40})
        self._refused(lambda: line.write({"price_unit": 41}))

    def test_a_small_order_that_is_changed_meets_the_limits_of_the_day(self):
        order = self._passed_before_the_limits_became_strict()
        line = order.order_line
        other = self.env["product.product"].create({"name": "Cups"})
        extra = {"product_id": other.id, "product_qty": 1, "price_unit": 1}
        for change in (
            lambda: line.write({"price_unit": 41}),
            lambda: line.write({"product_qty": 2, "price_unit": 20}),
            lambda: line.write({"product_id": other.id, "price_unit": 40}),
            lambda: order.write({"order_line": [Command.create(extra)]}),
        ):
            self._refused(change)

    def test_a_small_order_taken_back_is_judged_anew(self):
        order = self._passed_before_the_limits_became_strict()
        order.button_draft()
        self._refused(lambda: order.write({"state": "purchase"}))
        order.button_confirm()
        self.assertEqual(order.state, "to approve")

    def _passed_before_the_limits_became_strict(self):
        order = self._order(40)
        order.button_confirm()
        self.assertEqual(order.state, "purchase")
        self.env.flush_all()
        own = self.env.ref("retail_ops_purchase.rule_order_own")
        sql = "UPDATE retail_approval_rule SET amount_max = 10 WHERE id = %s"
        self.cr.execute(sql, own.ids)
        self.env.invalidate_all()
        self.registry.clear_all_caches()
        self.assertFalse(order.sudo()._passes_by_itself())
        return order

    def test_an_approval_is_used_once(self):
        order = self._confirmed()
        order.button_draft()
        self._refused(lambda: order.write({"state": "purchase"}))
        order.button_confirm()
        self.assertEqual(order.state, "to approve")

    def test_a_change_while_waiting_voids_what_was_approved(self):
        order = self._order(300)
        order.button_confirm()
        request = self._request_of(order)
        self._approve(request, self.region_manager)
        order.order_line.price_unit = 450
        self._carry_out()
        self.assertEqual(order.state, "to approve")

    def test_somebody_of_a_store_does_not_order_for_none(self):
        order = self._order(8000)
        with self.assertRaises(UserError):
            order.store_id = False

    def test_somebody_of_a_store_does_not_confirm_an_order_of_none(self):
        order = self._order(4000, user=self.purchase_manager)
        self.assertFalse(order.store_id)
        with self.assertRaises(UserError), self.cr.savepoint():
            order.with_user(self.manager).button_confirm()
        self.assertEqual(order.state, "draft")
        order.with_user(self.purchase_manager).button_confirm()
        self.assertEqual(order.state, "purchase")

    def test_acting_in_another_company_is_no_way_round(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.manager.company_ids += other
        with self.assertRaises(UserError):
            self.env["purchase.order"].with_user(self.manager).with_context(
                allowed_company_ids=[other.id, self.company.id]
            ).create({"partner_id": self.vendor.id})

    def test_a_copy_has_no_approval(self):
        copied = self._confirmed().copy()
        copied.button_confirm()
        self.assertEqual(copied.state, "to approve")

    def test_the_link_to_an_approved_need_is_not_set_by_hand(self):
        with self.assertRaises(AccessError):
            self._order(8000).retail_request_id = self.env["retail.request"]


@tagged("post_install", "-at_install")
class TestAttacks(PurchaseCase, RpcCase):
    def test_over_remote_calls_nothing_is_confirmed_unapproved(self):
        order = self._order(8000)
        self._login(self.manager)
        self._assert_refused(
            "purchase.order", "write", order.ids, {"state": "purchase"}
        )
        self._call("purchase.order", "button_confirm", order.ids)
        self._call("purchase.order", "button_approve", order.ids, force=True)
        self._call(
            "purchase.order",
            "button_confirm",
            order.ids,
            context={"validate_analytic": False, "approved": True},
        )
        self.assertEqual(order.state, "to approve")
        status = self._json2(
            self.manager,
            "purchase.order",
            "write",
            ids=order.ids,
            vals={"state": "purchase"},
        )
        self.assertGreaterEqual(status, 400)
        self.assertEqual(order.state, "to approve")
