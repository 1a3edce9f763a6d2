from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import LevelCase


@tagged("post_install", "-at_install")
class TestProposedTransfers(LevelCase):
    """The far store's goods are proposed; the counter belongs to the store in need."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        office = cls.env["stock.warehouse"].create({"name": "Office", "code": "OFF"})
        cls.nobodys = office.lot_stock_id

    def setUp(self):
        super().setUp()
        self.picking = self._proposed_from_far()
        self.taken = self.picking.with_user(self.counter)

    def _assert_only_the_giver(self, way, *values):
        with self.assertRaisesRegex(UserError, "Far Manager"), self.cr.savepoint():
            way(*values)
            self.env.flush_all()
        self.assertFalse(self.picking.retail_agreed_by_id)

    def test_nobody_else_changes_what_the_giving_store_is_asked_for(self):
        move = self.taken.move_ids
        other = self.env["product.product"].create({"name": "Wine"})
        dozen = self.env.ref("uom.product_uom_dozen")
        for record, change in (
            (self.taken, {"location_id": self.nobodys.id}),
            (self.taken, {"location_dest_id": self.nobodys.id}),
            (self.taken, {"move_ids": [Command.unlink(move.id)]}),
            (move, {"location_id": self.nobodys.id}),
            (move, {"location_dest_id": self.nobodys.id}),
            (move, {"picking_id": False}),
            (move, {"product_id": other.id}),
            (move, {"product_uom": dozen.id}),
            (move, {"product_uom_qty": 40}),
        ):
            self._assert_only_the_giver(record.write, change)
        self.assertEqual(self.picking.state, "draft")

    def test_nobody_else_adds_goods_to_what_the_giving_store_is_asked_for(self):
        move = self.taken.move_ids
        beside = {
            "product_id": self.product.id,
            "product_uom_qty": 40,
            "location_id": move.location_id.id,
            "location_dest_id": move.location_dest_id.id,
        }
        moves = move.browse()
        there = {"picking_id": self.picking.id}
        own = moves.create(beside)
        for way, values in (
            (moves.create, {**beside, **there}),
            (move.copy, {"product_uom_qty": 40}),
            (own.write, there),
            (self.taken.write, {"move_ids": [Command.create(beside)]}),
        ):
            self._assert_only_the_giver(way, values)
        self.assertEqual(self.picking.move_ids.product_uom_qty, 13)

    def test_the_giving_store_is_asked_wherever_the_goods_seem_to_come_from(self):
        self._take_from_nobody()
        self._assert_only_the_giver(self.taken.action_confirm)
        self._assert_only_the_giver(self.taken.button_validate)

    def test_a_line_of_another_place_asks_the_giving_store_all_the_same(self):
        self._assert_only_the_giver(self._validate_a_line_of_nobodys)

    def _validate_a_line_of_nobodys(self):
        self._add_line(13, location_id=self.nobodys.id)
        self.taken.button_validate()

    def _add_line(self, quantity, **values):
        place = self.picking.location_id
        return (
            self.env["stock.move.line"]
            .with_user(self.counter)
            .create(
                {
                    "move_id": self.picking.move_ids.id,
                    "picking_id": self.picking.id,
                    "product_id": self.product.id,
                    "quantity": quantity,
                    "location_id": place.id,
                    "location_dest_id": self.shelf.id,
                    **values,
                }
            )
        )

    def test_nobody_else_changes_what_the_giving_store_agreed_to(self):
        self._agree()
        move, lines = self.taken.move_ids, self.taken.move_line_ids
        other = self.env["product.product"].create({"name": "Wine"})
        for way, values in (
            (self.taken.write, {"location_dest_id": self.nobodys.id}),
            (move.write, {"location_dest_id": self.nobodys.id}),
            (move.write, {"product_uom_qty": 40}),
            (move.write, {"quantity": 40}),
            (move.write, {"product_id": other.id}),
            (move.copy, {"picking_id": self.picking.id}),
            (lines.write, {"quantity": 14}),
            (lines.write, {"location_dest_id": self.nobodys.id}),
            (self._add_line, 1),
        ):
            with (
                self.subTest(way=way.__name__, values=values),
                self.assertRaisesRegex(UserError, "Far Manager"),
                self.cr.savepoint(),
            ):
                way(values)
                self.env.flush_all()
        self.assertEqual(move.product_uom_qty, 13)

    def test_somebody_else_splits_what_was_agreed_to_anew(self):
        self._agree()
        small, large = self._split_in(5, 8)
        swapped = [
            Command.update(small.id, {"quantity": 8}),
            Command.update(large.id, {"quantity": 5}),
        ]
        self.taken.move_ids.write({"move_line_ids": swapped})
        self.assertEqual((small.quantity, large.quantity), (8, 5))
        back = [Command.update(large.id, {"quantity": 8})]
        back += [Command.update(small.id, {"quantity": 5})]
        for record, lines in (
            (self.taken, {"move_line_ids": back}),
            (self.taken, {"move_ids": [self._of_move(swapped)]}),
        ):
            record.write(lines)
        self.assertEqual((small.quantity, large.quantity), (8, 5))

    def test_somebody_else_lets_no_part_grow_as_he_splits_anew(self):
        self._agree()
        small, large = self._split_in(5, 8)
        grown = [Command.update(small.id, {"quantity": 9})]
        grown += [Command.update(large.id, {"quantity": 5})]
        for record, values in (
            (self.taken.move_ids, {"move_line_ids": grown}),
            (self.taken, {"move_line_ids": grown}),
            (self.taken, {"move_ids": [self._of_move(grown)]}),
            (small, {"quantity": 9}),
        ):
            with (
                self.subTest(record=record, values=values),
                self.assertRaisesRegex(UserError, "Far Manager"),
                self.cr.savepoint(),
            ):
                record.write(values)
        self.assertEqual((small.quantity, large.quantity), (5, 8))

    def _of_move(self, lines):
        return Command.update(self.picking.move_ids.id, {"move_line_ids": lines})

    def _split_in(self, *quantities):
        """Return the lines of the agreed goods, split by the store in need."""
        line = self.taken.move_line_ids
        lines = [Command.update(line.id, {"quantity": quantities[0]})]
        lines += [
            Command.create(
                {
                    "picking_id": self.picking.id,
                    "product_id": line.product_id.id,
                    "quantity": quantity,
                    "location_id": line.location_id.id,
                    "location_dest_id": line.location_dest_id.id,
                }
            )
            for quantity in quantities[1:]
        ]
        self.taken.move_ids.write({"move_line_ids": lines})
        return self.taken.move_line_ids.sorted("id")

    def test_less_than_agreed_goes_and_the_rest_as_agreed_later(self):
        self._agree()
        self.taken.move_ids.write({"quantity": 5, "picked": True})
        self.taken.with_context(skip_backorder=True).button_validate()
        self.assertEqual(self.picking.state, "done")
        later = self.picking.backorder_ids.with_user(self.counter)
        self.assertEqual(later.retail_agreed_by_id, self.far_manager)
        with self.assertRaisesRegex(UserError, "Far Manager"), self.cr.savepoint():
            later.move_ids.product_uom_qty = 9
        self.assertEqual(later.move_ids.product_uom_qty, 8)

    def test_what_goes_later_is_not_taken_now_as_well(self):
        self._agree()
        self.taken.move_ids.write({"quantity": 5, "picked": True})
        self.taken.with_context(skip_backorder=True).button_validate()
        with self.assertRaisesRegex(UserError, "Far Manager"), self.cr.savepoint():
            self._add_line(8)
        self.assertEqual(self.picking.move_ids.quantity, 5)

    def test_a_done_transfer_takes_no_more_than_agreed(self):
        self._agree()
        self.taken.move_ids.picked = True
        self.taken.button_validate()
        self.assertEqual(self.picking.state, "done")
        with self.assertRaises(UserError), self.cr.savepoint():
            self._add_line(20)
        self.assertEqual(self.picking.move_ids.quantity, 13)

    def test_the_giving_store_agrees_anew_by_changing_it(self):
        self._agree()
        stock_user = self.env.ref("stock.group_stock_user")
        self.far_manager.group_ids += stock_user
        self.picking.with_user(self.far_manager).move_ids.product_uom_qty = 20
        self.taken.move_ids.write({"quantity": 20, "picked": True})
        self.taken.button_validate()
        self.assertEqual(self.picking.state, "done")

    def test_lines_that_become_one_are_agreed_to_once(self):
        self.far_manager.group_ids += self.env.ref("stock.group_stock_user")
        proposed = self.picking.with_user(self.far_manager).move_ids
        proposed.copy({"picking_id": self.picking.id, "product_uom_qty": 7})
        self._agree()
        self.assertEqual(self.picking.move_ids.mapped("product_uom_qty"), [20])
        with self.assertRaisesRegex(UserError, "Far Manager"), self.cr.savepoint():
            self.taken.move_ids.product_uom_qty = 21

    def test_other_goods_are_not_put_on_what_was_agreed_to(self):
        self._agree()
        self._assert_goes_elsewhere()

    def _agree(self):
        self._case().with_user(self.far_manager).action_agree_to_transfer()
        self.assertEqual(self.picking.state, "assigned")

    def test_a_proposal_older_than_its_giver_is_let_go_by_nobody_from_nowhere(self):
        self._take_from_nobody()
        self.env.cr.execute("UPDATE retail_exception SET stock_giver_id = NULL")
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "from no store"), self.cr.savepoint():
            self.taken.action_confirm()
        self.assertFalse(self._case().can_agree_to_transfer)

    def _take_from_nobody(self):
        """Put the draft's place to a warehouse of no store, past every rule."""
        self.env.flush_all()
        for change in (
            "UPDATE stock_picking SET location_id = %s WHERE id = %s",
            "UPDATE stock_move SET location_id = %s WHERE picking_id = %s",
        ):
            self.env.cr.execute(change, [self.nobodys.id, self.picking.id])
        self.env.invalidate_all()

    def test_other_goods_are_not_put_on_the_draft(self):
        self._assert_goes_elsewhere()
        self.assertEqual(self.picking.state, "draft")

    def _assert_goes_elsewhere(self):
        beside = self.picking.move_ids
        move = self.env["stock.move"].create(
            {
                "product_id": self.product.id,
                "product_uom_qty": 1,
                "location_id": beside.location_id.id,
                "location_dest_id": beside.location_dest_id.id,
                "picking_type_id": self.picking.picking_type_id.id,
            }
        )
        move.with_user(self.stock_manager)._action_confirm()
        self.assertTrue(move.picking_id)
        self.assertNotEqual(move.picking_id, self.picking)

    def test_the_giving_stores_manager_is_told_and_agrees_without_inventory_rights(
        self,
    ):
        asked = self.far_manager | self.far_region.manager_id
        told = self.env["mail.message"].search(
            [
                ("model", "=", "retail.exception"),
                ("res_id", "=", self._case().id),
                ("message_type", "=", "user_notification"),
                ("body", "like", "is asked for goods"),
            ]
        )
        self.assertLessEqual(asked.partner_id, told.partner_ids)
        case = self._case().with_user(self.far_manager)
        [read] = case.read(["summary", "stock_proposal_note", "can_agree_to_transfer"])
        self.assertTrue(read["can_agree_to_transfer"])
        with self.assertRaises(AccessError), self.cr.savepoint():
            case.action_acknowledge()
        case.action_agree_to_transfer()
        self.assertEqual(self.picking.retail_agreed_by_id, self.far_manager)
        self.assertEqual(self.picking.state, "assigned")

    def test_the_giving_stores_manager_has_it_to_do_until_he_agrees(self):
        [asked] = self._asked_of(self.far_manager)
        self.assertEqual(asked.res_id, self._case().id)
        self.assertIn("is asked for goods", asked.note)
        self._agree()
        self.assertFalse(self._asked_of(self.far_manager))

    def test_nobody_is_asked_for_goods_of_a_cancelled_transfer_or_case(self):
        for end in (
            self.picking.action_cancel,
            lambda: self._case()._set_cancelled("No need any more"),
        ):
            with self.subTest(end=end), self.cr.savepoint() as attempt:
                self.assertTrue(self._asked_of(self.far_manager))
                end()
                self.assertFalse(self._asked_of(self.far_manager))
                attempt.rollback()

    def _asked_of(self, user):
        kind = self.env.ref("retail_ops_stock.activity_agree")
        theirs = [("user_id", "=", user.id), ("activity_type_id", "=", kind.id)]
        self.env.invalidate_all()
        return self.env["mail.activity"].with_user(user).search(theirs)

    def test_the_case_of_another_store_is_read_by_no_manager_who_gives_nothing(self):
        stranger = new_test_user(
            self.env, "test_stranger", "retail_ops_core.group_store_manager"
        )
        with self.assertRaises(AccessError):
            self._case().with_user(stranger).read(["summary"])

    def test_stock_rights_alone_read_transfers_and_warehouses_whole(self):
        plain = new_test_user(self.env, "test_plain_stock", "stock.group_stock_user")
        for record in (self.picking, self.warehouse):
            [read] = record.with_user(plain).read()
            self.assertEqual(read["name"], record.name)
            of_it = [("id", "=", record.id)]
            self.assertTrue(record.with_user(plain).search_read(of_it))

    def test_a_transfer_of_no_store_costs_no_query_for_its_case(self):
        self._queries_of_transfer()  # what is kept between requests is there
        guarded = self._queries_of_transfer()
        pickings = self.registry["stock.picking"]
        for guard in (
            "_check_giver_agrees",
            "_check_proposal_stands",
            "_check_within_agreement",
        ):
            self.patch(pickings, guard, lambda these: None)
        self.assertEqual(guarded, self._queries_of_transfer())

    def _queries_of_transfer(self):
        """Return what it takes to plan, confirm and validate one within the office."""
        kind = self.nobodys.warehouse_id.int_type_id
        back = self.nobodys.copy({"name": "Back room"})
        self._receive(self.product, self.nobodys, 3)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        places = {"location_id": self.nobodys.id, "location_dest_id": back.id}
        goods = {"product_id": self.product.id, "product_uom_qty": 3, **places}
        transfer = self.env["stock.picking"].create(
            {"picking_type_id": kind.id, "move_ids": [Command.create(goods)], **places}
        )
        transfer.action_confirm()
        transfer.move_ids.picked = True
        transfer.button_validate()
        self.env.flush_all()
        self.assertEqual(transfer.state, "done")
        return self.cr.sql_log_count - before
