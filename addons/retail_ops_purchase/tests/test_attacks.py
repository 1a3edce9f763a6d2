from odoo.tests import tagged

from odoo.addons.retail_ops_approvals.tests.common_rpc import RpcCase
from odoo.addons.retail_ops_core.tests.rollout_common import RolloutCase

from .common import PurchaseCase


@tagged("post_install", "-at_install")
class TestAttacksOnTheKind(PurchaseCase, RolloutCase, RpcCase):
    """An administrator without Settings rights puts no other kind before orders."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.workflow = cls.env.ref("retail_ops_core.workflow_promotion")
        cls._put_in_waves()
        cls.governing = cls.env.ref("retail_ops_purchase.kind_store_order")
        cls.orders_model_id = cls.env["ir.model"]._get_id("purchase.order")

    def _kind_before_all(self, **values):
        return {
            "name": "Loose order",
            "code": "loose_order",
            "sequence": 1,
            "workflow_id": self.workflow.id,
            "material_fields": "partner_id",
            **values,
        }

    def _assert_still_held(self):
        order = self._order(8000)
        order.button_confirm()
        self.assertEqual(order.state, "to approve")

    def test_no_second_kind_is_made_for_orders(self):
        self._login(self.admin)
        message = self._assert_refused(
            "retail.request.kind",
            "create",
            self._kind_before_all(model_id=self.orders_model_id),
        )
        self.assertIn("“Store purchase order” governs it already", message)
        self._assert_still_held()

    def test_no_other_kind_is_turned_to_orders(self):
        self._login(self.admin)
        [kind_id] = self._call(
            "retail.request.kind", "create", [self._kind_before_all()]
        )["result"]
        self._assert_refused(
            "retail.request.kind",
            "write",
            [kind_id],
            {"model_id": self.orders_model_id},
        )
        self._assert_still_held()

    def test_no_second_kind_is_imported_or_sent_with_a_key(self):
        self._login(self.admin)
        names = ["name", "code", "sequence", "model_id/.id", "material_fields"]
        row = ["Loose order", "loose_order", "1", self.orders_model_id, "partner_id"]
        answer = self._call("retail.request.kind", "load", names, [row])
        self.assertFalse(answer["result"]["ids"])
        status = self._json2(
            self.admin,
            "retail.request.kind",
            "create",
            vals_list=[self._kind_before_all(model_id=self.orders_model_id)],
        )
        self.assertEqual(status, 422)
        self._assert_still_held()

    def test_the_kind_is_not_taken_from_orders_or_moved(self):
        self._login(self.admin)
        kind = self.governing
        for values in ({"model_id": False}, {"workflow_id": self.workflow.id}):
            self._assert_refused(kind._name, "write", kind.ids, values)
        self._assert_refused(kind._name, "unlink", kind.ids)
        self._call(kind._name, "write", kind.ids, {"sequence": 999})
        self._assert_still_held()
