from contextlib import contextmanager

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import StockCase

NEEDS = "need an approval before the stock changes"


@tagged("post_install", "-at_install")
class TestPathsAround(StockCase):
    """Each way in which Odoo changes stock without a trade, tried with 12 bottles."""

    def setUp(self):
        super().setUp()
        self.loss = self.product.property_stock_inventory

    def _move(self, user, **values):
        values = {
            "product_id": self.product.id,
            "product_uom": self.product.uom_id.id,
            "product_uom_qty": 5,
            "location_id": self.shelf.id,
            "location_dest_id": self.loss.id,
            **values,
        }
        return self.env["stock.move"].with_user(user).create(values)

    @contextmanager
    def _refused(self):
        with self.assertRaises(UserError) as caught:
            yield
            self.env.flush_all()
        self.assertIn(NEEDS, str(caught.exception))

    def _assert_untouched(self):
        self.env.invalidate_all()
        self.assertEqual(self._on_hand(), 12)

    def test_a_transfer_to_inventory_loss(self):
        move = self._move(self.counter, quantity=5, picked=True)
        with self._refused():
            move._action_done()
        self._assert_untouched()

    def test_a_transfer_to_production_that_makes_nothing(self):
        production = self.product.property_stock_production
        move = self._move(self.counter, location_dest_id=production.id)
        line = {
            "product_id": self.product.id,
            "quantity": 5,
            "location_id": self.shelf.id,
            "location_dest_id": production.id,
        }
        move.move_line_ids = [Command.create(line)]
        move.picked = True
        with self._refused():
            move._action_done()
        self._assert_untouched()

    def test_a_move_written_done(self):
        line = {"product_id": self.product.id, "quantity": 5}
        places = {"location_id": self.shelf.id, "location_dest_id": self.loss.id}
        with self._refused():
            move = self._move(
                self.counter, move_line_ids=[Command.create({**line, **places})]
            )
            move.state = "done"
        self._assert_untouched()

    def test_a_move_created_done(self):
        line = {"product_id": self.product.id, "quantity": 5}
        places = {"location_id": self.shelf.id, "location_dest_id": self.loss.id}
        with self._refused():
            self._move(
                self.counter,
                state="done",
                move_line_ids=[Command.create({**line, **places})],
            )
        self._assert_untouched()

    def test_a_line_added_to_a_done_move(self):
        self._count(11)
        move = self._last_move()
        with self._refused():
            self.env["stock.move.line"].with_user(self.counter).create(
                {
                    "move_id": move.id,
                    "product_id": self.product.id,
                    "quantity": 8,
                    "location_id": self.shelf.id,
                    "location_dest_id": self.loss.id,
                }
            )
        self.env.invalidate_all()
        self.assertEqual(self._on_hand(), 11)

    def test_a_done_line_made_larger(self):
        self._count(11)
        line = self._last_move().move_line_ids
        with self._refused():
            line.with_user(self.counter).quantity = 9
        self.env.invalidate_all()
        self.assertEqual(self._on_hand(), 11)

    def test_a_large_adjustment_taken_back(self):
        self._count(7)
        request = self._request_of(self._hold().exception_id)
        self._approve(request, self.region_manager, self.loss_prevention)
        self._carry_out()
        line = self._last_move().move_line_ids
        with self._refused():
            line.with_user(self.stock_manager).action_revert_inventory()
        self.env.invalidate_all()
        self.assertEqual(self._on_hand(), 7)

    def test_a_quantity_written_by_hand(self):
        with self.assertRaises(AccessError):
            self._quant(self.counter).with_context(inventory_mode=False).quantity = 1
        self._assert_untouched()

    def test_a_quant_created_by_hand(self):
        soap = self.env["product.product"].create(
            {"name": "Soap", "is_storable": True, "standard_price": 20}
        )
        with self.assertRaises(AccessError):
            self.env["stock.quant"].with_user(self.counter).create(
                {
                    "product_id": soap.id,
                    "location_id": self.shelf.id,
                    "quantity": 100,
                }
            )

    def test_a_quant_deleted_by_a_stock_manager(self):
        with self.assertRaises(AccessError):
            self._quant(self.stock_manager).unlink()
        with self.assertRaises(UserError):
            self._quant().sudo().unlink()
        self._assert_untouched()

    def test_the_quantity_on_hand_set_on_the_product(self):
        self._quant(self.stock_manager).inventory_quantity_auto_apply = 1
        self._assert_untouched()
        self.assertEqual(self._hold().difference, -11)

    def test_context_keys_release_nothing(self):
        self._count(7)
        hold = self._hold()
        quant = self._quant().with_context(retail_stock_hold=hold.id)
        quant.inventory_quantity = 7
        quant.action_apply_inventory()
        self._assert_untouched()

    def test_a_hold_is_not_written_by_anybody(self):
        self._count(7)
        hold = self._hold()
        for user in (self.counter, self.stock_manager, self.admin, self.region_manager):
            with self.assertRaises(AccessError):
                hold.with_user(user).write({"state": "released"})

    def test_a_hold_released_by_code_does_not_pass_without_the_approval(self):
        self._count(7)
        with self._refused():
            self._hold()._apply()
        self._assert_untouched()

    def test_a_move_is_not_tied_to_a_hold_by_hand(self):
        self._count(7)
        with self.assertRaises(AccessError):
            self._move(self.counter, retail_hold_id=self._hold().id)

    def test_a_place_outside_every_warehouse_is_the_offices(self):
        hidden = self.env["stock.location"].create(
            {"name": "Hidden", "usage": "internal", "company_id": self.company.id}
        )
        self._receive(self.product, hidden, 12)
        self._count(1, self.stock_manager, location=hidden)
        self.assertEqual(self._on_hand(location=hidden), 12)
        office = self.env["retail.store"]._office_of(self.company)
        hold = self.env["retail.stock.hold"].search([("store_id", "=", office.id)])
        self.assertEqual(hold.difference, -11)

    def test_a_backdated_count_counts_as_todays(self):
        for counted in (11, 10, 9):
            quant = self._quant()
            quant.inventory_quantity = counted
            quant.action_apply_inventory(date="2020-01-01")
        self._count(8)
        self.assertEqual(self._on_hand(), 9)

    def test_a_done_receipt_is_not_rewritten(self):
        line = self._receipt().move_line_ids.with_user(self.counter)
        partner = self.env["res.partner"].create({"name": "Owner"})
        crate = self.env["uom.uom"].create(
            {
                "name": "Crate",
                "relative_factor": 12,
                "relative_uom_id": self.product.uom_id.id,
            }
        )
        for values in (
            {"quantity": 11},
            {"location_dest_id": self.loss.id},
            {"owner_id": partner.id},
            {"product_uom_id": crate.id},
        ):
            with self.assertRaisesRegex(UserError, "is done"), self.cr.savepoint():
                line.write(values)
        self._assert_untouched()

    def test_a_done_receipt_stays_done(self):
        move = self._receipt().with_user(self.counter)
        with self.assertRaisesRegex(UserError, "is done"):
            move.state = "draft"

    def test_a_done_receipt_goes_to_another_shelf_of_the_store(self):
        line = self._receipt().move_line_ids.with_user(self.counter)
        back = self.shelf.copy({"name": "Back room"})
        line.location_dest_id = back
        self.assertEqual(self._on_hand(location=back), 12)

    def test_small_losses_are_not_hidden_from_the_next(self):
        for counted in (11, 10, 9):
            self._count(counted)
            line = self._last_move().move_line_ids.with_user(self.counter)
            for values in ({"quantity_product_uom": 0}, {"state": "cancel"}):
                with self.assertRaises(AccessError):
                    line.write(values)
        self._count(8)
        self.assertEqual(self._on_hand(), 9)

    def test_a_quant_is_not_made_something_else(self):
        quant = self._quant(self.counter).with_context(inventory_mode=False)
        partner = self.env["res.partner"].create({"name": "Owner"})
        water = self.env["product.product"].create(
            {"name": "Water", "is_storable": True}
        )
        for values in (
            {"location_id": self.loss.id},
            {"product_id": water.id},
            {"owner_id": partner.id},
        ):
            with self.assertRaisesRegex(UserError, "by a transfer"):
                quant.write(values)
        self._assert_untouched()

    def test_a_place_with_goods_is_not_given_to_another_warehouse(self):
        other = self.env["stock.warehouse"].create({"name": "Office", "code": "OFFX"})
        room = self.shelf.with_user(self.stock_manager)
        for values in (
            {"location_id": other.view_location_id.id},
            {"warehouse_id": other.id},
            {"usage": "inventory"},
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                room.write(values)
        warehouse = self.shelf.warehouse_id.with_user(self.stock_manager)
        with self.assertRaises(UserError):
            warehouse.view_location_id = other.view_location_id
        self._assert_untouched()

    def _receipt(self):
        domain = [
            ("product_id", "=", self.product.id),
            ("location_id.usage", "=", "supplier"),
        ]
        return self.env["stock.move"].search(domain, order="id desc", limit=1)

    def _last_move(self):
        domain = [("product_id", "=", self.product.id), ("is_inventory", "=", True)]
        return self.env["stock.move"].search(domain, order="id desc", limit=1)
