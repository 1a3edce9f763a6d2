from odoo.tests import tagged

from odoo.addons.retail_ops_approvals.tests.common_rpc import RpcCase

from .common import MaintenanceCase


@tagged("post_install", "-at_install")
class TestAttacks(MaintenanceCase, RpcCase):
    def test_over_remote_calls_no_work_begins_unapproved(self):
        repair = self._repair(600)
        self._login(self.technician)
        for step in ("work", "supplier", "done"):
            stage = {"stage_id": self.stages[step].id}
            self._assert_refused("maintenance.request", "write", repair.ids, stage)
            self._assert_refused(
                "maintenance.request", "web_save", repair.ids, stage, specification={}
            )
        self._assert_refused(
            "maintenance.request",
            "write",
            repair.ids,
            {"approved_by_id": self._request_of(repair).id},
            context={"approved": True},
        )
        self.assertEqual(self._step_of(repair), "approval")

    def test_with_a_key_no_repair_is_created_done(self):
        status = self._json2(
            self.technician,
            "maintenance.request",
            "create",
            vals_list=[
                {
                    "name": "Quick fix",
                    "equipment_id": self.freezer.id,
                    "repair_cost": 600,
                    "stage_id": self.stages["done"].id,
                }
            ],
        )
        self.assertGreaterEqual(status, 400)

    def test_a_store_manager_neither_begins_nor_hides_his_stores_repair(self):
        repair = self._fail(self.member).maintenance_id
        self._login(self.manager)
        done = {"stage_id": self.stages["done"].id}
        self._assert_refused("maintenance.request", "write", repair.ids, done)
        self._assert_refused("maintenance.request", "unlink", repair.ids)
        self._assert_refused(
            "maintenance.request", "archive_equipment_request", repair.ids
        )

    def test_another_technician_reads_nothing_of_it(self):
        repair = self._repair(600)
        self._login(self.other_technician)
        self._assert_refused("maintenance.request", "read", repair.ids, ["name"])
        self._assert_refused(
            "maintenance.request", "action_request_approval", repair.ids
        )

    def test_private_steps_are_not_called_from_outside(self):
        repair = self._repair(600)
        self._login(self.technician)
        for method in ("_approval_act", "_leave_the_wait", "_park", "_note_repair"):
            self._assert_refused("maintenance.request", method, repair.ids)

    def test_the_technician_opens_his_request_without_seeing_the_case(self):
        repair = self._repair()
        self._login(self.technician)
        answer = self._call(
            "maintenance.request",
            "web_read",
            repair.ids,
            specification={
                "name": {},
                "store_id": {"fields": {"display_name": {}}},
                "downtime_hours": {},
                "approval_text": {},
            },
        )
        self.assertNotIn("error", answer)
        case = repair.sudo().exception_id
        self._assert_refused("retail.exception", "read", case.ids, ["summary"])
