from odoo.exceptions import UserError, ValidationError

from .common import MaintenanceCase


class TestReportScreen(MaintenanceCase):
    def _send(self, user=None, **values):
        report = {
            "type_id": self.failure.id,
            "store_id": self.store.id,
            "summary": "Freezer is warm",
            **values,
        }
        screen = self.env["retail.exception"].with_user(user or self.member)
        return screen.report_from_screen(report, "key-1")

    def test_the_screen_offers_the_equipment_of_the_users_stores_only(self):
        self._create_equipment("Far freezer", self.far_store)
        screen = self.env["retail.exception"].with_user(self.member)
        offered = screen.get_report_screen()
        self.assertEqual(
            [each["name"] for each in offered["equipment"]], [self.freezer.name]
        )
        asking = [kind for kind in offered["types"] if kind["asks_equipment"]]
        self.assertEqual([kind["id"] for kind in asking], self.failure.ids)

    def test_a_report_from_the_phone_names_the_equipment_and_asks_for_its_repair(self):
        answer = self._send(equipment_id=self.freezer.id)
        case = self.env["retail.exception"].browse(answer["id"])
        self.assertEqual(case.equipment_id, self.freezer)
        self.assertEqual(case.maintenance_id.equipment_id, self.freezer)
        self.assertEqual(self._send(equipment_id=self.freezer.id), answer)
        self.assertEqual(len(case.maintenance_ids), 1)

    def test_equipment_of_another_store_is_refused(self):
        far = self._create_equipment("Far freezer", self.far_store)
        with self.assertRaises(ValidationError):
            self._send(equipment_id=far.id)

    def test_other_facts_are_still_refused(self):
        with self.assertRaises(UserError):
            self._send(maintenance_ids=[1])
