from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import ApprovalCase


@tagged("post_install", "-at_install")
class TestPreview(ApprovalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("retail_ops_approvals.automation_ask").active = False

    def _preview(self, user=None, **values):
        exception = self._write_off(**values)
        return exception.with_user(user or self.manager).approval_preview()

    def test_who_would_approve_is_known_before_anybody_is_asked(self):
        preview = self._preview()
        self.assertEqual(preview["outcome"], "steps")
        self.assertIn("Regional manager AND Loss prevention", preview["rule"])
        self.assertEqual(
            [(step["who"], step["people"]) for step in preview["steps"]],
            [
                ("Regional manager", [self.region_manager.name]),
                ("Loss prevention", [self.loss_prevention.name]),
            ],
        )

    def test_a_preview_makes_no_request_and_asks_nobody(self):
        exception = self._write_off()
        activities = self.env["mail.activity"].search_count([])
        exception.with_user(self.manager).approval_preview()
        self.assertFalse(exception.approval_request_ids)
        self.assertEqual(self.env["mail.activity"].search_count([]), activities)

    def test_what_needs_nobody_is_told_with_the_amount_that_would(self):
        preview = self._preview(counted_quantity=11)
        self.assertEqual(preview["outcome"], "none")
        self.assertFalse(preview["steps"])
        self.assertIn("50.00", preview["turning"][0])

    def test_who_asks_is_left_out_and_named(self):
        self.store.manager_id = self.manager
        self._publish_policy([{"steps": ["store"]}])
        preview = self._preview()
        self.assertEqual(
            (preview["outcome"], preview["block"]), ("blocked", "no_people")
        )
        self.assertIn(self.manager.name, preview["left_out"][0])

    def test_an_amount_that_no_row_covers_is_told(self):
        self._publish_policy([{"amount_min": 9999, "steps": ["region"]}])
        preview = self._preview()
        self.assertEqual(preview["block"], "no_row")
        self.assertIsNone(preview["rule"])

    def test_evidence_that_is_missing_is_told_beforehand(self):
        self._publish_policy([{"needs_evidence": True, "steps": ["region"]}])
        exception = self._write_off().with_user(self.manager)
        self.assertTrue(exception.approval_preview()["lacks_evidence"])
        self.env["ir.attachment"].sudo().create(
            {"name": "photo", "res_model": exception._name, "res_id": exception.id}
        )
        self.assertFalse(exception.approval_preview()["lacks_evidence"])

    def test_what_nobody_governs_has_no_preview(self):
        free = self.env.ref("retail_ops_core.type_equipment_failure")
        self.assertEqual(self._preview(type_id=free.id), {})

    def test_the_preview_is_what_the_request_becomes(self):
        exception = self._write_off().with_user(self.manager)
        preview = exception.approval_preview()
        exception.action_request_approval()
        request = self._request_of(exception)
        self.assertEqual(request.rule_line, preview["rule"])
        self.assertEqual(
            request.step_ids.mapped(lambda step: step.approver_ids.mapped("name")),
            [step["people"] for step in preview["steps"]],
        )

    def test_who_may_not_read_the_document_gets_no_preview(self):
        with self.assertRaises(AccessError):
            self._preview(user=self.far_manager)

    def test_the_dialog_shows_it_and_saves_nothing(self):
        exception = self._write_off().with_user(self.manager)
        action = exception.action_preview_approval()
        previews = self.env[action["res_model"]].with_user(self.manager)
        dialog = Form(previews.with_context(**action["context"]))
        self.assertIn(self.region_manager.name, dialog.html)
        self.assertFalse(previews.sudo().search([]))

    def test_the_dialog_opens_governed_documents_only(self):
        previews = self.env["retail.approval.preview"].with_user(self.manager)
        dialog = previews.new({"res_model": "res.users", "res_id": 1})
        with self.assertRaisesRegex(UserError, "No approval policy"):
            _shown = dialog.html
