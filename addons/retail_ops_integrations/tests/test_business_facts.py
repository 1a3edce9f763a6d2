import json

from odoo.tests import tagged

from ..tools import schema
from .common import IntegrationCase


@tagged("post_install", "-at_install")
class TestBusinessFacts(IntegrationCase):
    """The catalogue covers the business, inbound and outbound."""

    def type_of(self, name):
        return self.env.ref(
            f"retail_ops_integrations.event_type_{name.replace('.', '_')}"
        )

    def tell(self, name):
        """Receive the catalogue's sample of an event type, of store T042."""
        kind = self.type_of(name)
        objects = kind.object_id
        if objects and not self.env["retail.object.owner"].search(
            [("company_id", "=", self.company.id), ("object_id", "=", objects.id)]
        ):
            self.env["retail.object.owner"].create(
                {
                    "object_id": objects.id,
                    "company_id": self.company.id,
                    "source_ids": [(6, 0, self.source.ids)],
                }
            )
        self.source.event_type_ids += kind
        data = json.loads(kind.sample)
        if "store" in data:
            data["store"] = self.store.code
        body = self.body_of(name, data)
        self.env["retail.event"]._accept(
            self.source._door(),
            body,
            "application/json",
            f"evt-{name}".replace(".", "-"),
        )
        self.process_inbox()
        return self.job(f"evt-{name}".replace(".", "-"))

    def assert_in_the_log(self, *names):
        for name in names:
            with self.subTest(name):
                job = self.tell(name)
                self.assertEqual(job.state, "done", job.reason)
                self.assertEqual((job.type, job.version), (name, 1))
                self.assertTrue(job.event_type_id.schema)

    def facts(self, topic):
        self.env.cr.flush()
        return self.env["retail.outbox"].sudo().search([("type", "=", topic)])

    def raise_case(self, code):
        kind = self.env.ref(f"retail_ops_core.type_{code}")
        [case] = self.env["retail.exception"]._intake(
            [
                {
                    "type_id": kind.id,
                    "store_id": self.store.id,
                    "summary": "Case",
                    "origin": "event",
                }
            ]
        )
        return case

    # === Inbound === #
    def test_orders_are_in_the_log_with_schema_and_version(self):
        self.assert_in_the_log("order.created", "order.confirmed")

    def test_payments_are_in_the_log_with_schema_and_version(self):
        self.assert_in_the_log(
            "payment.confirmed", "payment.captured", "payment.failed"
        )

    def test_each_stage_of_a_return_is_an_event_of_its_own(self):
        self.assert_in_the_log(
            "return.initiated",
            "return.authorised",
            "return.approved",
            "refund.approved",
        )

    def test_tills_prices_schedules_and_equipment_are_in_the_log(self):
        self.assert_in_the_log(
            "pos.transaction.closed",
            "price.changed",
            "schedule.changed",
            "equipment.issue.reported",
        )

    def test_a_fact_that_is_always_a_case_becomes_one_of_its_type(self):
        types = {
            "supplier.delayed": "delivery_delay",
            "replenishment.threshold.breached": "stockout_risk",
            "customer.complaint.escalated": "customer_complaint",
            "equipment.issue.reported": "equipment_failure",
        }
        for name, code in types.items():
            with self.subTest(name):
                case = self.tell(name).exception_id
                self.assertEqual(case.type_id.code, code)
                self.assertEqual(case.store_id, self.store)

    def test_the_catalogue_names_producer_consumer_and_latency_class(self):
        kinds = self.env["retail.event.type"].search([])
        for kind in kinds:
            with self.subTest(kind.display_name):
                self.assertTrue(kind.producer and kind.consumer and kind.description)
                self.assertTrue(kind.latency_class and kind.system_of_record)

    def test_an_order_and_its_payment_match_and_show_the_time_between(self):
        tracked = self.env["retail.tracked.object"]
        self.assertIn("not heard of", self.tell("order.confirmed").reason)
        self.assertIn("WEB-10042", self.tell("payment.captured").reason)
        order = tracked.search([("reference", "=", "WEB-10042")])
        payment = tracked.search([("reference", "=", "pay_771")])
        self.assertEqual(order.counterpart, "pay_771, 0 s apart")
        self.assertEqual(payment.counterpart, "WEB-10042, 0 s apart")
        self.assertEqual(payment.status_id.code, "captured")

    def test_a_payment_that_comes_before_its_order_matches_too(self):
        self.assertIn("not heard of", self.tell("payment.captured").reason)
        self.assertIn("pay_771", self.tell("order.confirmed").reason)

    # === Outbound === #
    def test_each_step_of_a_return_case_emits_its_own_event(self):
        case = self.raise_case("return_case")
        steps = case.type_id.milestone_ids.mapped("name")
        for step in steps:
            case._set_milestone(f"Outcome of {step}")
        told = self.facts("exception.milestone.reached")
        self.assertEqual(
            [json.loads(fact.data)["milestone"] for fact in told.sorted("id")], steps
        )
        self.assertEqual(set(told.mapped("correlation_id")), {case.correlation_id})

    def test_a_complaint_that_escalates_emits_the_event(self):
        case = self.raise_case("customer_complaint")
        case.sudo()._escalate()
        told = self.facts("exception.escalated")
        self.assertEqual(json.loads(told.data)["type"], "customer_complaint")

    def test_a_new_case_emits_one_event(self):
        case = self.raise_case("delivery_delay")
        told = self.facts("exception.created")
        self.assertEqual(json.loads(told.data)["reference"], case.name)

    def test_what_is_told_of_a_case_is_as_its_schema_promises(self):
        case = self.raise_case("return_case").sudo()
        case.write({"severity": False, "region_id": False})
        case._set_milestone("Looked at")
        for name in ("created", "escalated", "resolved"):
            case._publish_fact(f"exception.{name}")
        for name in ("created", "escalated", "resolved", "milestone.reached"):
            topic = f"exception.{name}"
            promised = self.type_of(topic).schema
            for fact in self.facts(topic):
                with self.subTest(topic):
                    told = json.loads(fact.data)
                    self.assertEqual(schema.errors(promised, told), [])
            self.assertTrue(self.facts(topic), topic)

    def test_a_case_without_a_severity_is_told_with_that_of_its_type(self):
        case = self.raise_case("return_case").sudo()
        case.severity = False
        told = case._publication_data()
        self.assertEqual(told["severity"], case.type_id.default_severity)
