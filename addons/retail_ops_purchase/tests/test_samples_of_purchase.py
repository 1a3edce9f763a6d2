from odoo.tests import tagged

from .common import PurchaseCase


@tagged("post_install", "-at_install")
class TestSamplesOfPurchase(PurchaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.removal = cls.env["retail.sample.removal"].with_user(cls.admin).create({})

    def _sample(self, order):
        """Let an order be what the demo file calls so; this database has no demo."""
        self.env["ir.model.data"].create(
            {
                "module": "retail_ops_purchase",
                "name": "order_demo_fans",
                "model": order._name,
                "res_id": order.id,
            }
        )
        return order

    def test_what_a_sample_store_ordered_goes_and_ones_own_order_stays(self):
        sample, own = self._sample(self._order(20)), self._order(20)
        self.removal.action_remove()
        self.assertFalse(sample.exists())
        self.assertEqual(own.state, "draft")

    def test_a_sample_order_that_waits_for_approval_waits_for_nobody(self):
        order = self._sample(self._order(300))
        order.button_confirm()
        request = order.sudo().approval_request_ids
        self.assertEqual((order.state, request.state), ("to approve", "pending"))
        self.removal.action_remove()
        self.assertFalse(order.exists())
        self.assertEqual(request.state, "withdrawn")

    def test_a_sample_order_of_which_something_came_stays_as_it_is(self):
        order = self._sample(self._order(20))
        order.button_confirm()
        order.sudo().order_line.qty_received = 1
        self.removal.action_remove()
        self.assertEqual(order.sudo().state, "purchase")
