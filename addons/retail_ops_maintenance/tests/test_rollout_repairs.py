from odoo.tests import tagged

from odoo.addons.retail_ops_core.tests.rollout_common import RolloutCase

from .common import MaintenanceCase


@tagged("post_install", "-at_install")
class TestRepairsInWaves(MaintenanceCase, RolloutCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.workflow = cls.env.ref("retail_ops_core.workflow_maintenance")
        cls._put_in_waves()

    def test_outside_every_wave_a_dear_repair_goes_on(self):
        repair = self._repair(4000)
        self._move(repair, "work")
        self.assertEqual(self._step_of(repair), "work")
        self.assertFalse(self._shadow_of(repair))

    def test_in_shadow_it_goes_on_and_the_route_is_noted(self):
        self._wave(self.store, "shadow")
        repair = self._repair(600)
        self._move(repair, "work")
        shadow = self._shadow_of(repair)
        self.assertEqual(shadow.approver_ids, self.region_manager)
        self.assertEqual(shadow.done_by_id, self.technician)

    def test_in_a_live_wave_it_waits(self):
        self._wave(self.store, "live")
        self.assertEqual(self._step_of(self._repair(600)), "approval")
