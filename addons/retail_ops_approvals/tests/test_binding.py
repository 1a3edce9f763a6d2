from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_store_request import StoreRequestCase


@tagged("post_install", "-at_install")
class TestBinding(StoreRequestCase):
    """An approval is about what was shown, whatever door the change comes through."""

    def setUp(self):
        super().setUp()
        vendor = self.env["res.partner"].create({"name": "Vendor"})
        self.asked = self._draft(self.procurement, amount=300, partner_id=vendor.id)
        self.mine = self.asked.with_user(self.manager)
        self.photo = self._attach(self.manager)
        self.mine.evidence_ids = self.photo
        self.mine.action_submit()
        self.request = self._request_of(self.asked)
        self._approve(self.request, self.region_manager)
        self.assertEqual(self.request.state, "approved")

    def _assert_voided(self):
        self.assertEqual(self.request.state, "lapsed")
        self.assertEqual(self.asked.state, "draft")

    def test_each_fact_it_rests_on_voids_it(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        other = self.env["res.partner"].create({"name": "Other"})
        changes = (
            {"amount": 301},
            {"amount": 299},
            {"currency_id": euro.id},
            {"partner_id": other.id},
            {"store_id": self.other_store.id},
            {"summary": "Something else"},
        )
        for change in changes:
            with self.subTest(change), self.env.cr.savepoint() as undone:
                self.mine.write(change)
                self._assert_voided()
                undone.rollback()
                self.env.invalidate_all()

    def test_what_does_not_matter_leaves_it(self):
        self.mine.reason = "In other words"
        self.assertEqual(self.request.state, "approved")

    def test_a_kind_that_forgets_the_amount_approves_nothing_above_it(self):
        self.procurement.material_fields = "kind_id,summary"
        draft = self._ask(self.procurement, amount=400)
        request = self._request_of(draft)
        self._approve(request, self.region_manager)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE retail_request SET amount = 4000 WHERE id = %s", [draft.id]
        )
        self.env.invalidate_all()
        self._run("cron_act")
        self.assertEqual(request.act_state, "failed")
        self.assertIn("not what was approved", request.act_error)

    def test_a_store_that_moves_to_another_company_takes_no_approval_along(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE retail_request SET company_id = %s WHERE id = %s",
            [other.id, self.asked.id],
        )
        self.env.invalidate_all()
        self.assertFalse(self.request._fits(self.asked))

    def test_evidence_replaced_under_its_name_voids_it(self):
        self.photo.with_user(self.manager).raw = b"Another quote"
        self._assert_voided()

    def test_evidence_taken_away_voids_it(self):
        self.photo.with_user(self.manager).unlink()
        self._assert_voided()

    def test_evidence_moved_to_another_record_voids_it(self):
        exception = self._write_off()
        photo = self.env["ir.attachment"].create(
            {
                "name": "shelf.jpg",
                "raw": b"Shelf",
                "res_model": exception._name,
                "res_id": exception.id,
            }
        )
        self._publish_policy([{"steps": ["region"]}])
        exception.with_user(self.manager).counted_quantity = 2
        request = self._request_of(exception)
        self.assertEqual(request.evidence, [photo.checksum])
        photo.res_id = self._write_off().id
        self.assertEqual(request.state, "lapsed")

    def test_more_evidence_about_a_case_voids_nothing(self):
        exception = self._write_off()
        request = self._request_of(exception)
        self.env["ir.attachment"].with_user(self.manager).create(
            {
                "name": "shelf.jpg",
                "raw": b"Shelf",
                "res_model": exception._name,
                "res_id": exception.id,
            }
        )
        self.assertTrue(request._fits(exception))
        self.assertEqual(request.state, "pending")

    def test_evidence_of_what_is_done_stands(self):
        self._run("cron_act")
        self.assertEqual(self.asked.state, "done")
        with self.assertRaisesRegex(UserError, "settled on these facts"):
            self.photo.with_user(self.manager).unlink()

    def test_facts_of_what_is_done_stand_after_the_approvals_time_too(self):
        self._run("cron_act")
        self.request.valid_until = fields.Datetime.now() - timedelta(days=1)
        self.asked._void_changed_approvals()
        self.assertEqual(self.asked.state, "done")

    def test_merging_its_vendor_into_another_voids_it(self):
        other = self.env["res.partner"].create({"name": "Other"})
        merge = self.env["base.partner.merge.automatic.wizard"]
        merge.sudo()._merge((self.asked.partner_id | other).ids, other)
        self.env.invalidate_all()
        self.assertFalse(self.request._fits(self.asked))
        self._run("cron_act")
        self.assertEqual(self.request.act_state, "failed")

    def test_a_copy_takes_no_approval_along(self):
        copy = self.mine.copy().sudo()
        self.assertEqual(copy.state, "draft")
        self.assertFalse(copy.approval_request_ids)
        with self.assertRaisesRegex(UserError, "needs an approval first"):
            copy._check_approved()

    def test_evidence_of_a_request_stands_in_the_ledger(self):
        entries = self.env["retail.audit.entry"].search(
            [("model", "=", "retail.request"), ("res_id", "=", self.asked.id)]
        )
        self.assertTrue(
            {"evidence.added", "evidence.replaced"} & set(entries.mapped("action"))
        )
