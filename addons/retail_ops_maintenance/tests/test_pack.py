import hashlib

from odoo.exceptions import UserError

from .common import MaintenanceCase


class TestEvidencePack(MaintenanceCase):
    def _closed(self):
        repair = self._repair(600)
        case = repair.sudo().exception_id
        self.env["ir.attachment"].with_user(self.manager).create(
            {
                "name": "freezer.png",
                "raw": b"a warm freezer",
                "res_model": "retail.exception",
                "res_id": case.id,
            }
        )
        request = self._request_of(repair)
        self._approve(request, self.region_manager)
        self._carry_out()
        self._move(repair, "work")
        self._move(repair, "done")
        case._set_resolved("Compressor replaced")
        case._set_closed()
        return case

    def _html(self, case, user):
        reports = self.env["ir.actions.report"].with_user(user)
        html, _kind = reports._render_qweb_html(
            "retail_ops_maintenance.report_evidence_pack", case.ids
        )
        return html.decode()

    def test_it_holds_facts_timeline_decisions_files_downtime_and_cost(self):
        case = self._closed()
        html = self._html(case, self.manager)
        for text in (
            case.name,
            "Freezer",
            "Compressor replaced",
            "Resolved",
            "Repair: Work goes on",
            "Repair: done",
            self._request_of(case.maintenance_id).name,
            "Region Manager",
            "freezer.png",
            hashlib.sha256(b"a warm freezer").hexdigest(),
            "opening hours",
            "600.00",
            "Cold Service",
            case.correlation_id,
        ):
            self.assertIn(text, html)

    def test_it_is_printed_once_the_case_is_finished(self):
        case = self._fail().with_user(self.manager)
        with self.assertRaisesRegex(UserError, "is not finished"):
            case.action_print_evidence_pack()
        action = self._closed().with_user(self.manager).action_print_evidence_pack()
        self.assertEqual(
            action["report_name"], "retail_ops_maintenance.report_evidence_pack"
        )

    def test_a_file_that_was_replaced_is_said(self):
        case = self._closed()
        self.env["ir.attachment"].search(
            [("res_model", "=", "retail.exception"), ("res_id", "=", case.id)]
        ).raw = b"another picture"
        self.assertIn("replaced or removed", self._html(case, self.auditor))
