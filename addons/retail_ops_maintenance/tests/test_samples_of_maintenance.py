from odoo.tests import tagged

from .common import MaintenanceCase


@tagged("post_install", "-at_install")
class TestSamplesOfMaintenance(MaintenanceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.removal = cls.env["retail.sample.removal"].with_user(cls.admin).create({})

    def _name_as_sample(self, case):
        """Let a case be what the demo file calls so; this database has no demo."""
        self.env["ir.model.data"].create(
            {
                "module": "retail_ops_maintenance",
                "name": "case_demo_freezer",
                "model": case._name,
                "res_id": case.id,
            }
        )

    def test_nobody_repairs_what_a_sample_reported_and_ones_own_repair_goes_on(self):
        sample, own = self._fail(), self._fail()
        self._name_as_sample(sample)
        self.removal.action_remove()
        self.assertTrue(sample.maintenance_id.archive)
        self.assertFalse(own.maintenance_id.archive)

    def test_a_sample_repair_that_waits_for_approval_waits_for_nobody(self):
        case = self._fail()
        repair = case.maintenance_id.with_user(self.technician)
        repair.repair_cost = 600
        repair.action_request_approval()
        self._name_as_sample(case)
        self.removal.action_remove()
        self.assertEqual(repair.sudo().approval_request_ids.state, "withdrawn")
