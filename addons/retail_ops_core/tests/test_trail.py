from odoo import Command
from odoo.exceptions import AccessError, UserError

from .common import RetailOpsCase


class TestTrail(RetailOpsCase):
    COLUMNS = ["recorded_at", "user_name", "action", "before", "after", "why"]

    def _entry(self, record, action):
        return (
            self.env["retail.audit.entry"]
            .with_user(self.auditor)
            .search(
                [
                    ("model", "=", record._name),
                    ("res_id", "=", record.id),
                    ("action", "=", action),
                ],
                limit=1,
            )
        )

    def _resolved(self):
        case = self._take_in().with_user(self.manager)
        case.action_start()
        self.env["retail.exception.step"].with_user(self.manager).create(
            {"step": "resolve", "exception_ids": case.ids, "note": "Found in bay 4"}
        ).action_confirm()
        return case

    def test_who_what_when_before_after_and_why_are_visible(self):
        entry = self._entry(self._resolved(), "exception.resolved")
        self.assertEqual(entry.user_name, self.manager.name)
        self.assertEqual(entry.before, "in_progress")
        self.assertEqual(entry.after, "resolved")
        self.assertEqual(entry.why, "Found in bay 4")
        self.assertTrue(entry.recorded_at)

    def test_the_auditor_exports_all_of_it(self):
        entry = self._entry(self._resolved(), "exception.resolved")
        [row] = entry.export_data(self.COLUMNS)["datas"]
        self.assertEqual(
            row[1:],
            [
                self.manager.name,
                "exception.resolved",
                "in_progress",
                "resolved",
                "Found in bay 4",
            ],
        )
        for user in (self.manager, self.finance):
            with self.assertRaises(UserError):
                entry.with_user(user).export_data(self.COLUMNS)

    def test_a_hand_over_names_from_whom_to_whom_and_why(self):
        case = self._take_in()
        self.env["retail.exception.step"].with_user(self.manager).create(
            {
                "step": "hand_over",
                "exception_ids": case.ids,
                "user_id": self.region_manager.id,
                "note": "On leave tomorrow",
            }
        ).action_confirm()
        entry = self._entry(case, "exception.assigned")
        self.assertEqual(entry.before, f"Assignee: {self.manager.name}")
        self.assertEqual(entry.after, f"Assignee: {self.region_manager.name}")
        self.assertEqual(entry.why, "On leave tomorrow")

    def test_the_trail_of_a_case_opens_for_auditors_and_not_for_stores(self):
        case = self._resolved()
        action = case.with_user(self.auditor).action_open_trail()
        found = self.env["retail.audit.entry"].search(action["domain"])
        self.assertEqual(set(found.mapped("res_id")), {case.id})
        with self.assertRaises(AccessError):
            case.with_user(self.manager).action_open_trail()

    def test_changed_settings_are_recorded_with_before_and_after(self):
        kind = self.discrepancy.with_user(self.admin)
        kind.write({"tolerance_percent": 9, "name": kind.name})
        entry = self._entry(kind, "exception_type.changed")
        self.assertEqual(entry.before, "Tolerance Percent: 2.0")
        self.assertEqual(entry.after, "Tolerance Percent: 9.0")
        self.assertEqual(entry.user_name, self.admin.name)

    def test_records_options_and_switches_read_as_people_know_them(self):
        store = self.store.with_user(self.admin)
        store.region_id = self.far_region
        self.assertIn(
            f"Region: {self.far_region.display_name}",
            self._entry(store, "store.changed").after,
        )
        kind = self.discrepancy.with_user(self.admin)
        kind.root_cause_required = True
        entry = self._entry(kind, "exception_type.changed")
        self.assertEqual(entry.before, "Root Cause Required: no")
        self.assertEqual(entry.after, "Root Cause Required: yes")

    def test_settings_made_and_deleted_are_recorded(self):
        queue = (
            self.env["retail.queue"]
            .with_user(self.admin)
            .create(
                {
                    "name": "Night",
                    "code": "night",
                    "business_owner_id": self.operations.id,
                    "technical_owner_id": self.admin.id,
                    "member_ids": [Command.set(self.member.ids)],
                }
            )
        )
        made = self._entry(queue, "queue.created")
        self.assertIn("Code: night", made.after)
        queue.unlink()
        self.assertIn("Code: night", self._entry(queue, "queue.deleted").before)

    def test_every_kind_of_setting_has_its_trail(self):
        records = (
            self.env.ref("retail_ops_core.sla_standard"),
            self.env.ref("retail_ops_core.classifier_stock_low"),
            self.env.ref("retail_ops_core.category_complaint_other"),
            self.env.ref("retail_ops_core.milestone_return_decided"),
            self.queue,
            self.region,
            self.store,
        )
        for record in records:
            record.with_user(self.admin).name = "Renamed"
            subject = record._name.removeprefix("retail.").replace(".", "_")
            with self.subTest(record._name):
                entry = self._entry(record, f"{subject}.changed")
                self.assertEqual(entry.after, "Name: Renamed")


class TestEvidence(RetailOpsCase):
    def _attach(self, case, content=b"first"):
        return (
            self.env["ir.attachment"]
            .with_user(self.manager)
            .create(
                {
                    "name": "shelf.jpg",
                    "raw": content,
                    "res_model": case._name,
                    "res_id": case.id,
                }
            )
        )

    def test_evidence_shows_with_its_fingerprint(self):
        case = self._take_in()
        photo = self._attach(case)
        seen = case.with_user(self.manager)
        self.assertIn("shelf.jpg", seen.evidence_log)
        self.assertIn(photo.sudo()._fingerprint()[:16], seen.evidence_log)
        self.assertIn(self.manager.name, seen.evidence_log)
        self.assertFalse(seen.evidence_is_altered)

    def test_a_replaced_file_is_visible_on_the_case(self):
        case = self._take_in()
        photo = self._attach(case)
        old = photo.sudo()._fingerprint()
        photo.raw = b"second"
        seen = case.with_user(self.operations)
        self.assertTrue(seen.evidence_is_altered)
        self.assertIn("Replaced", seen.evidence_log)
        self.assertIn(old[:16], seen.evidence_log)
        self.assertIn(photo.sudo()._fingerprint()[:16], seen.evidence_log)

    def test_a_removed_file_is_visible_on_the_case(self):
        case = self._take_in()
        self._attach(case).unlink()
        self.assertTrue(case.evidence_is_altered)
        self.assertIn("Removed", case.evidence_log)

    def test_a_file_changed_behind_the_ledger_is_visible(self):
        case = self._take_in()
        photo = self._attach(case).sudo()
        self.env.flush_all()
        photo.invalidate_recordset()
        self.env.cr.execute(
            "UPDATE ir_attachment SET db_datas = %s, store_fname = NULL WHERE id = %s",
            [b"forged", photo.id],
        )
        case.invalidate_recordset()
        self.assertTrue(case.evidence_is_altered)

    def test_a_case_without_evidence_shows_none(self):
        self.assertFalse(self._take_in().evidence_log)
