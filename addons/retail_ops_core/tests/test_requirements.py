from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form
from odoo.tools import mute_logger

from .common import RetailOpsCase


class TestRequirements(RetailOpsCase):
    """Each named step asks for what the administrator set up for it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.amount = cls.env.ref("retail_ops_core.fact_amount")
        cls.reason = cls.env.ref("retail_ops_core.fact_reason")

    def _ask(self, step, **values):
        return (
            self.env["retail.exception.requirement"]
            .with_user(self.admin)
            .create({"type_id": self.discrepancy.id, "step": step, **values})
        )

    def _take(self, exception, step, **values):
        wizard = self.env["retail.exception.step"].with_user(self.manager)
        wizard.create(
            {"step": step, "exception_ids": exception.ids, "note": "x", **values}
        ).action_confirm()

    def _attach(self, exception):
        self.env["ir.attachment"].with_user(self.manager).create(
            {
                "name": "photo.png",
                "raw": b"photo",
                "res_model": "retail.exception",
                "res_id": exception.id,
            }
        )
        exception.invalidate_recordset()

    # === Each step === #
    def _steps(self):
        mine = lambda exc: exc.with_user(self.manager)  # noqa: E731
        return {
            "acknowledge": lambda exc: mine(exc).action_acknowledge(),
            "start": lambda exc: mine(exc).action_start(),
            "wait": lambda exc: self._take(exc, "wait"),
            "resolve": lambda exc: self._take(exc, "resolve"),
            "cancel": lambda exc: self._take(exc, "cancel"),
        }

    def test_each_step_waits_for_the_fact_it_asks_for(self):
        for step, take in self._steps().items():
            with self.subTest(step):
                requirement = self._ask(step, fact_ids=[Command.set(self.amount.ids)])
                exception = self._take_in()
                with self.assertRaisesRegex(UserError, "lacks.*fill in Amount"):
                    take(exception)
                self.assertEqual(exception.state, "triaged")
                exception.with_user(self.manager).amount = 12
                take(exception)
                requirement.unlink()

    def test_closing_and_taking_up_again_may_ask_too(self):
        self._ask("close", evidence_count=1)
        self._ask("reopen", evidence_count=2)
        exception = self._take_in()
        self._take(exception, "resolve")
        with self.assertRaisesRegex(
            UserError, "before “Close”.*attach files as evidence: 1 wanted"
        ):
            exception.with_user(self.manager).action_close()
        self._attach(exception)
        exception.with_user(self.manager).action_close()
        with self.assertRaisesRegex(
            UserError, r"attach files as evidence: 2 wanted, 1 there"
        ):
            self._take(exception, "reopen")
        self._attach(exception)
        self._take(exception, "reopen")
        self.assertEqual(exception.state, "in_progress")

    def test_all_that_is_missing_is_named_at_once_with_the_reason(self):
        self._ask(
            "resolve",
            fact_ids=[Command.set((self.amount | self.reason).ids)],
            evidence_count=1,
            note="The supplier asks for it.",
        )
        exception = self._take_in(reason=False)
        with self.assertRaisesRegex(
            UserError,
            "why and attach files as evidence: 1 wanted.*The supplier asks",
        ):
            self._take(exception, "resolve")
        self.assertFalse(exception.resolution)

    def test_a_root_cause_chosen_in_the_step_counts(self):
        cause = self.env.ref("retail_ops_core.root_cause_theft")
        fact = self.env.ref("retail_ops_core.fact_root_cause")
        self._ask("resolve", fact_ids=[Command.set(fact.ids)])
        exception = self._take_in()
        self._take(exception, "resolve", root_cause_id=cause.id)
        self.assertEqual(exception.state, "resolved")

    def test_of_a_selection_none_is_resolved_when_one_lacks_something(self):
        self._ask("resolve", fact_ids=[Command.set(self.amount.ids)])
        good, bad = self._take_in(amount=12), self._take_in()
        with self.assertRaises(UserError):
            self._take(good | bad, "resolve")
        self.env.invalidate_all()
        self.assertEqual({good.state, bad.state}, {"triaged"})

    def test_what_waits_for_an_approval_is_held_whatever_it_lacks(self):
        self._ask("wait", evidence_count=1)
        exception = self._take_in()
        exception._set_waiting("approval")
        self.assertEqual(exception.state, "waiting")

    def test_automations_are_bound_by_it_too(self):
        self._ask("resolve", evidence_count=1)
        with self.assertRaisesRegex(UserError, "attach files as evidence: 1 wanted"):
            self._take_in().sudo()._set_resolved("By itself")

    # === Setting it up === #
    def test_an_administrator_sets_it_up_on_the_type(self):
        with (
            Form(self.discrepancy.with_user(self.admin)) as form,
            form.requirement_ids.new() as line,
        ):
            line.step = "resolve"
            line.evidence_count = 1
        self.assertEqual(self.discrepancy.requirement_ids.step, "resolve")

    def test_a_new_type_like_this_one_asks_the_same(self):
        self._ask("resolve", evidence_count=1)
        copy = self.discrepancy.with_user(self.admin).copy()
        self.assertEqual(copy.requirement_ids.evidence_count, 1)

    def test_a_step_has_one_row(self):
        self._ask("resolve", evidence_count=1)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._ask("resolve", evidence_count=2)


class TestShippedRequirements(RetailOpsCase):
    """What the shipped types ask for, where money, goods or people are at stake."""

    ASKED = {
        ("damaged_goods", "resolve"),
        ("damaged_goods", "close"),
        ("cash_over_short", "resolve"),
        ("cash_over_short", "close"),
        ("refund_anomaly", "resolve"),
        ("refund_anomaly", "close"),
        ("discount_anomaly", "resolve"),
        ("void_anomaly", "resolve"),
        ("settlement_mismatch", "resolve"),
        ("settlement_mismatch", "close"),
        ("equipment_failure", "close"),
        ("quality_failure", "resolve"),
        ("quality_failure", "close"),
        ("safety_incident", "start"),
        ("safety_incident", "resolve"),
        ("compliance_breach", "resolve"),
        ("compliance_breach", "close"),
    }

    def _case(self, code, **values):
        kind = self.env.ref(f"retail_ops_core.type_{code}")
        return self._take_in(type_id=kind.id, **values).with_user(self.manager)

    def _resolve(self, case, cause="unknown"):
        cause = self.env.ref(f"retail_ops_core.root_cause_{cause}")
        wizard = self.env["retail.exception.step"].with_user(self.manager)
        wizard.create(
            {
                "step": "resolve",
                "exception_ids": case.ids,
                "note": "Done",
                "root_cause_id": cause.id,
            }
        ).action_confirm()

    def _attach(self, case):
        self.env["ir.attachment"].with_user(self.manager).create(
            {
                "name": "sheet.png",
                "raw": b"sheet",
                "res_model": "retail.exception",
                "res_id": case.id,
            }
        )
        case.invalidate_recordset()

    def test_each_shipped_row_says_why_it_asks(self):
        shipped = self.env["ir.model.data"].search(
            [
                ("module", "=", "retail_ops_core"),
                ("model", "=", "retail.exception.requirement"),
            ]
        )
        rows = self.env["retail.exception.requirement"].browse(shipped.mapped("res_id"))
        asked = {(row.type_id.code, row.step) for row in rows}
        self.assertLessEqual(asked, self.ASKED)
        self.assertTrue(all(row.note for row in rows))
        self.assertTrue(all(row.fact_ids or row.evidence_count for row in rows))

    def test_cash_that_is_off_needs_amount_and_cause_then_its_count_sheet(self):
        case = self._case("cash_over_short")
        with self.assertRaisesRegex(UserError, "fill in Amount"):
            self._resolve(case)
        case.amount = 40
        self._resolve(case, "counting")
        with self.assertRaisesRegex(
            UserError, "attach files as evidence: 1 wanted.*count sheet"
        ):
            case.action_close()
        self._attach(case)
        case.action_close()
        self.assertEqual(case.state, "closed")

    def test_an_incident_needs_what_happened_and_its_report(self):
        case = self._case("safety_incident", reason=False)
        with self.assertRaisesRegex(UserError, "What was seen"):
            case.action_start()
        case.reason = "Slipped on a wet floor"
        case.action_start()
        with self.assertRaisesRegex(
            UserError, "attach files as evidence: 1 wanted.*accident report"
        ):
            self._resolve(case)
        self._attach(case)
        self._resolve(case, "process")
        self.assertEqual(case.state, "resolved")

    def test_the_step_asks_for_the_cause_that_the_type_wants(self):
        wizard = self.env["retail.exception.step"].with_user(self.manager)
        for code, wanted in (("void_anomaly", True), ("delivery_delay", False)):
            case = self._case(code)
            step = wizard.create({"step": "resolve", "exception_ids": case.ids})
            self.assertEqual(step.root_cause_required, wanted, code)
