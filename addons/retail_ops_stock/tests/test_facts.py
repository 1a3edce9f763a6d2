from odoo import Command
from odoo.tests import tagged

from .common import StockCase


@tagged("post_install", "-at_install")
class TestFacts(StockCase):
    """What other systems hear of the stock of stores."""

    def setUp(self):
        super().setUp()
        self.told = []

        def publish(_publisher, topic, data, **_context):
            self.told.append((topic, data))

        self.patch(self.registry["retail.publisher"], "_publish", publish)

    def _stock_facts(self):
        return [
            (topic, data["store"], data["quantity"])
            for topic, data in self.told
            if topic.startswith("stock.")
        ]

    def test_adjusting_stock_emits_exactly_one_event(self):
        self._count(11)
        self.assertEqual(self._stock_facts(), [("stock.adjusted", "T042", -1)])

    def test_a_count_beyond_tolerance_is_a_case_that_is_told_and_counted(self):
        before = self._open_at_headquarters()
        self._count(7)
        case = self._hold().exception_id
        told = [
            data["reference"]
            for topic, data in self.told
            if topic == "exception.created"
        ]
        self.assertEqual(told, [case.name])
        self.assertEqual(self._open_at_headquarters(), before + 1)

    def _open_at_headquarters(self):
        """Return the figure that headquarters sees first."""
        home = self.env["retail.home"].with_user(self.operations)
        sections = home.get_home("headquarters")["sections"]
        [panel] = [each for each in sections if each["key"] == "happening"]
        [figure] = [each for each in panel["figures"] if each["key"] == "open"]
        return figure["value"]

    def test_a_count_that_waits_emits_nothing_before_it_is_applied(self):
        self._count(2)
        self.assertEqual(self._stock_facts(), [])
        request = self._request_of(self._hold("waiting").exception_id)
        self._approve(request, self.region_manager, self.loss_prevention)
        self._carry_out()
        self.assertEqual(self._stock_facts(), [("stock.adjusted", "T042", -10)])

    def test_a_receipt_is_a_movement(self):
        self._receive(self.product, self.shelf, 3)
        self.assertEqual(self._stock_facts(), [("stock.moved", "T042", 3)])

    def test_a_delivery_is_reserved_and_then_moved(self):
        customer = self.env.ref("stock.stock_location_customers")
        move = self.env["stock.move"].create(
            {
                "product_id": self.product.id,
                "product_uom_qty": 2,
                "location_id": self.shelf.id,
                "location_dest_id": customer.id,
            }
        )
        move._action_confirm()
        move._action_assign()
        move._action_assign()
        self.assertEqual(self._stock_facts(), [("stock.reserved", "T042", 2)])
        move.picked = True
        move._action_done()
        self.assertEqual(self._stock_facts()[1:], [("stock.moved", "T042", -2)])

    def test_a_place_of_no_store_emits_nothing(self):
        other = self.env["stock.warehouse"].create({"name": "DC", "code": "DC"})
        self._receive(self.product, other.lot_stock_id, 3)
        self.assertEqual(self._stock_facts(), [])

    def test_within_one_store_nothing_is_told(self):
        shelf = self.env["stock.location"].create(
            {"name": "Back room", "location_id": self.shelf.id}
        )
        move = self.env["stock.move"].create(
            {
                "product_id": self.product.id,
                "product_uom_qty": 2,
                "location_id": self.shelf.id,
                "location_dest_id": shelf.id,
                "picked": True,
                "move_line_ids": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "quantity": 2,
                            "location_id": self.shelf.id,
                            "location_dest_id": shelf.id,
                        }
                    )
                ],
            }
        )
        move._action_done()
        self.assertEqual(self._stock_facts(), [])
