from odoo.tests import new_test_user, tagged

from odoo.addons.retail_ops_approvals.tests.common_rpc import RpcCase

from .common import LevelCase, StockCase


@tagged("post_install", "-at_install")
class TestAttacks(StockCase, RpcCase):
    """Over real HTTP, as somebody with Odoo's own stock rights."""

    def setUp(self):
        super().setUp()
        self._count(7)
        self.held = self._hold()
        self._login(self.counter)

    def _assert_12(self):
        self.assertEqual(self._on_hand(), 12)
        self.assertEqual(self.held.state, "waiting")

    def test_quantities_and_holds_are_not_written_over_rpc(self):
        quant = self._quant()
        self._assert_refused("stock.quant", "write", quant.ids, {"quantity": 1})
        hold = self.held
        self._assert_refused(hold._name, "write", hold.ids, {"state": "released"})
        self._assert_refused(hold._name, "unlink", hold.ids)
        self._assert_refused(hold._name, "_apply", hold.ids)
        self._assert_12()

    def test_context_keys_over_rpc_release_nothing(self):
        context = {
            "retail_stock_hold": self.held.id,
            "inventory_mode": True,
            "import_file": True,
        }
        quant = self._quant()
        self._call(
            "stock.quant",
            "write",
            quant.ids,
            {"inventory_quantity": 7},
            context=context,
        )
        self._call("stock.quant", "action_apply_inventory", quant.ids, context=context)
        self._assert_12()

    def test_a_done_move_is_not_made_over_rpc(self):
        place = {
            "product_id": self.product.id,
            "quantity": 5,
            "location_id": self.shelf.id,
            "location_dest_id": self.product.property_stock_inventory.id,
        }
        move = {
            **place,
            "product_uom": self.product.uom_id.id,
            "product_uom_qty": 5,
            "state": "done",
            "move_line_ids": [[0, 0, place]],
        }
        self._assert_refused("stock.move", "create", [move])
        status = self._json2(self.counter, "stock.move", "create", vals_list=[move])
        self.assertGreaterEqual(status, 400)
        self._assert_12()

    def test_the_quantity_on_hand_of_a_product_is_held_over_rpc(self):
        self._set_quantities_here()
        template = self.product.product_tmpl_id
        for record in (self.product, template):
            for quantity in ({"qty_available": 1}, {"qty_available": 400}):
                self._call(record._name, "write", record.ids, quantity)
        rows = [[str(self.product.id), "2"]]
        self._call("product.product", "load", [".id", "qty_available"], rows)
        self.assertEqual(self._on_hand(), 12)
        held = self._hold("waiting")
        self.assertEqual(held.location_id, self.shelf)
        self.assertEqual(self._on_hand() + held.difference, 2)

    def test_goods_that_come_with_a_new_product_are_held_over_rpc(self):
        self._set_quantities_here()
        whisky = {"name": "Whisky", "is_storable": True, "standard_price": 80}
        [made] = self._call(
            "product.template", "create", [{**whisky, "qty_available": 50}]
        )["result"]
        product = self.env["product.template"].browse(made).product_variant_id
        self.assertEqual(self._on_hand(product), 0)
        self.assertEqual(self._hold("waiting").product_id, self.product | product)

    def test_a_count_that_conflicts_is_held_over_rpc(self):
        self._login(self.stock_manager)
        quant = self._quant()
        in_mode = {"context": {"inventory_mode": True}}
        wizard = "stock.inventory.conflict"
        quants = {"quant_ids": [[6, 0, quant.ids]]}
        for way in ("action_keep_counted_quantity", "action_keep_difference"):
            counted = {"inventory_quantity": 3}
            self._call("stock.quant", "write", quant.ids, counted, **in_mode)
            made = self._call(wizard, "create", [quants])["result"]
            self.assertNotIn("error", self._call(wizard, way, made))
            self.assertEqual(self._on_hand(), 12)
            self.assertEqual(self._hold("waiting").difference, -9)

    def test_a_package_is_not_sent_to_the_losses_over_rpc(self):
        package = self.env["stock.package"].create({"name": "PACK"})
        self.env["stock.quant"]._update_available_quantity(
            self.product, self.shelf, 12, package_id=package
        )
        lost = {"location_id": self.product.property_stock_inventory.id}
        message = self._assert_refused("stock.package", "write", package.ids, lost)
        self.assertIn("need an approval", message)
        here = self.product.with_context(location=self.shelf.id)
        self.assertEqual(here.qty_available, 24)

    def _set_quantities_here(self):
        """Odoo sets them in the first warehouse: a keeper makes it the store's."""
        catalogue = self.env.ref("product.group_product_manager")
        self.stock_manager.group_ids += catalogue
        mine = [("company_id", "=", self.company.id)]
        self.env["stock.warehouse"].search(mine).sequence = 20
        self._login(self.stock_manager)
        self._call("stock.warehouse", "write", self.warehouse.ids, {"sequence": 1})

    def test_an_import_of_counts_is_held(self):
        rows = [["S-IMP", self.product.name, self.shelf.complete_name, "3"]]
        columns = ["id", "product_id", "location_id", "inventory_quantity"]
        self._call("stock.quant", "load", columns, rows)
        quant = self._quant()
        self._call("stock.quant", "action_apply_inventory", quant.ids)
        self.assertEqual(self._on_hand(), 12)


