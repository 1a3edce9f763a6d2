from odoo.tests import tagged

from .common import ApprovalCase


@tagged("post_install", "-at_install")
class TestControlsOfApprovals(ApprovalCase):
    def _look(self, code):
        control = self.env.ref(f"retail_ops_approvals.control_{code}")
        control.action_check()
        return control

    def test_a_case_finished_behind_the_orm_shows(self):
        case = self._write_off()
        self._request_of(case)
        self.assertEqual(self._look("holds").result, "pass")
        self.env.flush_all()
        self.env.cr.execute(
            "DELETE FROM retail_approval_request_step WHERE request_id IN (SELECT id"
            " FROM retail_approval_request WHERE res_model = 'retail.exception'"
            " AND res_id = %s)",
            [case.id],
        )
        self.env.cr.execute(
            "UPDATE retail_approval_request SET res_id = 0"
            " WHERE res_model = 'retail.exception' AND res_id = %s",
            [case.id],
        )
        self.env.cr.execute(
            "UPDATE retail_exception SET state = 'resolved',"
            " resolved_at = now() AT TIME ZONE 'UTC' + interval '1 minute'"
            " WHERE id = %s",
            [case.id],
        )
        self.env.invalidate_all()
        control = self._look("holds")
        self.assertEqual(control.result, "fail")
        self.assertIn(case.name, control.evidence)

    def test_a_decision_of_who_asked_shows(self):
        request = self._request_of(self._write_off())
        self._approve(request, self.region_manager)
        self.assertEqual(self._look("separation").result, "pass")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE retail_approval_request SET requester_id = %s WHERE id = %s",
            [self.region_manager.id, request.id],
        )
        self.env.invalidate_all()
        control = self._look("separation")
        self.assertEqual(control.result, "fail")
        self.assertIn(request.name, control.evidence)

    def test_a_kind_that_no_policy_covers_shows(self):
        control = self._look("policy_coverage")
        self.assertEqual(control.result, "fail")
        self.assertIn("Stock correction", control.evidence)

    def test_a_row_that_leads_nowhere_shows(self):
        self.region.manager_id = self.country.manager_id = False
        self.assertEqual(self._look("dead_ends").result, "fail")
