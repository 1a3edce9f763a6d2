import base64

from odoo.exceptions import AccessError, UserError

from .common import RetailOpsCase


class TestReportScreen(RetailOpsCase):
    def _report(self, kind="inventory_discrepancy", **values):
        return {
            "type_id": self.env.ref(f"retail_ops_core.type_{kind}").id,
            "store_id": self.store.id,
            **values,
        }

    def _send(self, report, key="k1", user=None, photo=None):
        Exception_ = self.env["retail.exception"].with_user(user or self.manager)
        return Exception_.report_from_screen(report, key, photo)

    def test_each_of_four_kinds_gets_a_reference_an_owner_and_a_due_time(self):
        reports = [
            self._report(
                product_id=self.product.id, expected_quantity=12, counted_quantity=7
            ),
            self._report("equipment_failure", summary="Freezer is warm"),
            self._report("promotion_readiness", summary="No posters"),
            self._report("local_need", summary="Cleaning rags", amount=40),
        ]
        for number, report in enumerate(reports):
            answer = self._send(report, key=f"four-{number}")
            self.assertRegex(answer["reference"], "^EXC/")
            self.assertTrue(answer["owner"])
            self.assertTrue(answer["due"])

    def test_sending_again_raises_nothing_new(self):
        report = self._report("equipment_failure", summary="Freezer is warm")
        self.assertEqual(self._send(report), self._send(report))

    def test_a_photo_becomes_evidence(self):
        photo = {"name": "p.png", "data": base64.b64encode(b"x").decode()}
        report = self._report("equipment_failure", summary="Freezer is warm")
        answer = self._send(report, photo=photo)
        entries = self.env["retail.audit.entry"].search(
            [("res_id", "=", answer["id"]), ("action", "=", "evidence.added")]
        )
        self.assertEqual(len(entries), 1)

    def test_the_screen_offers_the_stores_of_the_user_only(self):
        screen = self.env["retail.exception"].with_user(self.member)
        names = [store["name"] for store in screen.get_report_screen()["stores"]]
        self.assertEqual(names, [self.store.display_name])

    def test_a_report_for_another_store_is_refused(self):
        report = self._report("equipment_failure", summary="x")
        with self.assertRaises(AccessError):
            self._send({**report, "store_id": self.far_store.id})

    def test_a_report_cannot_smuggle_other_fields(self):
        report = self._report("equipment_failure", summary="x", state="resolved")
        with self.assertRaisesRegex(UserError, "cannot be read"):
            self._send(report)
        with self.assertRaisesRegex(UserError, "cannot be read"):
            self._send(self._report("equipment_failure", summary="x"), key="")

    def test_a_scanned_code_finds_its_product(self):
        self.product.barcode = "5901234123457"
        Exception_ = self.env["retail.exception"].with_user(self.member)
        self.assertEqual(Exception_.find_product("5901234123457"), self.product.id)
        self.assertFalse(Exception_.find_product("nothing"))
