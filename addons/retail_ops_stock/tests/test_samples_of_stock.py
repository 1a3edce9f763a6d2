from odoo import Command
from odoo.tests import tagged

from .common import StockCase


@tagged("post_install", "-at_install")
class TestSamplesOfStock(StockCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.removal = cls.env["retail.sample.removal"].with_user(cls.admin).create({})

    def _sample(self, record, name):
        """Let a record be what the demo file calls so; this database has no demo."""
        self.env["ir.model.data"].create(
            {
                "module": "retail_ops_stock",
                "name": name,
                "model": record._name,
                "res_id": record.id,
            }
        )
        return record

    def _receipt(self):
        vendors = self.env.ref("stock.stock_location_suppliers")
        places = {"location_id": vendors.id, "location_dest_id": self.shelf.id}
        move = {"product_id": self.product.id, "product_uom_qty": 6, **places}
        receipt = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.in_type_id.id,
                "move_ids": [Command.create(move)],
                **places,
            }
        )
        receipt.action_confirm()
        return receipt

    def test_a_sample_receipt_comes_no_more_and_ones_own_still_does(self):
        sample, own = (
            self._sample(self._receipt(), "picking_demo_late"),
            self._receipt(),
        )
        self.removal.action_remove()
        self.assertEqual((sample.state, own.state), ("cancel", "assigned"))

    def test_a_sample_receipt_that_came_stays_done(self):
        receipt = self._sample(self._receipt(), "picking_demo_sold")
        receipt.move_ids.write({"quantity": 6, "picked": True})
        receipt.button_validate()
        self.removal.action_remove()
        self.assertEqual(receipt.state, "done")
