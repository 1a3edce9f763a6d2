import base64
from ast import literal_eval
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user

from .common import RetailOpsCase


class FlowCase(RetailOpsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.specialist = new_test_user(
            cls.env, "test_specialist", "retail_ops_core.group_specialist"
        )

    @classmethod
    def _kind(cls, code):
        return cls.env.ref(f"retail_ops_core.type_{code}")

    def _report(self, code, user=None, photo=None, **values):
        """Return the case that a store reports from its screen, as that user."""
        Case = self.env["retail.exception"].with_user(user or self.member)
        report = {
            "type_id": self._kind(code).id,
            "store_id": self.store.id,
            "summary": "Reported",
            **values,
        }
        answer = Case.report_from_screen(report, f"{code}-{values}", photo)
        return Case.browse(answer["id"])

    def _step(self, case, step, note="Done", **values):
        wizard = case.env["retail.exception.step"].create(
            {"step": step, "exception_ids": case.ids, "note": note, **values}
        )
        return wizard.action_confirm()


class TestReturns(FlowCase):
    def test_a_return_is_opened_inspected_decided_and_closed_each_timed(self):
        opened = fields.Datetime.now()
        case = self._report("return_case", amount=40)
        with freeze_time(opened + timedelta(hours=2)):
            self._step(case, "milestone", "Box opened, goods complete")
        with freeze_time(opened + timedelta(hours=5)):
            self._step(case, "milestone", "Refund in full")
            self._step(case, "resolve", "Refunded")
        with freeze_time(opened + timedelta(hours=6)):
            case.action_close()
        steps = case.milestone_ids
        self.assertEqual(steps.milestone_id.mapped("name"), ["Inspected", "Decided"])
        self.assertAlmostEqual(steps[0].hours, 2, places=2)
        self.assertAlmostEqual(steps[1].hours, 3, places=2)
        self.assertEqual(steps[1].outcome, "Refund in full")
        self.assertEqual(steps.user_id, self.member)
        self.assertEqual(case.state, "closed")
        self.assertLess(case.opened_at, steps[0].reached_at)
        self.assertLess(case.resolved_at, case.closed_at)

    def test_a_return_is_not_resolved_before_it_was_inspected_and_decided(self):
        case = self._report("return_case", amount=40)
        case.action_start()
        with self.assertRaisesRegex(UserError, "Inspected"):
            self._step(case, "resolve")
        self._step(case, "milestone", "Fine")
        with self.assertRaisesRegex(UserError, "Decided"):
            self._step(case, "resolve")

    def test_a_step_asks_for_its_outcome_and_is_taken_once(self):
        case = self._report("return_case", amount=40)
        with self.assertRaisesRegex(UserError, "what came out"):
            self._step(case, "milestone", note=False)
        self.assertEqual(case.action_next_milestone()["target"], "new")
        self._step(case, "milestone", "Fine")
        self._step(case, "milestone", "Exchange")
        with self.assertRaisesRegex(UserError, "no step left"):
            self._step(case, "milestone", "Again")

    def test_a_milestone_is_a_record_that_nobody_writes(self):
        case = self._report("return_case", amount=40)
        self._step(case, "milestone", "Fine")
        for user in (self.member, self.operations, self.admin):
            step = case.milestone_ids.with_user(user)
            with self.subTest(user.login):
                self.assertRaises(AccessError, step.write, {"outcome": "x"})
                self.assertRaises(AccessError, step.unlink)

    def test_an_administrator_gives_any_type_a_flow_of_its_own(self):
        kind = self._kind("equipment_failure").with_user(self.admin)
        with Form(kind) as form, form.milestone_ids.new() as step:
            step.name = "Technician was here"
            step.asks_outcome = False
        case = self._report("equipment_failure")
        self.assertEqual(case.next_milestone_id.name, "Technician was here")
        case.action_next_milestone()
        self.assertEqual(case.state, "in_progress")
        self.assertFalse(case.next_milestone_id)


class TestRouting(FlowCase):
    def test_a_complaint_is_routed_by_category_to_the_owning_team(self):
        owners = {
            "product": "queue_quality",
            "price": "queue_merchandising",
            "people": "queue_people",
            "delivery": "queue_logistics",
            "other": "queue_customer_care",
        }
        kind = self._kind("customer_complaint")
        for category in kind.category_ids:
            case = self._report("customer_complaint", category_id=category.id)
            queue = self.env.ref(f"retail_ops_core.{owners[category.code]}")
            with self.subTest(category.code):
                self.assertEqual(case.queue_id, queue)
                self.assertTrue(case.user_id)

    def test_another_category_moves_the_case_and_its_activity(self):
        first, second = self._kind("customer_complaint").category_ids[:2]
        first.queue_id.business_owner_id = self.operations
        second.queue_id.assignment = "business_owner"
        second.queue_id.business_owner_id = self.country_manager
        case = self._report("customer_complaint", category_id=first.id)
        case.category_id = second
        handle = self.env.ref("retail_ops_core.activity_handle")
        activity = case.activity_ids.filtered(
            lambda act: act.activity_type_id == handle
        )
        self.assertEqual(case.queue_id, second.queue_id)
        self.assertEqual(activity.user_id, self.country_manager)

    def test_a_category_of_another_type_is_refused(self):
        category = self._kind("customer_complaint").category_ids[0]
        with self.assertRaisesRegex(ValidationError, "no category of"):
            self._report("equipment_failure", category_id=category.id)

    def test_the_report_screen_offers_the_categories(self):
        screen = self.env["retail.exception"].with_user(self.member)
        tiles = {tile["id"]: tile for tile in screen.get_report_screen()["types"]}
        complaint = tiles[self._kind("customer_complaint").id]
        self.assertEqual(len(complaint["categories"]), 5)

    def test_a_quality_failure_with_photo_reaches_the_quality_owner_with_a_deadline(
        self,
    ):
        queue = self.env.ref("retail_ops_core.queue_quality")
        queue.member_ids = self.specialist
        photo = {"name": "p.png", "data": base64.b64encode(b"x").decode()}
        case = self._report(
            "quality_failure",
            product_id=self.product.id,
            expected_quantity=5,
            counted_quantity=0,
            photo=photo,
        )
        seen = case.with_user(self.specialist)
        self.assertEqual(seen.user_id, self.specialist)
        self.assertEqual(seen.message_attachment_count, 1)
        self.assertTrue(seen.effective_due)
        self.assertEqual(seen.my_activity_date_deadline, seen._deadline_day())

    def test_an_uncovered_shift_goes_to_the_people_team(self):
        queue = self.env.ref("retail_ops_core.queue_people")
        queue.member_ids = self.specialist
        case = self._report("staffing_gap", summary="Nobody for Saturday")
        self.assertEqual(case.queue_id, queue)
        self.assertEqual(case.user_id, self.specialist)

    def test_without_a_team_the_people_owner_gets_it(self):
        queue = self.env.ref("retail_ops_core.queue_people")
        queue.business_owner_id = self.operations
        case = self._report("staffing_gap", summary="Nobody for Saturday")
        self.assertEqual(case.user_id, self.operations)


class TestOneSharedCase(FlowCase):
    def test_warehouse_finance_and_service_see_one_status_and_one_history(self):
        service = new_test_user(
            self.env, "test_service", "retail_ops_core.group_specialist"
        )
        self.queue.member_ids = self.specialist | service
        case = self._report(
            "damaged_goods",
            product_id=self.product.id,
            expected_quantity=9,
            counted_quantity=0,
        )
        case.with_user(self.specialist).action_start()
        case.with_user(self.specialist).message_post(body="Pallet fell")
        views = {
            user.login: case.with_user(user).read(["state", "message_ids"])
            for user in (self.specialist, self.finance, service, self.member)
        }
        self.assertEqual(len({str(view) for view in views.values()}), 1)
        self.assertEqual(case.state, "in_progress")

    def test_a_specialist_sees_the_queues_of_the_own_teams_only(self):
        self.queue.member_ids = self.specialist
        near = self._take_in()
        far = self._report("staffing_gap", summary="Nobody for Saturday")
        mine = self.env["retail.exception"].with_user(self.specialist)
        seen = mine.search([("id", "in", (near | far.sudo()).ids)])
        self.assertEqual(seen.sudo(), near)
        self.queue.member_ids -= self.specialist
        self.assertFalse(mine.search([("id", "=", near.id)]))


class TestPeriodClose(FlowCase):
    def test_finance_opens_one_list_of_four_kinds_each_with_its_document(self):
        kinds = (
            "settlement_mismatch",
            "discount_anomaly",
            "refund_anomaly",
            "missing_tax_data",
        )
        cases = [
            self._take_in(
                type_id=self._kind(kind).id, amount=90, source_document=f"DOC-{kind}"
            )
            for kind in kinds
        ]
        action = self.env.ref("retail_ops_core.action_exception_close")
        listed = (
            self.env["retail.exception"]
            .with_user(self.finance)
            .search(literal_eval(action.domain) + [("store_id", "=", self.store.id)])
        )
        self.assertEqual(set(listed.ids), {case.id for case in cases})
        self.assertTrue(all(listed.mapped("source_document")))
        menu = self.env.ref("retail_ops_core.menu_exception_close")
        self.assertIn(menu.id, menu.with_user(self.finance)._visible_menu_ids())

    def test_the_document_opens_for_who_may_read_it(self):
        case = self._take_in(
            source_document="T-OIL",
            source_model="product.product",
            source_res_id=self.product.id,
        )
        action = case.with_user(self.manager).action_open_source()
        self.assertEqual(action["res_id"], self.product.id)
        parameter = (
            self.env["ir.config_parameter"]
            .sudo()
            .create({"key": "test.secret", "value": "x"})
        )
        case.sudo().write(
            {"source_model": parameter._name, "source_res_id": parameter.id}
        )
        with self.assertRaises(AccessError):
            case.with_user(self.manager).action_open_source()

    def test_a_document_of_another_system_says_so(self):
        case = self._take_in(source_document="PSP-77")
        with self.assertRaisesRegex(UserError, "PSP-77 is not in this database"):
            case.with_user(self.manager).action_open_source()


class TestDeliveries(FlowCase):
    def test_each_of_four_delivery_troubles_is_followed_to_closure(self):
        facts = {
            "damaged_goods": {"expected_quantity": 6, "counted_quantity": 4},
            "substitution": {},
            "supplier_shortage": {"expected_quantity": 6, "counted_quantity": 4},
            "delivery_delay": {},
        }
        photo = {"name": "p.png", "data": base64.b64encode(b"x").decode()}
        for code, values in facts.items():
            case = self._report(code, product_id=self.product.id, photo=photo, **values)
            with self.subTest(code):
                case.source_document = "WH/IN/00042"
                case.action_start()
                self._step(case, "resolve", "Credited")
                case.action_close()
                self.assertEqual(case.state, "closed")

    def test_an_open_equipment_case_shows_owner_and_next_escalation(self):
        case = self._report("equipment_failure", summary="Freezer is warm")
        values = case.read(["user_id", "next_escalation_at"])[0]
        arch = case.get_view(view_type="form")["arch"]
        self.assertTrue(all(values.values()))
        self.assertIn('name="next_escalation_at"', arch)
