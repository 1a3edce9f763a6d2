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

    def _behind_the_orm(self, query, *values):
        self.env.flush_all()
        self.env.cr.execute(query, values)
        self.env.invalidate_all()

    def _assert_shows(self, code, name):
        control = self._look(code)
        self.assertEqual(control.result, "fail")
        self.assertIn(name, control.evidence)

    def _approved_request(self):
        request = self._request_of(self._write_off())
        self._approve(request, self.region_manager)
        return request

    def test_a_policy_that_its_author_published_shows(self):
        policy = self._publish_policy([{"steps": ["region"]}])
        self.assertEqual(self._look("two_authors").result, "pass")
        self._behind_the_orm(
            "UPDATE retail_approval_policy SET publisher_id = %s WHERE id = %s",
            policy.author_ids[0].id,
            policy.id,
        )
        self._assert_shows("two_authors", policy.display_name)

    def test_facts_that_were_changed_after_the_decision_show(self):
        request = self._approved_request()
        self.assertEqual(self._look("fingerprint").result, "pass")
        self._behind_the_orm(
            "UPDATE retail_approval_request SET fingerprint = 'other' WHERE id = %s",
            request.id,
        )
        self._assert_shows("fingerprint", request.name)

    def test_a_decision_of_a_service_account_shows_and_one_from_before_does_not(self):
        request = self._approved_request()
        self._behind_the_orm(
            "UPDATE retail_approval_decision SET decided_at = decided_at"
            " - interval '1 hour' WHERE request_id = %s",
            request.id,
        )
        self.region_manager.is_service_account = True
        self.assertEqual(self._look("machines").result, "pass")
        self._behind_the_orm(
            "UPDATE retail_approval_decision SET decided_at = decided_at"
            " + interval '2 hours' WHERE request_id = %s",
            request.id,
        )
        self._assert_shows("machines", request.name)

    def test_a_release_by_one_alone_shows(self):
        request = self._approved_request()
        self.assertEqual(self._look("break_glass").result, "pass")
        self._behind_the_orm(
            "UPDATE retail_approval_request SET is_override = TRUE WHERE id = %s",
            request.id,
        )
        self._assert_shows("break_glass", request.name)

    def test_a_review_that_is_overdue_shows(self):
        request = self._approved_request()
        self._behind_the_orm(
            "UPDATE retail_approval_request SET review_state = 'due',"
            " review_due_at = now() AT TIME ZONE 'UTC' - interval '1 day'"
            " WHERE id = %s",
            request.id,
        )
        self._assert_shows("break_glass", request.name)
