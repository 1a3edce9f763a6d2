from odoo.tests import tagged

from odoo.addons.retail_ops_core.tests.rollout_common import RolloutCase

from .common import PurchaseCase


@tagged("post_install", "-at_install")
class TestOrdersInWaves(PurchaseCase, RolloutCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.workflow = cls.env.ref("retail_ops_core.workflow_local_procurement")
        cls._put_in_waves()

    def test_outside_every_wave_an_order_is_confirmed_as_odoo_does(self):
        order = self._order(8000)
        order.button_confirm()
        self.assertEqual(order.state, "purchase")
        self.assertFalse(self._shadow_of(order))

    def test_in_shadow_it_is_confirmed_and_noted_who_would_have_been_asked(self):
        wave = self._wave(self.store, "shadow")
        order = self._order(8000)
        order.button_confirm()
        self.assertEqual(order.state, "purchase")
        shadow = self._shadow_of(order)
        self.assertEqual(shadow.approver_ids, self.region_manager | self.finance)
        self.assertEqual(shadow.done_by_id, self.manager)
        wave.action_compare()
        self.assertEqual(shadow.verdict, "differs")

    def test_an_order_cancelled_in_shadow_is_given_up(self):
        wave = self._wave(self.store, "shadow")
        order = self._order(8000)
        order._note_routes()
        order.button_cancel()
        wave.action_compare()
        self.assertEqual(self._shadow_of(order).verdict, "dropped")
        self.assertEqual((wave.open_count, wave.compared_count), (0, 0))

    def test_in_a_live_wave_it_waits(self):
        self._wave(self.store, "live")
        order = self._order(8000)
        order.button_confirm()
        self.assertEqual(order.state, "to approve")
