from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import ApprovalCase


@tagged("post_install", "-at_install")
class TestSamplesOfApprovals(ApprovalCase):
    """Sample requests were asked hours before; no other request is ever dated back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.request = cls._request_of(cls._write_off())

    def _name_as_sample(self):
        """Let the store be what the demo file calls so; this database has no demo."""
        self.env["ir.model.data"].create(
            {
                "module": "retail_ops_core",
                "name": "store_demo_0042",
                "model": self.store._name,
                "res_id": self.store.id,
            }
        )

    def test_a_decided_sample_request_was_asked_hours_before(self):
        self._name_as_sample()
        self._approve(self.request, self.region_manager, self.loss_prevention)
        asked, decided = self.request.requested_at, self.request.decided_at
        self.request._date_back_demo(5.5)
        self.assertEqual(self.request.requested_at, asked - timedelta(hours=5.5))
        self.assertEqual(self.request.decided_at, decided)

    def test_a_sample_request_that_waits_stands_as_it_was_asked(self):
        self._name_as_sample()
        with self.assertRaisesRegex(AccessError, "only decided requests"):
            self.request._date_back_demo(5)

    def test_a_request_of_ones_own_is_dated_back_by_nobody(self):
        self._approve(self.request, self.region_manager, self.loss_prevention)
        asked = self.request.requested_at
        with self.assertRaisesRegex(AccessError, "sample data"):
            self.request._date_back_demo(5)
        self.assertEqual(self.request.requested_at, asked)
