from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import StockCase


@tagged("post_install", "-at_install")
class TestHeldScraps(StockCase):
    def _scrap(self, quantity, user=None):
        return (
            self.env["stock.scrap"]
            .with_user(user or self.counter)
            .create(
                {
                    "product_id": self.product.id,
                    "scrap_qty": quantity,
                    "location_id": self.shelf.id,
                }
            )
        )

    def test_a_large_scrap_is_held_and_done_once_approved(self):
        scrap = self._scrap(4)
        scrap.action_validate()
        self.assertEqual(scrap.state, "draft")
        self.assertEqual(self._on_hand(), 12)
        case = scrap.retail_hold_id.exception_id
        self.assertEqual(case.type_id.code, "damaged_goods")
        self.assertEqual(case.impact_amount, 58)
        request = self._request_of(case)
        self._approve(request, self.region_manager, self.loss_prevention)
        self._carry_out()
        self.assertEqual(scrap.state, "done")
        self.assertEqual(self._on_hand(), 8)
        self.assertEqual(case.state, "resolved")

    def test_a_small_scrap_passes_at_once(self):
        scrap = self._scrap(1)
        scrap.action_validate()
        self.assertEqual(scrap.state, "done")
        self.assertEqual(self._on_hand(), 11)

    def test_the_warning_of_too_few_goods_does_not_lead_round_the_hold(self):
        scrap = self._scrap(40)
        action = scrap.action_validate()
        wizard = self.env["stock.warn.insufficient.qty.scrap"].with_user(self.counter)
        wizard = wizard.with_context(**action["context"]).create({})
        wizard.action_done()
        self.assertEqual(scrap.state, "draft")
        self.assertTrue(scrap.retail_hold_id)
        self.assertEqual(self._on_hand(), 12)

    def test_validating_again_holds_nothing_twice(self):
        scrap = self._scrap(4)
        scrap.action_validate()
        scrap.action_validate()
        self.assertEqual(len(self._hold()), 1)

    def test_a_changed_quantity_asks_anew(self):
        scrap = self._scrap(4)
        scrap.action_validate()
        first = scrap.retail_hold_id
        scrap.scrap_qty = 6
        scrap.action_validate()
        self.assertEqual(first.state, "dropped")
        self.assertEqual(scrap.retail_hold_id.difference, -6)

    def test_a_quantity_changed_after_asking_is_not_scrapped(self):
        scrap = self._scrap(4)
        scrap.action_validate()
        request = self._request_of(scrap.retail_hold_id.exception_id)
        self._approve(request, self.region_manager, self.loss_prevention)
        scrap.scrap_qty = 12
        self._carry_out()
        self.assertEqual(request.act_state, "failed")
        self.assertEqual(self._on_hand(), 12)

    def test_a_scrap_is_not_called_done_by_hand(self):
        scrap = self._scrap(4)
        with self.assertRaisesRegex(UserError, "was not scrapped"):
            scrap.state = "done"
            scrap.flush_recordset()
