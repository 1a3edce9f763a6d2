from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import StockCase


@tagged("post_install", "-at_install")
class TestHistory(StockCase):
    """A case of a count says which lot it is about, and what happened to it before."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.oil = cls.env["product.product"].create(
            {
                "name": "Oil",
                "is_storable": True,
                "standard_price": 14.5,
                "tracking": "lot",
            }
        )
        cls.lots = [cls._create_lot("L1", 12), cls._create_lot("L2", 12)]

    @classmethod
    def _create_lot(cls, name, quantity):
        lot = cls.env["stock.lot"].create({"name": name, "product_id": cls.oil.id})
        quants = cls.env["stock.quant"]
        quants._update_available_quantity(cls.oil, cls.shelf, quantity, lot_id=lot)
        return lot

    def _count_lot(self, lot, quantity):
        """Return the case that the member raises by counting a lot."""
        of_lot = [("lot_id", "=", lot.id), ("location_id", "=", self.shelf.id)]
        quants = self.env["stock.quant"].with_user(self.counter)
        quant = quants.with_context(inventory_mode=True).search(of_lot)
        quant.inventory_quantity = quantity
        quant.action_apply_inventory()
        return self._latest()

    def _latest(self):
        about = [("product_id", "=", self.oil.id), ("store_id", "=", self.store.id)]
        cases = self.env["retail.exception"].with_user(self.manager)
        return cases.search(about, order="id desc", limit=1)

    def test_a_held_count_names_its_place_and_lot(self):
        case = self._count_lot(self.lots[0], 5)
        self.assertEqual(case.stock_location_id, self.shelf)
        self.assertEqual(case.stock_lot_id, self.lots[0])
        self.assertEqual(case.sudo().stock_hold_ids.lot_id, self.lots[0])

    def test_a_count_that_passes_names_its_lot_as_well(self):
        case = self._count_lot(self.lots[0], 10)
        self.assertFalse(case.sudo().stock_hold_ids)
        self.assertEqual(case.stock_lot_id, self.lots[0])

    def test_the_manager_sees_earlier_cases_and_counts_of_the_same_lot(self):
        first = self._count_lot(self.lots[0], 10)
        self._count_lot(self.lots[1], 11)
        latest = self._count_lot(self.lots[0], 3)
        self.assertEqual(latest.stock_earlier_ids, first)
        adjusted = latest.stock_adjustment_ids
        self.assertEqual(adjusted.mapped("difference"), [-2])
        self.assertEqual(adjusted.lot_id, self.lots[0])
        self.assertEqual(adjusted.user_id, self.counter)

    def test_what_was_approved_is_there_once_it_is_applied(self):
        case = self._count_lot(self.lots[0], 5)
        self.assertFalse(case.stock_adjustment_ids)
        request = self._request_of(case)
        self._approve(request, self.region_manager, self.loss_prevention)
        self._carry_out()
        case.invalidate_recordset()
        self.assertEqual(case.stock_adjustment_ids.difference, -7)
        self.assertEqual(case.stock_adjustment_ids.user_id, self.counter)

    def test_a_case_without_a_place_shows_the_product_in_the_store(self):
        self._count_lot(self.lots[0], 10)
        self._count_lot(self.lots[1], 11)
        raised = self.env["retail.exception"].with_user(self.manager)
        case = raised.create(
            {
                "summary": "A bottle broke",
                "store_id": self.store.id,
                "type_id": self.discrepancy.id,
                "product_id": self.oil.id,
            }
        )
        self.assertEqual(len(case.stock_adjustment_ids), 2)

    def test_nobody_reads_the_counts_of_another_store(self):
        self._count_lot(self.lots[0], 10)
        adjustments = self.env["retail.stock.adjustment"]
        ours = [("store_id", "=", self.store.id)]
        self.assertTrue(adjustments.with_user(self.manager).search(ours))
        stranger = new_test_user(
            self.env, "test_far_stranger", "retail_ops_core.group_store_manager"
        )
        self.assertFalse(adjustments.with_user(stranger).search(ours))
        plain = new_test_user(self.env, "test_plain", "base.group_user")
        with self.assertRaises(AccessError):
            adjustments.with_user(plain).search(ours)

    def test_place_and_lot_are_not_written_by_hand(self):
        case = self._count_lot(self.lots[0], 10)
        for values in (
            {"stock_lot_id": self.lots[1].id},
            {"stock_location_id": False},
        ):
            with self.assertRaises(AccessError):
                case.write(values)
