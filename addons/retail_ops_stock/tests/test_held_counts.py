from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import StockCase


@tagged("post_install", "-at_install")
class TestHeldCounts(StockCase):
    def test_a_large_loss_is_held_and_the_stock_does_not_move(self):
        action = self._count(7)
        hold = self._hold()
        self.assertEqual(self._on_hand(), 12)
        self.assertEqual(hold.state, "waiting")
        self.assertEqual((hold.quantity_before, hold.difference), (12, -5))
        self.assertEqual(hold.user_id, self.counter)
        self.assertIn(hold.exception_id.name, action["params"]["message"])

    def test_its_case_carries_product_place_value_and_the_request(self):
        self._count(7)
        case = self._hold().exception_id
        self.assertEqual(case.type_id, self.discrepancy)
        self.assertEqual(case.store_id, self.store)
        self.assertEqual((case.expected_quantity, case.counted_quantity), (12, 7))
        self.assertEqual(case.impact_amount, 72.5)
        self.assertIn(self.shelf.display_name, case.reason)
        self.assertEqual(case.waiting_reason, "approval")
        self.assertEqual(
            self._request_of(case).activity_ids.user_id,
            self.region_manager | self.loss_prevention,
        )

    def test_one_approval_is_not_enough_and_with_both_the_stock_changes_once(self):
        self._count(7)
        hold = self._hold()
        request = self._request_of(hold.exception_id)
        self._approve(request, self.region_manager)
        self._carry_out()
        self.assertEqual(self._on_hand(), 12)
        self._approve(request, self.loss_prevention)
        self.assertEqual(self._on_hand(), 12, "only the queue moves goods")
        self._carry_out()
        self._carry_out()
        self.assertEqual(self._on_hand(), 7)
        self.assertEqual(hold.state, "applied")
        self.assertEqual(hold.exception_id.state, "resolved")
        self.assertEqual(len(hold.move_ids), 1)

    def test_what_was_sold_in_the_meantime_stays_sold(self):
        self._count(7)
        self.env["stock.quant"]._update_available_quantity(self.product, self.shelf, -2)
        request = self._request_of(self._hold().exception_id)
        self._approve(request, self.region_manager, self.loss_prevention)
        self._carry_out()
        self.assertEqual(self._on_hand(), 5)

    def test_refused_nothing_moves_and_the_count_is_over(self):
        self._count(7)
        hold = self._hold()
        request = self._request_of(hold.exception_id)
        request.with_user(self.region_manager).action_reject("Count again")
        self.assertEqual(hold.state, "refused")
        self.assertEqual(self._on_hand(), 12)

    def test_cancelling_the_case_gives_the_count_up(self):
        self._count(7)
        hold = self._hold()
        hold.exception_id._set_cancelled("Found in the back")
        self.assertEqual(hold.state, "dropped")
        self.assertEqual(self._on_hand(), 12)

    def test_a_case_is_not_resolved_while_its_stock_waits(self):
        self._count(7)
        case = self._hold().exception_id
        with self.assertRaisesRegex(UserError, "until it is approved"):
            case._set_resolved("Looks fine")

    def test_the_same_count_again_holds_nothing_twice(self):
        self._count(7)
        self._count(7)
        self.assertEqual(len(self._hold()), 1)

    def test_another_count_takes_the_place_of_the_one_that_waits(self):
        self._count(7)
        first = self._hold()
        self._count(6)
        self.assertEqual(first.state, "dropped")
        self.assertEqual(first.exception_id.state, "cancelled")
        self.assertEqual(self._hold("waiting").difference, -6)

    def test_a_small_loss_passes_at_once_and_is_seen(self):
        self._count(11)
        self.assertEqual(self._on_hand(), 11)
        self.assertFalse(self._hold())
        case = self.env["retail.exception"].search([("store_id", "=", self.store.id)])
        self.assertEqual(case.impact_amount, 14.5)

    def test_a_tolerated_loss_passes_and_raises_nothing(self):
        self.discrepancy.write({"tolerance_percent": 10, "tolerance_amount": 20})
        self._count(11)
        self.assertEqual(self._on_hand(), 11)
        self.assertFalse(
            self.env["retail.exception"].search([("store_id", "=", self.store.id)])
        )

    def test_a_large_loss_in_small_parts_is_held_from_the_part_that_passes_the_limit(
        self,
    ):
        for counted in (11, 10, 9):
            self._count(counted)
        self.assertEqual(self._on_hand(), 9)
        self._count(8)
        self.assertEqual(self._on_hand(), 9)
        case = self._hold().exception_id
        self.assertEqual((case.expected_quantity, case.counted_quantity), (12, 8))
        self.assertIn("3.0 of it changed within the last 24 hours", case.reason)

    def test_a_large_surplus_waits_too(self):
        self._count(20)
        hold = self._hold()
        self.assertEqual(hold.exception_id.type_id.code, "stock_surplus")
        self.assertEqual(self._on_hand(), 12)
        request = self._request_of(hold.exception_id)
        self._approve(request, self.region_manager, self.loss_prevention)
        self._carry_out()
        self.assertEqual(self._on_hand(), 20)

    def test_counts_that_may_pass_are_applied_beside_one_that_waits(self):
        soap = self.env["product.product"].create(
            {"name": "Soap", "is_storable": True, "standard_price": 2}
        )
        self._receive(soap, self.shelf, 30)
        quants = self._quant() | self._quant(product=soap)
        quants.inventory_quantity = 7
        quants[1].inventory_quantity = 29
        quants.action_apply_inventory()
        self.assertEqual(self._on_hand(), 12)
        self.assertEqual(self._on_hand(soap), 29)

    def test_who_counted_may_not_approve(self):
        self._count(7)
        request = self._request_of(self._hold().exception_id)
        loss = self.env.ref("retail_ops_core.group_loss_prevention")
        loss.user_ids += self.counter
        with self.assertRaises(AccessError):
            request.with_user(self.counter).action_approve()

    def test_a_warehouse_of_no_store_is_left_to_itself(self):
        depot = self.env["stock.warehouse"].create({"name": "Depot", "code": "DEP"})
        self._receive(self.product, depot.lot_stock_id, 100)
        self._count(1, location=depot.lot_stock_id)
        self.assertEqual(self._on_hand(location=depot.lot_stock_id), 1)

    def test_opening_stock_of_a_planned_store_is_entered_freely(self):
        self.store.state = "planned"
        self._count(500)
        self.assertEqual(self._on_hand(), 500)
        self.store.state = "live"
        self._count(498)
        self.assertEqual(self._on_hand(), 498, "opening stock is no surplus")
        self._count(1)
        self.assertEqual(self._on_hand(), 498)

    def test_the_store_sees_what_it_holds_and_a_far_store_does_not(self):
        self._count(7)
        holds = self.env["retail.stock.hold"]
        for user in (self.manager, self.region_manager, self.auditor):
            self.assertTrue(holds.with_user(user).search_count([]))
        self.assertFalse(holds.with_user(self.far_manager).search_count([]))

    def test_the_ledger_tells_what_was_held_and_applied(self):
        self._count(7)
        hold = self._hold()
        request = self._request_of(hold.exception_id)
        self._approve(request, self.region_manager, self.loss_prevention)
        self._carry_out()
        entries = self.env["retail.audit.entry"].search(
            [("model", "=", hold._name), ("res_id", "=", hold.id)], order="id"
        )
        self.assertEqual(entries.mapped("action"), ["stock.held", "stock.applied"])
