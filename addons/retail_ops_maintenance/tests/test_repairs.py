from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger

from .common import MaintenanceCase


class TestRepairs(MaintenanceCase):
    def test_broken_equipment_becomes_a_request_with_technician_and_vendor(self):
        case = self._fail()
        repair = case.maintenance_id
        self.assertEqual(repair.equipment_id, self.freezer)
        self.assertEqual(repair.user_id, self.technician)
        self.assertEqual(repair.vendor_id, self.vendor)
        self.assertEqual(repair.store_id, self.store)
        self.assertEqual(self._step_of(repair), "reported")

    def test_it_is_made_once(self):
        case = self._fail()
        case._prepare_maintenance()
        case._classify()
        self.assertEqual(len(case.maintenance_ids), 1)
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            case.maintenance_id.copy({"exception_id": case.id})

    def test_a_case_that_names_no_equipment_is_repaired_all_the_same(self):
        repair = self._fail(equipment_id=False).maintenance_id
        self.assertEqual(repair.store_id, self.store)
        repair.equipment_id = self.freezer
        self.assertEqual(repair.exception_id.equipment_id, self.freezer)

    def test_a_case_of_another_type_asks_for_no_maintenance(self):
        case = self._raise_by_hand(self.manager).sudo()
        self.assertFalse(case.maintenance_ids)

    def test_with_the_rule_off_the_case_offers_it(self):
        self.env.ref("retail_ops_maintenance.automation_maintenance").active = False
        case = self._fail()
        self.assertEqual(case.state, "triaged")
        self.assertFalse(case.maintenance_ids)
        case.with_user(self.manager).action_ask_maintenance()
        self.assertTrue(case.maintenance_ids)

    def test_equipment_of_another_store_is_refused(self):
        far = self._create_equipment("Far freezer", self.far_store)
        with self.assertRaisesRegex(ValidationError, "stands in store"):
            self._fail(equipment_id=far.id)

    # === From the repair to the case === #
    def test_work_that_begins_shows_on_the_case(self):
        repair = self._repair()
        self._move(repair, "work")
        self.assertEqual(repair.sudo().exception_id.state, "in_progress")

    def test_waiting_for_the_supplier_pauses_the_clock(self):
        repair = self._repair()
        self._move(repair, "work")
        self._move(repair, "supplier")
        case = repair.sudo().exception_id
        self.assertEqual((case.state, case.waiting_reason), ("waiting", "supplier"))
        self._move(repair, "work")
        self.assertEqual(case.state, "in_progress")
        self.assertEqual(case.pause_ids.reason, "supplier")

    def test_a_repair_done_leaves_the_case_to_be_resolved_by_the_store(self):
        repair = self._repair()
        self._move(repair, "work")
        self._move(repair, "done")
        case = repair.sudo().exception_id
        self.assertEqual(case.state, "in_progress")
        self.assertIn("Check that it works", case.message_ids[0].body)
        case._set_resolved("Cold again")
        self.assertEqual(case.state, "resolved")

    def test_a_case_is_not_resolved_while_it_is_being_repaired(self):
        case = self._repair().sudo().exception_id
        with self.assertRaisesRegex(UserError, "is being repaired"):
            case._set_resolved("Looks fine")

    def test_a_repair_done_does_not_pass_by_root_cause_and_evidence(self):
        self.failure.write({"root_cause_required": True, "evidence_required": True})
        repair = self._repair()
        self._move(repair, "done")
        with self.assertRaisesRegex(UserError, "evidence"):
            repair.sudo().exception_id._set_resolved("Cold again")

    def test_what_a_case_lacks_does_not_stop_the_technician(self):
        fact = self.env["retail.exception.fact"].search(
            [("field_name", "=", "reason")], limit=1
        ) or self.env["retail.exception.fact"].create({"field_name": "reason"})
        self.env["retail.exception.requirement"].create(
            {"type_id": self.failure.id, "step": "start", "fact_ids": fact.ids}
        )
        repair = self._repair()
        self._move(repair, "work")
        case = repair.sudo().exception_id
        self.assertEqual(case.state, "triaged")
        self.assertIn("lacks something", case.message_ids[0].body)

    def test_a_cancelled_repair_is_said_on_the_case(self):
        repair = self._repair()
        repair.archive_equipment_request()
        case = repair.sudo().exception_id
        self.assertTrue(case.is_open)
        self.assertIn("was cancelled", case.message_ids[0].body)
        case._set_resolved("Replaced by a new one")

    # === From the case to the repair === #
    def test_a_case_that_waits_for_a_supplier_says_so_on_the_repair(self):
        repair = self._repair()
        self._move(repair, "work")
        case = repair.sudo().exception_id
        case._set_waiting("supplier")
        self.assertEqual(self._step_of(repair), "supplier")
        case.with_user(self.manager).action_start()
        self.assertEqual(self._step_of(repair), "work")

    def test_a_cancelled_case_cancels_its_repair(self):
        repair = self._repair()
        repair.sudo().exception_id._set_cancelled("Reported twice")
        self.assertTrue(repair.archive)

    def test_a_case_taken_up_again_takes_up_its_repair(self):
        repair = self._repair()
        self._move(repair, "done")
        case = repair.sudo().exception_id
        case._set_resolved("Cold again")
        case._set_reopened("Warm again")
        self.assertEqual(self._step_of(repair), "reported")
        self.assertFalse(repair.archive)

    # === Repeats === #
    def test_the_same_equipment_again_is_a_repeat(self):
        first, other = self._fail(), self._create_equipment("Oven")
        self.assertEqual(self._fail(equipment_id=other.id).recurrence_count, 1)
        second = self._fail()
        self.assertEqual(second.previous_id, first)
        self.assertEqual(second.recurrence_count, 2)
        self.assertEqual(self.freezer.retail_failure_count, 2)

    # === Who sees what === #
    def test_a_technician_sees_only_what_is_his(self):
        repair = self._repair()
        seen = self.env["maintenance.request"].with_user(self.other_technician)
        self.assertIn(repair, seen.with_user(self.technician).search([]))
        self.assertNotIn(repair, seen.search([]))
        with self.assertRaises(AccessError):
            seen.browse(repair.id).repair_cost = 1

    def test_a_store_sees_its_own_repairs_and_equipment_and_no_others(self):
        repair = self._fail(self.member).maintenance_id
        mine = repair.with_user(self.manager)
        self.assertTrue(mine.has_access("read"))
        self.assertFalse(mine.has_access("write"))
        self.assertFalse(repair.with_user(self.far_manager).has_access("read"))
        self.assertTrue(self.freezer.with_user(self.member).has_access("read"))
        self.assertFalse(self.freezer.with_user(self.far_manager).has_access("read"))

    def test_a_repair_of_a_case_is_kept_as_its_history(self):
        repair = self._repair()
        with self.assertRaisesRegex(UserError, "cancel it instead"):
            repair.unlink()
