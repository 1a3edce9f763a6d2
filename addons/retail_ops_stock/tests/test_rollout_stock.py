from odoo.tests import tagged

from odoo.addons.retail_ops_core.tests.rollout_common import RolloutCase

from .common import StockCase


@tagged("post_install", "-at_install")
class TestStockInWaves(StockCase, RolloutCase):
    """Five bottles of twelve, 72.50: the region and loss prevention would decide."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._put_in_waves()

    def _route_of(self, record):
        return self._shadow_of(record).filtered(lambda each: each.subject == "route")

    def _case(self):
        cases = self.env["retail.exception"]
        return cases.search([("store_id", "=", self.store.id)], limit=1)

    def _scrap(self, quantity):
        scrap = (
            self.env["stock.scrap"]
            .with_user(self.counter)
            .create(
                {
                    "product_id": self.product.id,
                    "scrap_qty": quantity,
                    "location_id": self.shelf.id,
                }
            )
        )
        scrap.action_validate()
        return scrap

    def test_in_shadow_a_count_is_applied_and_noted_with_who_applied_it(self):
        wave = self._wave(self.store, "shadow")
        self._count(7)
        self.assertEqual(self._on_hand(), 7)
        route = self._route_of(self._case())
        self.assertEqual(route.approver_ids, self.region_manager | self.loss_prevention)
        self.assertEqual(route.done_by_id, self.counter)
        wave.action_compare()
        self.assertEqual(route.verdict, "differs")
        self.assertIn(self.counter.name, route.explanation)

    def test_who_resolves_the_case_later_did_not_change_the_stock(self):
        self._wave(self.store, "shadow")
        self._count(7)
        case = self._case()
        case._set_in_progress()
        case.with_user(self.region_manager).sudo()._set_resolved("Written off")
        self.assertEqual(self._route_of(case).done_by_id, self.counter)

    def test_a_small_count_agrees_since_nobody_would_have_been_asked(self):
        wave = self._wave(self.store, "shadow")
        self._count(10)
        route = self._route_of(self._case())
        wave.action_compare()
        self.assertEqual((route.proposed_code, route.verdict), ("automatic", "agrees"))

    def test_in_shadow_a_scrap_is_done_and_noted(self):
        wave = self._wave(self.store, "shadow")
        scrap = self._scrap(5)
        self.assertEqual(scrap.state, "done")
        route = self._route_of(scrap)
        self.assertEqual(route.approver_ids, self.region_manager | self.loss_prevention)
        self.assertEqual(route.done_by_id, self.counter)
        self.assertEqual(route.document_name, "Scrap of [T-OIL] Olive oil")
        wave.action_compare()
        self.assertEqual(route.verdict, "differs")

    def _transfer_to_loss(self, quantity):
        loss = self.env["stock.location"].search(
            [("usage", "=", "inventory"), ("company_id", "=", self.env.company.id)],
            limit=1,
        )
        move = (
            self.env["stock.move"]
            .with_user(self.counter)
            .create(
                {
                    "product_id": self.product.id,
                    "product_uom_qty": quantity,
                    "location_id": self.shelf.id,
                    "location_dest_id": loss.id,
                }
            )
        )
        move._action_confirm()
        move.quantity = quantity
        move.picked = True
        move._action_done()
        return move

    def test_in_shadow_a_transfer_to_the_losses_is_noted_with_who_made_it(self):
        wave = self._wave(self.store, "shadow")
        move = self._transfer_to_loss(5)
        self.assertEqual(self._on_hand(), 7)
        route = self._route_of(move)
        self.assertEqual(route.approver_ids, self.region_manager | self.loss_prevention)
        self.assertEqual(route.done_by_id, self.counter)
        wave.action_compare()
        self.assertEqual(route.verdict, "differs")

    def test_in_shadow_a_count_taken_back_is_noted_once_by_itself(self):
        self._count(7)  # outside of every wave
        counted = self.env["stock.move.line"].search(
            [("product_id", "=", self.product.id), ("is_inventory", "=", True)], limit=1
        )
        self._wave(self.store, "shadow")
        self.assertFalse(self._shadow_of(counted.move_id))
        counted.with_user(self.counter).action_revert_inventory()
        moves = self.env["stock.move"].search([("product_id", "=", self.product.id)])
        noted = moves.filtered(lambda move: self._shadow_of(move))
        self.assertEqual(len(noted), 1)
        self.assertNotEqual(noted, counted.move_id)

    def test_outside_every_wave_nothing_is_noted(self):
        self._count(7)
        self.assertEqual(self._on_hand(), 7)
        self.assertFalse(self._shadow_of(self._case()))
        scrap = self._scrap(5)
        self.assertEqual(scrap.state, "done")
        self.assertFalse(self._shadow_of(scrap))

    def test_in_a_live_wave_both_are_held_and_nothing_is_noted(self):
        self._wave(self.store, "live")
        self._count(7)
        scrap = self._scrap(5)
        self.assertEqual(self._on_hand(), 12)
        self.assertTrue(scrap.retail_hold_id)
        self.assertFalse(self._shadow_of(scrap))
