from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ApprovalCase


@tagged("post_install", "-at_install")
class TestRegister(ApprovalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.refund = cls.env.ref("retail_ops_approvals.kind_refund_exception")
        cls.deviation = cls.env.ref("retail_ops_approvals.kind_policy_deviation")
        cls.deviation.handling = "manual"

    def test_every_action_has_one_of_three_classes(self):
        kinds = self.env["retail.request.kind"].search([])
        self.assertTrue(all(kinds.mapped("handling")))
        self.assertEqual(self.kind.handling, "automatic")
        self.assertEqual(self.refund.handling, "approval")

    def test_a_new_kind_needs_approval_until_somebody_says_otherwise(self):
        kinds = self.env["retail.request.kind"].with_user(self.admin)
        kind = kinds.create({"name": "Window display", "code": "window"})
        self.assertEqual(kind.handling, "approval")

    def test_what_needs_approval_is_let_pass_by_no_version(self):
        for kind in (self.refund, self.deviation):
            draft = self._draft_policy([{"kind_id": kind.id, "outcome": "none"}])
            with self.assertRaisesRegex(UserError, "policy register"):
                draft.with_user(self._second_admin()).action_publish()
            self.assertEqual(draft.state, "draft")
            draft.unlink()

    def test_what_passes_today_is_not_classed_as_needing_approval(self):
        for handling in ("approval", "manual"):
            with self.assertRaises(ValidationError):
                self.kind.handling = handling
        with self.assertRaisesRegex(AccessError, "Settings"):
            self.kind.with_user(self.admin).handling = "approval"
        self._publish_policy([{"steps": ["region"]}])
        self.kind.handling = "approval"
        entry = self.env["retail.audit.entry"].search([], limit=1)
        self.assertEqual(entry.facts["handling"], "approval")

    def test_what_stays_manual_is_carried_out_by_nothing(self):
        action = self.env["ir.actions.server"].create(
            {
                "name": "Book it",
                "model_id": self.env["ir.model"]._get_id("retail.request"),
                "state": "code",
                "code": "record.message_post(body='Booked')",
            }
        )
        with self.assertRaises(ValidationError):
            self.deviation.action_id = action
        self.refund.action_id = action
        with self.assertRaises(ValidationError):
            self.refund.handling = "manual"

    def test_the_register_says_policy_version_reference_owners_and_date(self):
        policy = self._publish_policy(
            [
                {"amount_max": 50, "outcome": "none"},
                {"amount_min": 50, "steps": ["region"]},
            ],
            reference="Finance 4.2",
        )
        kind = self.kind.with_user(self.auditor)
        self.assertEqual(kind.policy_id, policy)
        self.assertEqual(kind.policy_reference, "Finance 4.2")
        self.assertEqual(kind.in_force_from, policy.in_force_from)
        self.assertEqual(kind.passes, "below 50.00")
        self.assertTrue(kind.policy_owner_id)
        self.assertTrue(kind.technical_owner_id)

    def test_a_kind_that_no_policy_rules_says_so_and_has_an_owner_still(self):
        self.assertFalse(self.refund.policy_id)
        self.assertEqual(self.refund.passes, "nothing")
        self.assertTrue(self.refund.owner_id)

    def test_no_policy_is_without_a_business_owner_or_an_it_owner(self):
        shipped = self.env.ref("retail_ops_approvals.policy_standard")
        self.assertTrue(shipped.owner_id and shipped.technical_owner_id)
        draft = self._draft_policy([{"steps": ["region"]}]).with_user(self.admin)
        for name in ("owner_id", "technical_owner_id"):
            with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
                draft[name] = False
                draft.flush_recordset()

    def test_reviews_that_are_due_stand_in_the_register(self):
        today = fields.Date.context_today(self.kind)
        later = {"review_date": today + timedelta(days=30), "amount_min": 50}
        self._publish_policy(
            [
                {"amount_max": 50, "review_date": today, "outcome": "none"},
                {**later, "steps": ["region"]},
            ]
        )
        self.assertEqual(self.kind.next_review_date, today)
        self.assertEqual(self.kind.overdue_review_count, 1)

    def test_it_prints_as_one_document(self):
        reports = self.env["ir.actions.report"].with_user(self.auditor)
        kinds = self.kind | self.refund | self.deviation
        html, _type = reports._render_qweb_html(
            "retail_ops_approvals.report_register", kinds.ids
        )
        text = html.decode()
        for words in (
            "Policy register",
            "Automated within limits",
            "Needs approval",
            "Stays manual",
            self.policy.display_name,
            self.policy.owner_id.name,
        ):
            self.assertIn(words, text)

    def test_only_administrators_class_actions(self):
        for user in (self.operations, self.auditor, self.region_manager):
            with self.assertRaises(AccessError):
                self.refund.with_user(user).handling = "automatic"
