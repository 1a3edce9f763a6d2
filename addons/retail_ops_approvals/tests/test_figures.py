from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import ApprovalCase


@tagged("post_install", "-at_install")
class TestFigures(ApprovalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Figure = cls.env["retail.approval.figure"].with_user(cls.finance)
        cls.Turnaround = cls.env["retail.approval.turnaround"].with_user(cls.operations)

    def _decided(self, hours, days_ago=1, kind=None):
        """Return a request that took so many hours from asking to the last answer."""
        request = self._request_of(self._write_off(counted_quantity=2))
        self._approve(request, self.region_manager, self.loss_prevention)
        decided = fields.Datetime.now() - timedelta(days=days_ago)
        asked = decided - timedelta(hours=hours)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE retail_approval_request SET requested_at = %s, decided_at = %s,"
            " kind_id = %s WHERE id = %s",
            (asked, decided, (kind or self.kind).id, request.id),
        )
        self.env.cr.execute(
            "UPDATE retail_approval_request_step SET opened_at = %s"
            " WHERE request_id = %s",
            (asked, request.id),
        )
        self.env.cr.execute(
            "UPDATE retail_approval_decision SET decided_at = %s WHERE request_id = %s",
            (decided, request.id),
        )
        self.env.invalidate_all()
        return request

    def _row(self, **about):
        domain = [(name, "=", value) for name, value in about.items()]
        return self.Turnaround.search([("period", "=", "recent"), *domain])

    def _figure(self, record):
        model = "res_id" if record._name == "retail.exception" else "request_id"
        return self.Figure.search([(model, "=", record.id)], order="id desc")

    def test_refund_turnaround_is_median_and_95th_percentile(self):
        refund = self.env.ref("retail_ops_approvals.kind_refund_exception")
        for hours in (1, 2, 3, 4, 10):
            self._decided(hours, kind=refund)
        row = self._row(measure="kind", kind_id=refund.id)
        self.assertEqual(row.decided_count, 5)
        self.assertAlmostEqual(row.p50_hours, 3)
        self.assertAlmostEqual(row.p95_hours, 8.8)  # 4 + 0.8 of the way to 10

    def test_a_figure_opens_the_requests_behind_it(self):
        refund = self.env.ref("retail_ops_approvals.kind_refund_exception")
        mine = self._decided(1, kind=refund) | self._decided(2, kind=refund)
        self._decided(5, kind=refund, days_ago=200)
        for about in (
            {"measure": "kind", "kind_id": refund.id},
            {"measure": "region", "region_id": self.region.id},
            {"measure": "approver", "user_id": self.region_manager.id},
        ):
            action = self._row(**about).action_open_requests()
            self.assertEqual(self.Request.search(action["domain"]), mine)

    def test_the_months_stand_beside_the_last_90_days(self):
        refund = self.env.ref("retail_ops_approvals.kind_refund_exception")
        old = self._decided(7, kind=refund, days_ago=200)
        self.assertFalse(self._row(measure="kind", kind_id=refund.id))
        month = self.Turnaround.search(
            [("kind_id", "=", refund.id), ("period", "=", "month")]
        )
        self.assertAlmostEqual(month.p50_hours, 7)
        action = month.action_open_requests()
        self.assertEqual(self.Request.search(action["domain"]), old)

    def test_an_approver_is_measured_from_being_asked(self):
        self._decided(6)
        row = self._row(measure="approver", user_id=self.region_manager.id)
        self.assertAlmostEqual(row.p50_hours, 6)

    def test_what_needed_nobody_is_no_turnaround(self):
        before = self._row(measure="region", region_id=self.region.id).decided_count
        exception = self._write_off(counted_quantity=11)
        exception._check_approved()
        after = self._row(measure="region", region_id=self.region.id).decided_count
        self.assertEqual(before, after)

    def test_spend_by_policy_outcome(self):
        decided = self._decided(1)
        waiting = self._request_of(self._write_off())
        rejected = self._request_of(self._write_off())
        rejected.with_user(self.region_manager).action_reject("No")
        small = self._write_off(counted_quantity=11)
        small._check_approved()
        self.assertEqual(self._figure(decided).outcome, "approved")
        self.assertEqual(self._figure(decided).amount, 145)
        self.assertEqual(self._figure(waiting).outcome, "waiting")
        self.assertEqual(self._figure(waiting).waiting_count, 1)
        self.assertEqual(self._figure(rejected).outcome, "rejected")
        figure = self._figure(self._request_of(small))
        self.assertEqual((figure.outcome, figure.automatic_share), ("within", 100))

    def test_a_case_finished_without_approval_is_a_breach_in_the_report(self):
        exception = self._write_off()
        exception.sudo().opened_at -= timedelta(days=60)
        self._finish_unseen(exception)
        figure = self._is_breach(exception)
        self.assertEqual(figure.amount, exception.impact_amount)
        self.assertEqual(figure.requested_at, exception.opened_at)
        action = figure.action_open_document()
        self.assertEqual(
            (action["res_model"], action["res_id"]), (exception._name, exception.id)
        )

    def _damaged(self):
        """Return a case of damaged goods, and the kind of which its type asks."""
        damaged = self.env.ref("retail_ops_core.type_damaged_goods")
        return self._write_off(type_id=damaged.id), damaged.approval_kind_id

    def test_what_was_finished_before_its_type_asked_is_no_breach(self):
        damaged = self.env.ref("retail_ops_core.type_damaged_goods")
        kind, damaged.approval_kind_id = damaged.approval_kind_id, False
        case, loaded = self._damaged()[0], self._damaged()[0]
        case._set_in_progress()
        case._set_resolved("Thrown away")
        yesterday = fields.Datetime.now() - timedelta(days=1)
        self._finish_unseen(loaded, at=yesterday)
        damaged.approval_kind_id = kind
        self.assertEqual(case.approval_gate, "free")
        self.assertFalse(self._is_breach(case))
        self.assertFalse(self._is_breach(loaded))

    def test_a_type_that_asks_no_more_hides_no_breach(self):
        case, kind = self._damaged()
        self._finish_unseen(case)
        case.type_id.approval_kind_id = False
        self.assertTrue(self._is_breach(case))
        case.type_id.approval_kind_id = kind
        self.assertTrue(self._is_breach(case))

    def test_what_an_explicit_row_let_pass_is_no_breach(self):
        small = self._write_off(counted_quantity=11)
        small._set_in_progress()
        small._set_resolved("Thrown away")
        self.assertEqual(small.approval_gate, "held")
        self.assertFalse(self._is_breach(small))

    def test_what_was_finished_in_another_system_is_no_breach(self):
        self.env["retail.exception.import"].with_user(self.admin).create(
            {
                "reference": "OLD-BREACH-1",
                "type_id": self.env.ref("retail_ops_core.type_damaged_goods").id,
                "store_id": self.store.id,
                "summary": "Broken on the way",
                "state": "closed",
                "opened_at": "2026-03-02 08:00:00",
                "resolved_at": "2026-03-05 16:00:00",
                "closed_at": "2026-03-05 17:00:00",
                "resolution": "Thrown away",
            }
        )
        case = self.env["retail.exception"].search(
            [("intake_key", "=", "import:OLD-BREACH-1")]
        )
        self.assertEqual(case.approval_gate, "free")
        self.assertFalse(self._is_breach(case))

    def test_a_case_that_is_taken_up_again_is_held_anew(self):
        damaged = self.env.ref("retail_ops_core.type_damaged_goods")
        kind, damaged.approval_kind_id = damaged.approval_kind_id, False
        case = self._damaged()[0]
        case._set_in_progress()
        case._set_resolved("Thrown away")
        case._set_reopened("There is more.")
        self.assertFalse(case.approval_gate)
        damaged.approval_kind_id = kind
        self._finish_unseen(case)
        self.assertTrue(self._is_breach(case))

    def test_a_figure_has_the_family_of_the_exception_it_is_about(self):
        asked = self._request_of(self._write_off())
        self.assertEqual(self._figure(asked).family, "stock")
        of_family = [("request_id", "=", asked.id), ("family", "in", ["customer"])]
        self.assertFalse(self.Figure.search(of_family))

    def test_overdue_and_asked_again_are_counted(self):
        exception = self._write_off()
        first = self._request_of(exception)
        first.with_user(self.region_manager).action_reject("Count again")
        exception.with_user(self.manager).action_request_approval()
        again = self._request_of(exception)
        self.assertNotEqual(first, again)
        again.sudo().due_at = fields.Datetime.now() - timedelta(hours=1)
        self.env.flush_all()
        self.assertEqual(self._figure(first).rework_count, 0)
        self.assertEqual(self._figure(again).rework_count, 1)
        self.assertEqual(self._figure(again).overdue_count, 1)

    def test_a_regional_manager_sees_his_regions_and_stores_see_nothing(self):
        mine = self._request_of(self._write_off())
        far = self._request_of(
            self._raise_by_hand(self.far_manager, store_id=self.far_store.id)
        )
        figures = self.Figure.with_user(self.region_manager)
        seen = figures.search([("request_id", "in", (mine | far).ids)])
        self.assertEqual(seen.request_id, mine)
        for user in (self.manager, self.outsider):
            with self.assertRaises(AccessError):
                self.Figure.with_user(user).search([])
            with self.assertRaises(AccessError):
                self.Turnaround.with_user(user).search([])

    def test_figures_of_other_companies_stay_there(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        request = self._decided(1)
        self.env.cr.execute(
            "UPDATE retail_approval_request SET company_id = %s WHERE id = %s",
            (other.id, request.id),
        )
        self.env.invalidate_all()
        self.assertFalse(self._figure(request))
        self.assertFalse(self.Turnaround.search([("company_id", "=", other.id)]))

    def test_a_baseline_is_dated_locked_and_compared_with_later_figures(self):
        refund = self.env.ref("retail_ops_approvals.kind_refund_exception")
        self._decided(8, kind=refund)
        row = self._row(measure="kind", kind_id=refund.id)
        row.with_user(self.admin).action_freeze()
        baseline = self.env["retail.approval.baseline"].search(
            [("kind_id", "=", refund.id)]
        )
        self.assertTrue(baseline.frozen_at)
        self.assertEqual(baseline.frozen_by_id, self.admin)
        for _faster in range(2):
            self._decided(2, kind=refund)
        row = self._row(measure="kind", kind_id=refund.id)
        self.assertAlmostEqual(row.p50_hours, 2)
        self.assertAlmostEqual(row.baseline_p50_hours, 8)
        row.with_user(self.admin).action_freeze()
        self.assertAlmostEqual(baseline.p50_hours, 8)
        with self.assertRaises(AccessError):
            baseline.sudo().p50_hours = 1
        with self.assertRaises(AccessError):
            baseline.sudo().unlink()
        with self.assertRaises(AccessError):
            baseline.with_user(self.admin).copy()

    def test_only_administrators_freeze_and_only_the_last_90_days(self):
        self._decided(8)
        row = self._row(measure="region", region_id=self.region.id)
        with self.assertRaises(AccessError):
            row.action_freeze()
        month = self.Turnaround.search([("period", "=", "month")], limit=1)
        with self.assertRaisesRegex(UserError, "90 days"):
            month.with_user(self.admin).action_freeze()

    def test_nobody_writes_figures(self):
        figure = self._figure(self._request_of(self._write_off()))
        for user in (self.finance, self.admin):
            with self.assertRaises(AccessError):
                figure.with_user(user).write({"amount": 0})
