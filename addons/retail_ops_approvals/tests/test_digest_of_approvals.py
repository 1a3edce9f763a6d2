from odoo.addons.retail_ops_core.tests.test_digest import DigestCase

from .common import ApprovalCase


class TestDigestOfApprovals(ApprovalCase, DigestCase):
    """Requests long decided: one after three hours, one after five, one by itself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._decide_requests()
        cls._take_figures("approval_cycle_time")

    @classmethod
    def _decide_requests(cls):
        asked = [cls._write_off(counted_quantity=2) for _number in range(2)]
        first, second = (cls._request_of(case) for case in asked)
        cls._approve(first, cls.region_manager, cls.loss_prevention)
        second.with_user(cls.region_manager).action_reject("Count again")
        small = cls._write_off(counted_quantity=11)
        small._check_approved()  # nobody is asked about this one
        for request, hours in ((first, 3), (second, 5), (cls._request_of(small), 0)):
            cls._date_back(request, hours)

    @classmethod
    def _date_back(cls, request, hours):
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE retail_approval_request SET decided_at = '2026-03-11 20:00:00',"
            " requested_at = timestamp '2026-03-11 20:00:00' - %s * interval '1 hour'"
            " WHERE id = %s",
            (hours, request.id),
        )
        cls.env.invalidate_all()

    def _assert_count(self, user):
        told = self._told(user)["kpi_retail_approvals"]
        counted = self._count(
            user,
            "retail.approval.request",
            "decided_at",
            lambda request: request.state in ("approved", "rejected")
            and not request.is_automatic,
        )
        self.assertEqual(told, counted)
        return told

    def test_decisions_of_people_are_counted_for_who_may_read_them(self):
        self.assertEqual(self._assert_count(self.operations), ["2", "2", "2"])
        self.assertEqual(self._assert_count(self.manager), ["2", "2", "2"])
        self.assertEqual(self._assert_count(self.far_manager), ["0", "0", "0"])

    def test_the_cycle_time_is_what_dashboards_read(self):
        told = self._told(self.operations)["kpi_retail_approval_time"]
        self.assertEqual(
            told, self._divided(self.operations, "approval_cycle_time", "h")
        )
        self.assertEqual(told[0], "4.0 h")

    def test_where_nothing_was_decided_the_mail_says_so(self):
        told = self._told(self.far_manager)
        self.assertEqual(told["kpi_retail_approval_time"], ["–", "–", "–"])

    def test_the_digest_that_comes_with_it_tells_of_approvals(self):
        told = self._told(self.operations)
        self.assertLessEqual({"kpi_retail_opened", "kpi_retail_approvals"}, told.keys())
