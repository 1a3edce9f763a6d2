from psycopg2.errors import NotNullViolation

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form
from odoo.tools import mute_logger

from .common import RetailOpsCase

SHIPPED = {
    "inventory_discrepancy",
    "stockout_risk",
    "damaged_goods",
    "promotion_readiness",
    "price_label_error",
    "cash_over_short",
    "missing_daily_report",
    "refund_anomaly",
    "discount_anomaly",
    "void_anomaly",
    "settlement_mismatch",
    "missing_tax_data",
    "delivery_delay",
    "shipment_exception",
    "return_case",
    "customer_complaint",
    "equipment_failure",
    "quality_failure",
    "staffing_gap",
    "attendance_exception",
    "safety_incident",
    "compliance_breach",
    "data_quality",
    "integration_failure",
}


class TestNewType(RetailOpsCase):
    def _wizard(self, template, user=None):
        action = template.with_user(user or self.admin).action_new_from_this()
        Wizard = self.env[action["res_model"]].with_user(user or self.admin)
        return Form(Wizard.with_context(**action["context"]))

    def test_the_catalogue_ships_complete(self):
        codes = self.env["retail.exception.type"].search([]).mapped("code")
        self.assertFalse(SHIPPED - set(codes))

    def test_a_new_type_takes_a_template_a_name_and_an_owner(self):
        queue = self.env.ref("retail_ops_core.queue_facilities")
        with self._wizard(self.env.ref("retail_ops_core.type_return_case")) as form:
            form.name = "Broken trolley"
            form.queue_id = queue
        kind = self.env["retail.exception.type"].browse(
            form.record.action_create_type()["res_id"]
        )
        self.assertEqual(kind.code, "broken_trolley")
        self.assertEqual(kind.milestone_ids.mapped("name"), ["Inspected", "Decided"])
        screen = self.env["retail.exception"].with_user(self.member)
        tiles = screen.get_report_screen()["types"]
        self.assertIn("Broken trolley", [tile["name"] for tile in tiles])
        answer = screen.report_from_screen(
            {"type_id": kind.id, "store_id": self.store.id, "summary": "No wheel"}, "k"
        )
        case = screen.browse(answer["id"])
        self.assertEqual(case.queue_id, queue)
        self.assertEqual(case.state, "triaged")
        self.assertTrue(case.effective_due)

    def test_classifiers_of_the_template_speak_of_the_new_type(self):
        with self._wizard(self.discrepancy) as form:
            form.name = "Wine discrepancy"
        new = form.record.action_create_type()["res_id"]
        case = self._take_in(type_id=new, counted_quantity=11)
        self.assertEqual(
            case.classifier_id, self.env.ref("retail_ops_core.classifier_stock_low")
        )

    def test_only_administrators_make_types(self):
        for user in (self.manager, self.operations, self.auditor):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.discrepancy.with_user(user).action_new_from_this()


class TestDefinition(RetailOpsCase):
    def _definition(self, kind, user=None):
        kind.invalidate_recordset(["definition"])
        return kind.with_user(user or self.operations).definition

    def test_it_shows_events_thresholds_and_exception_path_with_owners_and_sla(self):
        kind = self.env.ref("retail_ops_core.type_cash_over_short")
        text = self._definition(kind)
        rule = self.env.ref("retail_ops_core.report_rule_over_short")
        for words in (
            "Events",
            f"Daily report: {rule.name}.",
            "Thresholds",
            "Very high money impact",
            "Money impact &gt;= 1000 → Critical",
            "Exception path",
            "the regional manager",
            "Owners",
            kind.business_owner_id.name,
            kind.technical_owner_id.name,
            kind.sla_policy_id.name,
            "accountable",
        ):
            with self.subTest(words):
                self.assertIn(words, text)

    def test_it_is_worked_out_from_the_settings_in_force(self):
        kind = self.discrepancy
        self.assertIn("2.0 %", self._definition(kind))
        kind.with_user(self.admin).tolerance_percent = 7.5
        self.assertIn("7.5 %", self._definition(kind))
        kind.root_cause_required = True
        self.assertIn("a root cause", self._definition(kind))
        kind.milestone_ids = [Command.create({"name": "Recounted"})]
        self.assertIn("Recounted", self._definition(kind))

    def test_every_type_has_one_and_it_prints(self):
        kinds = self.env["retail.exception.type"].search([])
        reports = self.env["ir.actions.report"].with_user(self.auditor)
        for report in ("report_workflow_definition", "report_raci"):
            html, _kind = reports._render_qweb_html(
                f"retail_ops_core.{report}", kinds.ids
            )
            for kind in kinds:
                with self.subTest(report=report, type=kind.code):
                    self.assertIn(kind.name, html.decode())

    def test_each_activity_has_one_accountable_and_somebody_who_does_it(self):
        for kind in self.env["retail.exception.type"].search([]):
            for activity, letters in kind._raci_rows():
                with self.subTest(type=kind.code, activity=activity):
                    self.assertEqual("".join(letters).count("A"), 1)
                    self.assertIn("R", "".join(letters))
                    self.assertEqual(len(letters), len(kind._raci_columns()))

    def test_operations_it_finance_and_customer_service_are_named(self):
        columns = dict(self.discrepancy._raci_columns())
        self.assertEqual(columns["Operations"], self.operations.name)
        for function in ("IT", "Finance", "Customer service"):
            self.assertTrue(columns[function])

    def test_who_works_on_it_follows_the_queue(self):
        self.queue.assignment = "region_manager"
        rows = dict(self.discrepancy._raci_rows())
        self.assertEqual(rows["Work on it"][1], "R")
        self.queue.assignment = "business_owner"
        rows = dict(self.discrepancy._raci_rows())
        self.assertEqual(rows["Work on it"][3], "A/R")

    def test_no_workflow_is_without_a_business_and_an_it_owner(self):
        for kind in self.env["retail.exception.type"].search([]):
            self.assertTrue(kind.business_owner_id and kind.technical_owner_id)
        for field in ("business_owner_id", "technical_owner_id"):
            with (
                self.subTest(field),
                mute_logger("odoo.sql_db"),
                self.assertRaises(NotNullViolation),
                self.cr.savepoint(),
            ):
                self.queue.with_user(self.admin)[field] = False
                self.queue.flush_recordset()
