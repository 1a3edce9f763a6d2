from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.retail_ops_approvals.tests.common_rpc import RpcCase

from .common import MaintenanceCase

MAIL = """From: somebody@test.example.com
To: cold@test.example.com
Subject: Freezer is warm
Message-Id: <warm-{number}@test.example.com>

It is warm.
"""


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

    def test_taking_a_cancelled_repair_up_again_begins_none_over_rpc(self):
        repair = self._repair(600)
        self._login(self.technician)
        cancel, anew = "archive_equipment_request", "reset_equipment_request"
        self._call("maintenance.request", cancel, repair.ids)
        self.env.ref("maintenance.stage_1").sequence = -1
        self._call("maintenance.request", anew, repair.ids)
        self.assertNotIn(self._step_of(repair), ("work", "supplier", "done"))

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


@tagged("post_install", "-at_install")
class TestMail(MaintenanceCase, RpcCase):
    """A team's address makes requests as superuser, with what its alias says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        domain = cls.env["mail.alias.domain"].create({"name": "test.example.com"})
        cls.team = cls.env["maintenance.team"].create({"name": "Cold"})
        cls.team.alias_id.write({"alias_name": "cold", "alias_domain_id": domain.id})

    def _says(self, **values):
        team = self.team.with_user(self.equipment_manager)
        team.alias_defaults = repr({"maintenance_team_id": self.team.id, **values})

    def _arrive(self, number=1):
        """Take in a mail to the team; return its request."""
        mail = MAIL.format(number=number)
        made = self.env["mail.thread"].message_process(False, mail)
        return self.env["maintenance.request"].browse(made)

    def test_a_request_by_mail_is_its_equipments_stores_and_waits(self):
        self._says(equipment_id=self.freezer.id, repair_cost=600)
        request = self._arrive()
        self.assertEqual(request.store_id, self.store)
        for step in ("work", "done"):
            with self.assertRaisesRegex(UserError, "approv"), self.cr.savepoint():
                self._move(request.with_user(self.technician), step)
        self.assertNotIn(self._step_of(request), ("work", "done"))

    @mute_logger("odoo.addons.mail.models.mail_thread")
    def test_an_address_begins_no_repair_and_takes_none_from_its_store(self):
        equipment = {"equipment_id": self.freezer.id, "repair_cost": 600}
        for number, values in enumerate(
            (
                {"stage_id": self.stages["done"].id},
                {"store_id": self.far_store.id},
                {"down_since": "2026-01-01 00:00:00"},
            )
        ):
            self._says(**equipment, **values)
            with self.assertRaises(UserError), self.cr.savepoint():
                self._arrive(number)
        named = [("name", "=", "Freezer is warm")]
        self.assertFalse(self.env["maintenance.request"].search_count(named))

    def test_nobody_brings_a_mail_of_his_own_over_rpc(self):
        self._login(self.technician)
        values = {
            "equipment_id": self.freezer.id,
            "repair_cost": 600,
            "store_id": False,
            "stage_id": self.stages["done"].id,
        }
        process = ("maintenance.request", "message_process")
        model, mail = process[0], MAIL.format(number=1)
        self._assert_refused(*process, model, mail, values)
        defaults = {f"default_{name}": value for name, value in values.items()}
        self._assert_refused(*process, model, mail, context=defaults)
        self._assert_refused("mail.thread", process[1], model, mail, values)