@tagged("post_install", "-at_install")
class TestAttacksOnAcceptances(StockCase, RpcCase):
    """Seven bottles stand in the books without a move; who would hide them tries."""

    def setUp(self):
        super().setUp()
        quants = self.env["stock.quant"]
        quants._update_available_quantity(self.product, self.shelf, 7)
        self.env["retail.stock.watch"]._watch(self.store)
        key = f"stock.unexplained/{self.shelf.id}/{self.product.id}"
        cases = self.env["retail.exception"]
        self.case = cases.search([("stock_watch_key", "=", key)])

    def _acceptance(self):
        return {
            "exception_id": self.case.id,
            "company_id": self.company.id,
            "product_id": self.product.id,
            "location_id": self.shelf.id,
            "difference": 7,
            "reason": "Nothing to see",
            "user_id": self.loss_prevention.id,
        }

    def _accept(self, **values):
        """Fill in the dialog over RPC; return its answer."""
        dialog = {"exception_id": self.case.id, "difference": 7, "reason": "Known"}
        made = self._call("retail.stock.accept", "create", [{**dialog, **values}])
        if "error" in made:
            return made
        return self._call("retail.stock.accept", "action_confirm", made["result"])

    def _assert_nothing_is_accepted(self):
        kept = self.env["retail.stock.acceptance"]
        self.assertFalse(kept.search([("exception_id", "=", self.case.id)]))
        self.env["retail.stock.watch"]._watch(self.store)
        self.assertTrue(self.case.is_open)

    def test_store_and_inventory_people_accept_nothing_over_rpc(self):
        for user in (self.manager, self.counter, self.stock_manager):
            self._login(user)
            ways = "action_accept_difference", "_accept_difference", "_keep_acceptance"
            for way in ways:
                self._assert_refused("retail.exception", way, self.case.ids)
            self.assertIn("error", self._accept())
        self._assert_nothing_is_accepted()

    def test_nobody_writes_an_acceptance_over_rpc(self):
        kept = "retail.stock.acceptance"
        for user in (self.manager, self.stock_manager, self.loss_prevention):
            self._login(user)
            self._assert_refused(kept, "create", [self._acceptance()])
            columns, row = ["difference", "reason"], ["7", "Nothing to see"]
            self._assert_load_is_refused(kept, columns, row)
        self._assert_nothing_is_accepted()

    def _assert_load_is_refused(self, model, columns, row):
        answer = self._call(model, "load", columns, [row])
        self.assertFalse(answer.get("result", {}).get("ids"))

    def test_what_was_accepted_is_changed_by_nobody_over_rpc(self):
        self._login(self.loss_prevention)
        self.assertNotIn("error", self._accept())
        about = [("exception_id", "=", self.case.id)]
        kept = self.env["retail.stock.acceptance"].search(about)
        for values in ({"difference": 70}, {"product_id": 1}, {"reason": "Other"}):
            self._assert_refused(kept._name, "write", kept.ids, values)
        self._assert_refused(kept._name, "unlink", kept.ids)
        self.assertEqual(kept.difference, 7)

    def test_loss_prevention_accepts_no_other_quantity_and_no_other_case_over_rpc(self):
        self._login(self.loss_prevention)
        for quantity in (0, 6, 700, -7):
            self.assertIn("error", self._accept(difference=quantity))
        self.assertIn("error", self._accept(exception_id=self._take_in().id))
        self._assert_nothing_is_accepted()

    def test_what_a_case_is_about_is_written_by_nobody_over_rpc(self):
        self._login(self.manager)
        key = {"stock_watch_key": f"stock.unexplained/{self.shelf.id}/1"}
        self._assert_refused("retail.exception", "write", self.case.ids, key)
        self._assert_nothing_is_accepted()


