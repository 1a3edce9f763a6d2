from datetime import date

from odoo.tests import tagged

from odoo.addons.retail_ops_core.tests.before_and_now import BeforeAndNow

from .common import ApprovalCase

MONDAY = date(2026, 3, 2)


@tagged("post_install", "-at_install")
class TestApprovalKpis(BeforeAndNow, ApprovalCase):
    def _decided(self, hours, kind=None):
        """Return a request decided on a Monday long past, after so many hours."""
        request = self._request_of(self._write_off(counted_quantity=2))
        self._approve(request, self.region_manager, self.loss_prevention)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE retail_approval_request SET decided_at = '2026-03-02 20:00:00',"
            " requested_at = timestamp '2026-03-02 20:00:00' - %s * interval '1 hour',"
            " kind_id = %s WHERE id = %s",
            (hours, (kind or self.kind).id, request.id),
        )
        self.env.invalidate_all()
        return request

    def _snapshot(self, code):
        kpi = self.env["retail.kpi"].search([("code", "=", code)])
        kpi._take_over(MONDAY, MONDAY)
        self.assertFalse(kpi._disagreements(MONDAY, MONDAY))
        return self.env["retail.kpi.snapshot"].search(
            [
                ("kpi_id", "=", kpi.id),
                ("day", "=", MONDAY),
                ("store_id", "=", self.store.id),
            ]
        )

    def test_cycle_time_is_from_the_request_to_the_last_decision(self):
        self._decided(2)
        self._decided(6)
        self.assertEqual(self._snapshot("approval_cycle_time").value, 4)

    def test_overdue_is_what_had_a_step_past_its_deadline(self):
        late = self._decided(30)
        self._decided(1)
        self.assertTrue(
            self.env.ref("retail_ops_approvals.kpi_approvals_overdue").has_limit
        )
        late.step_ids[0].sudo().escalation_level = 1
        self.assertEqual(self._snapshot("approvals_overdue").value, 50)

    def test_refund_turnaround_is_of_refunds_alone_and_opens_them(self):
        refund = self.env.ref("retail_ops_approvals.kind_refund_exception")
        mine = self._decided(3, refund)
        self._decided(9)
        snapshot = self._snapshot("refund_turnaround")
        self.assertEqual(snapshot.value, 3)
        action = snapshot.with_user(self.operations).action_open_records()
        self.assertEqual(self.Request.search(action["domain"]), mine)

    def test_markdown_exposure_is_what_was_given_up_and_opens_its_requests(self):
        markdown = self.env.ref("retail_ops_approvals.kind_price_change")
        mine = self._decided(3, markdown)
        self._decided(9)
        snapshot = self._snapshot("markdown_exposure")
        self.assertTrue(mine.company_amount)
        self.assertEqual(snapshot.numerator, mine.company_amount)
        action = snapshot.with_user(self.operations).action_open_records()
        self.assertEqual(self.Request.search(action["domain"]), mine)

    def test_what_was_rejected_gives_nothing_up(self):
        markdown = self.env.ref("retail_ops_approvals.kind_price_change")
        request = self._decided(3, markdown)
        self.env.cr.execute(
            "UPDATE retail_approval_request SET state = 'rejected' WHERE id = %s",
            [request.id],
        )
        self.assertFalse(self._snapshot("markdown_exposure"))

    def test_adherence_is_the_share_of_held_cases_that_were_approved(self):
        approved, breach = self._write_off(counted_quantity=2), self._write_off()
        self._approve(
            self._request_of(approved), self.region_manager, self.loss_prevention
        )
        approved.type_id.sudo().approval_since = "2026-03-01 00:00:00"
        self._finish_unseen(approved | breach, at="2026-03-02 20:00:00")
        self.assertEqual(self._snapshot("policy_adherence").value, 50)

    def test_what_nothing_held_does_not_lower_adherence(self):
        approved, before = self._write_off(counted_quantity=2), self._write_off()
        self._approve(
            self._request_of(approved), self.region_manager, self.loss_prevention
        )
        approved.type_id.sudo().approval_since = "2026-03-02 19:00:00"
        self._finish_unseen(approved, at="2026-03-02 20:00:00")
        self._finish_unseen(before, at="2026-03-02 18:00:00")
        snapshot = self._snapshot("policy_adherence")
        self.assertEqual((snapshot.value, snapshot.denominator), (100, 1))

    def test_what_needed_nobody_has_no_cycle(self):
        exception = self._write_off(counted_quantity=11)
        exception._check_approved()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE retail_approval_request SET decided_at = '2026-03-02 20:00:00'"
            " WHERE res_model = 'retail.exception' AND res_id = %s",
            [exception.id],
        )
        self.assertFalse(self._snapshot("approval_cycle_time"))

    def test_overdue_approvals_past_their_limit_reach_their_owner(self):
        self._assert_told_past_its_limit("approvals_overdue", 1, 60)

    def test_markdown_exposure_fills_its_domain_of_the_roi_sheet(self):
        """Less was given up than before: the difference is money."""
        baseline = self._before_and_now("markdown_exposure", (900, 10), (600, 10))
        line = self._line(baseline, "markdown")
        self.assertEqual((line["gain"], line["money"]), (300, 300))
