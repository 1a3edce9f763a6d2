from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import ApprovalCase


@tagged("post_install", "-at_install")
class TestReview(ApprovalCase):
    def _policy(self, days):
        date = fields.Date.today() + timedelta(days=days)
        rows = [{"review_date": date, "steps": ["region"]}]
        return self._publish_policy(rows, owner_id=self.finance.id)

    def _tell(self):
        self.Policy.sudo()._cron_alert_reviews()

    def _review(self, rule, user=None, **values):
        reviews = self.env["retail.approval.review"].with_user(user or self.admin)
        return reviews.create({"rule_id": rule.id, "note": "Still fits", **values})

    def test_a_row_past_its_date_is_listed_and_its_owner_told_once(self):
        policy = self._policy(-1)
        rules = self.env["retail.approval.rule"]
        self.assertIn(policy.rule_ids, rules._due_for_review())
        self._tell()
        self._tell()
        self.assertEqual(policy.activity_ids.user_id, self.finance)
        self.assertEqual(len(policy.activity_ids), 1)

    def test_a_row_before_its_date_troubles_nobody(self):
        policy = self._policy(1)
        self._tell()
        self.assertFalse(policy.activity_ids)
        rules = self.env["retail.approval.rule"]
        self.assertNotIn(policy.rule_ids, rules._due_for_review())

    def test_drafts_and_superseded_versions_are_not_reviewed(self):
        old = self._policy(-1)
        self._publish_policy([{"steps": ["region"]}])
        rules = self.env["retail.approval.rule"]
        self.assertNotIn(old.rule_ids, rules._due_for_review())

    def test_a_review_keeps_who_and_when_and_takes_the_row_off_the_list(self):
        policy = self._policy(-1)
        self._tell()
        later = fields.Date.today() + timedelta(days=180)
        review = self._review(policy.rule_ids, next_date=later)
        self.assertEqual(review.user_id, self.admin)
        self.assertEqual(policy.rule_ids.next_review_date, later)
        self.assertFalse(policy.activity_ids)
        entry = self.env["retail.audit.entry"].search([], order="id desc", limit=1)
        self.assertEqual(entry.action, "approval.rule.reviewed")

    def test_nobody_reviews_in_the_name_of_another(self):
        policy = self._policy(-1)
        review = self._review(policy.rule_ids, user_id=self.finance.id)
        self.assertEqual(review.user_id, self.admin)
        with self.assertRaises(AccessError):
            review.note = "Never looked"

    def test_only_administrators_review(self):
        policy = self._policy(-1)
        with self.assertRaises(AccessError):
            self._review(policy.rule_ids, user=self.operations)

    def test_a_new_version_keeps_the_date_of_its_rows(self):
        policy = self._policy(-1)
        draft = self.Policy.browse(
            policy.with_user(self.admin).action_new_version()["res_id"]
        )
        self.assertEqual(draft.rule_ids.review_date, policy.rule_ids.review_date)
