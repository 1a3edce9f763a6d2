from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import ApprovalCase


@tagged("post_install", "-at_install")
class TestControlPoints(ApprovalCase):
    def test_a_type_shows_its_control_points_in_one_view(self):
        self.discrepancy.write(
            {
                "root_cause_required": True,
                "evidence_required": True,
                "review_threshold": 1250,
            }
        )
        told = self.discrepancy.with_user(self.manager).control_points
        for words in ("root cause", "evidence", "variance ≥ 20 %", "Loss prevention"):
            self.assertIn(words, told)
        self.assertEqual(told.count("•"), 3)
        self.assertIn("From an impact of $\xa01,250.00 on", told)

    def test_money_of_a_control_point_reads_as_the_reader_writes_it(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.discrepancy.review_threshold = 1250
        french = self.discrepancy.with_user(self.manager).with_context(lang="fr_FR")
        self.assertRegex(french.control_points, r"1\s250,00")

    def test_a_type_without_approval_says_so(self):
        plain = self.env.ref("retail_ops_core.type_equipment_failure")
        self.assertIn("whoever works it", plain.control_points)

    def test_a_row_for_another_type_is_not_among_them(self):
        damaged = self.env.ref("retail_ops_core.type_damaged_goods")
        self._publish_policy(
            [
                {"type_ids": damaged.ids, "steps": ["loss"]},
                {"steps": ["region"]},
            ]
        )
        self.assertEqual(self.discrepancy.control_points.count("•"), 1)
        self.assertEqual(damaged.control_points.count("•"), 2)


@tagged("post_install", "-at_install")
class TestByConfiguration(ApprovalCase):
    """New approvals need a kind, rows, and no code."""

    def test_a_promotion_readiness_case_is_closed_by_the_region_only(self):
        readiness = self.env.ref("retail_ops_core.type_equipment_failure").copy(
            {"code": "promo_not_ready", "name": "Promotion not ready"}
        )
        kinds = self.env["retail.request.kind"].with_user(self.admin)
        kind = kinds.create(
            {
                "name": "Promotion readiness",
                "code": "promotion_readiness",
                "model_id": self.kind.model_id.id,
                "material_fields": "type_id,store_id,amount",
            }
        )
        readiness.approval_kind_id = kind
        self._publish_policy([{"kind_id": kind.id, "steps": ["region"]}])
        case = self._raise_by_hand(self.manager, type_id=readiness.id).sudo()
        case.with_user(self.manager).action_request_approval()
        steps = self.env["retail.exception.step"].with_user(self.manager)
        with self.assertRaises(UserError):
            steps.create(
                {
                    "exception_ids": [Command.set(case.ids)],
                    "step": "resolve",
                    "note": "All is set up",
                }
            ).action_confirm()
        self.assertNotIn(case.state, ("resolved", "closed"))
        self._approve(self._request_of(case), self.region_manager)
        self.assertEqual(self._request_of(case).state, "approved")
        self.assertEqual(case.state, "resolved")

    def test_a_new_kind_for_store_requests_needs_no_code(self):
        kinds = self.env["retail.request.kind"].with_user(self.admin)
        model = self.env["ir.model"]._get_id("retail.request")
        kind = kinds.create(
            {
                "name": "Window display",
                "code": "window_display",
                "model_id": model,
                "material_fields": "kind_id,store_id,amount",
            }
        )
        marketing, merchandising = self.env["res.groups"].create(
            [{"name": "Marketing"}, {"name": "Merchandising"}]
        )
        marketing.user_ids, merchandising.user_ids = self.finance, self.operations
        steps = [
            {"approver": "group", "group_id": group.id}
            for group in (marketing, merchandising)
        ]
        self._publish_policy([{"kind_id": kind.id, "steps": steps}])
        asked = (
            self.env["retail.request"]
            .with_user(self.member)
            .create(
                {
                    "kind_id": kind.id,
                    "store_id": self.store.id,
                    "summary": "A window for the harvest",
                    "reason": "The street fair",
                    "amount": 75,
                }
            )
        )
        asked.action_submit()
        request = self._request_of(asked)
        self._approve(request, self.finance)
        self.assertEqual(asked.state, "waiting")
        self._approve(request, self.operations)
        self.assertEqual(asked.state, "approved")
