import base64
from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError

from .common import RetailOpsCase


class TestCases(RetailOpsCase):
    def _step(self, exceptions, user, step, **values):
        return (
            self.env["retail.exception.step"]
            .with_user(user)
            .create({"step": step, "exception_ids": exceptions.ids, **values})
            .action_confirm()
        )

    def _attach(self, exception, content=b"photo", user=None):
        return (
            self.env["ir.attachment"]
            .with_user(user or self.manager)
            .create(
                {
                    "name": "photo.png",
                    "raw": content,
                    "res_model": "retail.exception",
                    "res_id": exception.id,
                }
            )
        )

    def _evidence_actions(self, exception):
        entries = self.env["retail.audit.entry"].search(
            [("res_id", "=", exception.id), ("action", "=like", "evidence.%")],
            order="id",
        )
        return entries.mapped("action")

    # === Repeats === #
    def test_the_third_time_in_the_window_is_graver_and_says_so(self):
        self._take_in()
        second = self._take_in()
        third = self._take_in()
        self.assertEqual(second.severity, "medium")
        self.assertEqual(third.recurrence_count, 3)
        self.assertEqual(third.previous_id, second)
        self.assertEqual(third.severity, "high")
        self.assertIn("time number 3", third.classification_note)

    def test_another_product_is_no_repeat(self):
        self._take_in()
        other = self.product.copy({"default_code": "T-OTHER"})
        self.assertEqual(self._take_in(product_id=other.id).recurrence_count, 1)

    def test_products_nobody_here_knows_are_told_apart_by_their_codes(self):
        unknown = {"product_id": False, "product_code": "T-UNKNOWN"}
        self._take_in(**unknown)
        again = self._take_in(**unknown)
        other = self._take_in(**{**unknown, "product_code": "T-STRANGE"})
        self.assertEqual((again.recurrence_count, other.recurrence_count), (2, 1))
        like = self.env["retail.exception"].search(again.action_open_like()["domain"])
        self.assertNotIn(other, like)

    def test_what_lies_outside_the_window_is_no_repeat(self):
        with freeze_time("2026-01-01"):
            self._take_in()
        with freeze_time("2026-03-01"):
            self.assertEqual(self._take_in().recurrence_count, 1)

    # === Ownership === #
    def test_a_leavers_work_goes_to_whoever_is_next_in_line(self):
        exception = self._take_in()
        self.manager.active = False
        self.assertEqual(exception.user_id, self.region_manager)
        self.assertEqual(exception.activity_ids.user_id, self.region_manager)

    def test_an_absent_manager_gets_no_new_exception(self):
        now = self.env.cr.now()
        self.manager.write(
            {
                "out_of_office_from": now - timedelta(days=1),
                "out_of_office_to": now + timedelta(days=1),
            }
        )
        self.assertEqual(self._take_in().user_id, self.region_manager)

    def test_a_manager_hands_over_with_a_note(self):
        exception = self._take_in()
        self._step(
            exception, self.manager, "hand_over", user_id=self.member.id, note="Yours"
        )
        self.assertEqual(exception.user_id, self.member)
        self.assertIn("Yours", "".join(exception.message_ids.mapped("body")))

    def test_nothing_is_handed_to_somebody_who_may_not_see_it(self):
        with self.assertRaisesRegex(UserError, "may not work on"):
            self._step(
                self._take_in(),
                self.manager,
                "hand_over",
                user_id=self.far_manager.id,
                note="Yours",
            )

    # === The store says no === #
    def test_a_store_rejects_a_task_and_headquarters_answer_time_is_measured(self):
        with freeze_time("2026-03-02 10:00:00"):
            exception = self._take_in()
            self._step(exception, self.manager, "reject", note="No staff")
        self.assertEqual(exception.waiting_reason, "headquarters")
        self.assertEqual(exception.user_id, self.operations)
        with freeze_time("2026-03-02 13:30:00"):
            self._step(exception, self.operations, "answer", note="Use the float team")
        self.assertEqual(exception.answer_hours, 3.5)
        self.assertEqual(exception.state, "in_progress")
        self.assertEqual(exception.user_id, self.manager)

    # === Severity by hand === #
    def test_a_severity_set_by_hand_keeps_who_and_why(self):
        exception = self._take_in()
        self._step(
            exception,
            self.region_manager,
            "reclassify",
            severity="critical",
            note="Shelf is empty on a Friday",
        )
        self.assertEqual(exception.severity, "critical")
        self.assertIn("Region Manager", exception.classification_note)
        self.assertIn("Shelf is empty", exception.classification_note)

    # === Duplicates and parts === #
    def test_duplicates_are_merged_and_their_evidence_follows(self):
        keeper, duplicate = self._take_in(), self._take_in()
        photo = self._attach(duplicate)
        self._step(keeper | duplicate, self.manager, "merge", target_id=keeper.id)
        self.assertEqual(duplicate.state, "cancelled")
        self.assertEqual(duplicate.merged_into_id, keeper)
        self.assertEqual(photo.res_id, keeper.id)

    def test_a_merge_in_a_circle_is_refused(self):
        keeper, duplicate = self._take_in(), self._take_in()
        self._step(duplicate, self.manager, "merge", target_id=keeper.id)
        with self.assertRaisesRegex(UserError, "keep one that is open"):
            self._step(keeper, self.manager, "merge", target_id=duplicate.id)

    def test_a_case_with_open_parts_is_not_resolved(self):
        whole, part = self._take_in(), self._take_in()
        self._step(part, self.manager, "part", target_id=whole.id)
        with self.assertRaisesRegex(UserError, "still has open parts"):
            self._step(whole, self.manager, "resolve", note="Done")
        part._set_resolved("Done")
        self._step(whole, self.manager, "resolve", note="Done")

    def test_a_case_is_not_part_of_itself(self):
        whole, part = self._take_in(), self._take_in()
        part._set_parent(whole)
        with self.assertRaisesRegex(UserError, "cannot be part of itself"):
            whole._set_parent(part)

    # === Reopening === #
    def test_a_case_finished_long_ago_is_raised_anew_instead(self):
        with freeze_time("2026-01-01"):
            exception = self._take_in()
            exception._set_resolved("Done")
        with (
            freeze_time("2026-03-01"),
            self.assertRaisesRegex(UserError, "raise a new"),
        ):
            exception._set_reopened("Again")

    # === Evidence === #
    def test_resolving_asks_for_evidence_where_the_type_does(self):
        self.discrepancy.evidence_required = True
        exception = self._take_in()
        with self.assertRaisesRegex(UserError, "needs evidence"):
            self._step(exception, self.manager, "resolve", note="Done")
        self._attach(exception)
        exception.invalidate_recordset()
        self._step(exception, self.manager, "resolve", note="Done")
        self.assertEqual(exception.state, "resolved")

    def test_replacing_evidence_shows(self):
        exception = self._take_in()
        photo = self._attach(exception)
        photo.raw = b"another photo"
        photo.unlink()
        self.assertEqual(
            self._evidence_actions(exception),
            ["evidence.added", "evidence.replaced", "evidence.removed"],
        )

    def test_replacing_evidence_by_its_base64_shows_too(self):
        exception = self._take_in()
        photo = self._attach(exception)
        photo.datas = base64.b64encode(b"another photo")
        self.assertIn("evidence.replaced", self._evidence_actions(exception))

    # === Escalation record === #
    def test_the_escalation_record_is_not_edited_or_deleted(self):
        exception = self._take_in()
        exception.with_user(self.manager).action_escalate()
        step = exception.escalation_ids
        self.assertEqual(step.to_user_id, self.region_manager)
        for attempt in (
            lambda: step.sudo().write({"level": 9}),
            lambda: step.sudo().unlink(),
            lambda: step.with_user(self.admin).write({"level": 9}),
            lambda: step.with_user(self.region_manager).unlink(),
        ):
            self.assertRaises(AccessError, attempt)
        self.assertFalse(
            self.env["retail.escalation"].with_user(self.far_manager).search([]) & step
        )
