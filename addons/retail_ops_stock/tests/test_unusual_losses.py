from odoo import fields
from odoo.tests import tagged

from .common import StockCase


@tagged("post_install", "-at_install")
class TestUnusualLosses(StockCase):
    """A store that loses goods of 4.00 now and then suddenly loses 43.50."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._publish_policy(
            [
                {"amount_min": 10, "outlier_min": 3.5, "steps": ["region", "loss"]},
                {"amount_max": 50, "outcome": "none"},
                {"amount_min": 50, "steps": ["region"]},
            ]
        )

    def _lose_now_and_then(self, times, cost=3.9):
        for number in range(times):
            product = self.env["product.product"].create(
                {
                    "name": f"Cup {number}",
                    "is_storable": True,
                    "standard_price": cost + number / 50,
                }
            )
            self._receive(product, self.shelf, 5)
            self._count(4, product=product)
        lost = self.env["stock.move.line"].search(
            [("location_id", "=", self.shelf.id), ("product_id.name", "like", "Cup")]
        )
        long_ago = fields.Datetime.subtract(fields.Datetime.now(), days=20)
        lost.sudo().date = long_ago
        self.env.cr.cache.clear()  # a later count is a transaction of its own

    def test_an_unusual_loss_below_the_limit_asks_two_people(self):
        self._lose_now_and_then(9)
        self._count(9)
        self.assertEqual(self._on_hand(), 12)
        request = self._request_of(self._hold("waiting").exception_id)
        self.assertEqual(
            request.activity_ids.user_id, self.region_manager | self.loss_prevention
        )
        self.assertIn("unusual (score ≥ 3.5)", request.rule_line)
        self._approve(request, self.region_manager)
        self._carry_out()
        self.assertEqual(self._on_hand(), 12, "one approval is not enough")
        self._approve(request, self.loss_prevention)
        self._carry_out()
        self.assertEqual(self._on_hand(), 9)

    def test_the_arithmetic_stands_on_the_request(self):
        self._lose_now_and_then(9)
        self._count(9)
        request = self._request_of(self._hold("waiting").exception_id)
        shown = request.with_user(self.region_manager).comparison
        for words in ("9 like it within 180 days", "3.98", "score 99"):
            self.assertIn(words, shown)

    def test_with_few_earlier_losses_nothing_is_unusual(self):
        self._lose_now_and_then(7)
        self._count(9)
        self.assertFalse(self._hold())
        self.assertEqual(self._on_hand(), 9)

    def test_a_loss_like_the_others_is_nobodys_business(self):
        self._lose_now_and_then(9, cost=14.45)
        self._count(11)
        self.assertFalse(self._hold())