@tagged("post_install", "-at_install")
class TestAttacksOnAgreements(LevelCase, RpcCase):
    """The store in need changes what another store is asked for, or agreed to."""

    def setUp(self):
        super().setUp()
        self.picking = self._proposed_from_far()
        self.office = (
            self.env["stock.warehouse"]
            .create({"name": "Office", "code": "OFF"})
            .lot_stock_id
        )
        self._login(self.counter)

    def _run(self):
        """Its cursor is the server's already."""
        self.env.ref("retail_ops_stock.cron_levels").method_direct_trigger()

    def _assert_nothing_changes(self):
        move = self.picking.move_ids
        place = {"location_dest_id": self.office.id}
        more = {"product_uom_qty": 40}
        self._assert_refused("stock.move", "write", move.ids, more)
        self._assert_refused("stock.move", "write", move.ids, place)
        self._assert_refused("stock.move", "copy", move.ids, more)
        self._assert_refused("stock.picking", "write", self.picking.ids, place)
        agreed = {"retail_agreed_by_id": self.counter.id}
        self._assert_refused("stock.picking", "write", self.picking.ids, agreed)
        goods = {"retail_agreed_goods": False}
        self._assert_refused("stock.picking", "write", self.picking.ids, goods)
        self.assertEqual(self.picking.move_ids.product_uom_qty, 13)
        self.assertEqual(self.picking.location_dest_id, self.shelf)

    def test_what_is_proposed_is_not_changed_over_rpc(self):
        self._assert_nothing_changes()

    def test_what_was_agreed_to_is_not_changed_over_rpc(self):
        self._case().with_user(self.far_manager).action_agree_to_transfer()
        self._assert_nothing_changes()
        lines = self.picking.move_line_ids
        self._assert_refused("stock.move.line", "write", lines.ids, {"quantity": 40})
        for tied in ({"move_id": self.picking.move_ids.id}, {}):
            line = {**self._line(), **tied}
            self._assert_refused("stock.move.line", "create", [line])
        self.assertEqual(self.picking.move_ids.quantity, 13)

    def _decline_over_rpc(self, **values):
        """Return what the refused dialog answers, filled in as somebody likes."""
        dialog = {
            "exception_id": self._case().id,
            "store_id": self.far_store.id,
            "reason": "We keep it",
            **values,
        }
        made = self._call("retail.transfer.decline", "create", [dialog])
        self.assertNotIn("error", made)
        wizard = "retail.transfer.decline"
        return self._assert_refused(wizard, "action_confirm", made["result"])

    def _assert_still_asked(self):
        self.assertEqual(self.picking.state, "draft")
        self.assertEqual(self._case().stock_picking_id, self.picking)
        self.assertFalse(self._case().stock_declined_store_ids)

    def test_the_store_in_need_declines_for_nobody_over_rpc(self):
        for user in (self.counter, self.manager):
            self._login(user)
            case = self._case().ids
            ways = "action_decline_transfer", "_decline_transfer", "_decline"
            for way in ways:
                self._assert_refused("retail.exception", way, case)
            self.assertIn("Far Manager", self._decline_over_rpc())
            mine = {"store_id": self.store.id}
            self.assertIn("does not ask this store", self._decline_over_rpc(**mine))
        self._assert_still_asked()

    def test_the_manager_of_a_store_that_is_not_asked_declines_nothing_over_rpc(self):
        stranger = new_test_user(
            self.env, "test_stranger", "retail_ops_core.group_store_manager"
        )
        self.other_store.manager_id = stranger
        self._login(stranger)
        self._decline_over_rpc()
        self._decline_over_rpc(store_id=self.other_store.id)
        self._assert_still_asked()

    def test_who_declines_for_one_case_declines_no_other_one_over_rpc(self):
        beside = self._take_in()
        self._login(self.far_manager)
        self._decline_over_rpc(exception_id=beside.id)
        self._assert_still_asked()

    def test_what_was_agreed_to_is_not_declined_over_rpc(self):
        self._login(self.far_manager)
        self._call("retail.exception", "action_agree_to_transfer", self._case().ids)
        self.assertIn("agreed to", self._decline_over_rpc())
        self.assertEqual(self.picking.state, "assigned")
        self.assertEqual(self._case().stock_picking_id, self.picking)

    def test_who_declined_is_written_by_nobody_over_rpc(self):
        self._login(self.manager)
        for values in (
            {"stock_declined_store_ids": [[4, self.far_store.id]]},
            {"stock_declined_store_ids": [[6, 0, self.far_store.ids]]},
            {"stock_giver_id": False},
            {"stock_picking_id": False},
        ):
            case = self._case()
            self._assert_refused("retail.exception", "write", case.ids, values)
            made = {"store_id": self.store.id, "type_id": case.type_id.id, **values}
            self._assert_refused("retail.exception", "create", [made])
        self._assert_still_asked()

    def _line(self):
        return {
            "picking_id": self.picking.id,
            "product_id": self.product.id,
            "quantity": 1,
            "location_id": self.picking.location_id.id,
            "location_dest_id": self.shelf.id,
        }
