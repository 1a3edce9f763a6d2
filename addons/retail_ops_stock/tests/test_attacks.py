from odoo.tests import tagged

from odoo.addons.retail_ops_approvals.tests.common_rpc import RpcCase

from .common import StockCase


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

    def test_an_import_of_counts_is_held(self):
        rows = [["S-IMP", self.product.name, self.shelf.complete_name, "3"]]
        columns = ["id", "product_id", "location_id", "inventory_quantity"]
        self._call("stock.quant", "load", columns, rows)
        quant = self._quant()
        self._call("stock.quant", "action_apply_inventory", quant.ids)
        self.assertEqual(self._on_hand(), 12)
