from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.orm.model_classes import add_to_registry
from odoo.tests import tagged

from .common import ApprovalCase


class Licence(models.Model):
    """A document of some other addon: it says what it is about, and what happens."""

    _module = None
    _name = "retail.test.licence"
    _description = "Licence of the Test"
    _inherit = ["retail.approval.mixin"]

    name = fields.Char()
    amount = fields.Float()
    note = fields.Char()
    is_granted = fields.Boolean(readonly=True)
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
    store_id = fields.Many2one("retail.store")

    def _approval_amount(self):
        return self.amount

    def _approval_granted(self, request):
        self.is_granted = True


@tagged("post_install", "-at_install")
class TestMixin(ApprovalCase):
    """Any model becomes governed by one mixin and a kind; three actions are all."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._add_model()
        cls.licences = cls.env[Licence._name]
        cls.kind = cls.env["retail.request.kind"].create(
            {
                "name": "Licence",
                "code": "licence",
                "handling": "automatic",
                "model_id": cls.env["ir.model"]._get_id(Licence._name),
                "material_fields": "amount,store_id",
            }
        )
        cls._publish_policy(
            [
                {"amount_max": 50, "outcome": "none"},
                {"amount_min": 50, "steps": ["region"]},
            ]
        )

    @classmethod
    def _add_model(cls):
        add_to_registry(cls.registry, Licence)
        cls.addClassCleanup(cls._forget_model)
        cls.registry._setup_models__(cls.cr, [Licence._name])
        cls.registry.init_models(
            cls.cr, [Licence._name], {"module": "retail_ops_approvals"}
        )
        cls.env["ir.model.access"].create(
            {
                "name": "Licences of the test",
                "model_id": cls.env["ir.model"]._get_id(Licence._name),
                "group_id": cls.env.ref("base.group_user").id,
                "perm_read": True,
                "perm_write": True,
                "perm_create": True,
            }
        )

    @classmethod
    def _forget_model(cls):
        del cls.registry[Licence._name]
        cls.registry._setup_models__(cls.cr, [])

    def _licence(self, amount=120):
        values = {"name": "Fireworks", "amount": amount, "store_id": self.store.id}
        return self.licences.with_user(self.manager).create(values)

    def test_requested_and_acted_once_approved(self):
        licence = self._licence()
        licence.action_request_approval()
        request = self._request_of(licence)
        self.assertEqual(request.step_ids.approver_ids, self.region_manager)
        self.assertFalse(licence.is_granted)
        self._approve(request, self.region_manager)
        self.assertTrue(licence.is_granted)
        self.assertEqual(licence.approval_state, "approved")

    def test_withdrawn(self):
        licence = self._licence()
        licence.action_request_approval()
        licence.action_withdraw_approval()
        self.assertEqual(licence.approval_state, "withdrawn")
        with self.assertRaises(UserError):
            self._approve(self._request_of(licence), self.region_manager)

    def test_what_an_explicit_row_lets_pass_acts_at_once(self):
        licence = self._licence(amount=40)
        licence.action_request_approval()
        self.assertTrue(licence.is_granted)
        self.assertTrue(self._request_of(licence).is_automatic)

    def test_the_gate_asks_the_database_and_not_the_caller(self):
        licence = self._licence()
        for document in (licence, licence.sudo(), licence.with_context(approved=True)):
            with self.assertRaisesRegex(UserError, "needs an approval first"):
                document._check_approved()
        licence.action_request_approval()
        with self.assertRaisesRegex(UserError, "waits for an approval"):
            licence._check_approved()
        self._approve(self._request_of(licence), self.region_manager)
        licence._check_approved()
        licence._spend_approval()
        with self.assertRaises(UserError):
            licence._check_approved()

    def test_a_material_change_voids_it_and_another_does_not(self):
        licence = self._licence()
        licence.action_request_approval()
        request = self._request_of(licence)
        self._approve(request, self.region_manager)
        licence.note = "At the back door"
        self.assertEqual(request.state, "approved")
        licence.amount = 9000
        self.assertEqual(request.state, "lapsed")

    def test_it_explains_itself_and_can_be_previewed(self):
        licence = self._licence()
        preview = licence.approval_preview()
        self.assertEqual(preview["kind"], "Licence")
        self.assertEqual(preview["steps"][0]["people"], ["Region Manager"])
        licence.action_request_approval()
        request = self._request_of(licence).with_user(self.region_manager)
        self.assertIn("50.00 and more", request.approval_explanation()["rule"])

    def test_nobody_decides_about_his_own(self):
        licence = self._licence()
        licence.with_user(self.region_manager).action_request_approval()
        with self.assertRaises(AccessError):
            self._approve(self._request_of(licence), self.region_manager)
