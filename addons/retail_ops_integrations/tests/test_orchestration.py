from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import IntegrationCase

TYPES = ("exception_enriched", "message_sent", "message_acknowledged")
MORE = ("workflow_failed", "system_heartbeat")
WORKFLOW = {"name": "stock-discrepancy", "version": "1.0.0", "run": "7"}


@tagged("post_install", "-at_install")
class TestOrchestration(IntegrationCase):
    """What n8n says of a case informs the person who decides, and changes nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in (*TYPES, *MORE):
            cls.source.event_type_ids += cls.env.ref(
                f"retail_ops_integrations.event_type_{name}"
            )

    def setUp(self):
        super().setUp()
        self.accept("case-1")
        self.process_inbox()
        self.case = self.job("case-1").exception_id

    def tell(self, event_id, event_type, timestamp="2026-05-04T09:30:00Z", **data):
        """Have the orchestrator say something of the case, and work it off."""
        named = {
            "reference": self.case.name,
            "correlation_id": self.case.correlation_id,
            "workflow": WORKFLOW,
        }
        self.env["retail.event"]._accept(
            self.source._door(),
            self.body_of(event_type, {**named, **data}, timestamp),
            "application/json",
            event_id,
        )
        self.process_inbox()
        return self.job(event_id)

    def enrich(self, event_id, value, **changes):
        fact = {"name": "Supplier", "value": value, "source": "Odoo, vendors"}
        return self.tell(event_id, "exception.enriched", facts=[fact], **changes)

    def facts(self):
        return self.env["retail.exception.enrichment"].search(
            [("exception_id", "=", self.case.id)]
        )

    def notices(self):
        return self.env["retail.exception.notice"].search(
            [("exception_id", "=", self.case.id)]
        )

    def fail(self, event_id, **data):
        return self.tell(
            event_id, "workflow.failed", system="n8n", error="No answer", **data
        )

    def alert(self):
        return self.env["retail.integration.alert"].search(
            [("kind", "=", "workflow"), ("source_id", "=", self.source.id)]
        )

    # === Facts === #
    def test_a_fact_shows_its_source_and_the_workflow_with_its_version(self):
        before = (self.case.state, self.case.severity, self.case.user_id)
        self.assertEqual(self.enrich("f-1", "Oil Mill").state, "done")
        shown = str(self.case.with_user(self.manager).outside_html)
        for text in ("Oil Mill", "Odoo, vendors", "stock-discrepancy 1.0.0, run 7"):
            self.assertIn(text, shown)
        self.case.invalidate_recordset()
        self.assertEqual(
            (self.case.state, self.case.severity, self.case.user_id), before
        )

    def test_the_same_fact_told_again_is_brought_up_to_date_not_doubled(self):
        self.enrich("f-1", "4 days")
        self.enrich("f-2", "9 days", timestamp="2026-05-04T10:30:00Z")
        self.enrich("f-3", "2 days", timestamp="2026-05-04T08:30:00Z")
        self.assertEqual(self.facts().mapped("value"), ["9 days"])

    def test_what_a_fact_says_is_text_and_never_markup(self):
        self.enrich("f-1", "<script>alert(1)</script>")
        self.assertNotIn("<script>", str(self.case.outside_html))

    def test_who_does_not_know_the_correlation_id_adds_nothing(self):
        job = self.enrich("f-1", "Forged", correlation_id="guessed")
        self.assertEqual(job.state, "parked")
        self.assertFalse(self.facts())

    def test_a_case_of_another_company_is_not_reached(self):
        # The company alone must keep it out, so it is changed behind the ORM's back.
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.env.cr.execute(
            "UPDATE retail_exception SET company_id = %s WHERE id = %s",
            (other.id, self.case.id),
        )
        self.env.invalidate_all()
        self.assertEqual(self.enrich("f-1", "Forged").state, "parked")

    def test_facts_and_notices_are_written_by_nobody_by_hand(self):
        people = (self.account, self.integrator, self.manager)
        for model in ("retail.exception.enrichment", "retail.exception.notice"):
            for user in people:
                with self.assertRaises(AccessError):
                    self.env[model].with_user(user).create(
                        {"exception_id": self.case.id}
                    )

    # === Notices === #
    def test_who_was_told_is_noted_once_and_the_first_time_counts(self):
        for event_id in ("m-1", "m-2"):
            self.tell(event_id, "message.sent", audience="supplier", channel="email")
        self.assertEqual(self.notices().mapped("audience"), ["supplier"])

    def test_an_acknowledgement_stands_on_the_notice(self):
        self.tell("m-1", "message.sent", audience="supplier", channel="email")
        self.tell(
            "a-1", "message.acknowledged", audience="supplier", answer="On Tuesday"
        )
        notice = self.notices()
        self.assertTrue(notice.sent_at and notice.acknowledged_at)
        self.assertIn("On Tuesday", str(self.case.outside_html))

    # === Workflows that fail === #
    def test_a_failing_workflow_has_one_exception_while_it_fails(self):
        self.fail("w-1")
        self.fail("w-2")
        alert = self.alert()
        self.assertEqual(alert.exception_id.type_id.code, "integration_failure")
        self.assertIn("No answer", alert.detail)
        self.assertIn("n8n-outage", alert.runbook_url)

    def test_a_heartbeat_without_failures_clears_it(self):
        self.fail("w-1")
        self.source.clock_tolerance = 3600
        later = (fields.Datetime.now() + timedelta(minutes=1)).isoformat() + "Z"
        self.beat("b-1", later, runs=4, failed_runs=1)
        self.assertFalse(self.alert().cleared_at)
        self.beat("b-2", later, runs=4, failed_runs=0)
        self.assertTrue(self.alert().cleared_at)

    def beat(self, event_id, at, **data):
        return self.tell(event_id, "system.heartbeat", at, system="n8n", **data)

    # === The account === #
    def test_its_account_reads_no_case_and_changes_none(self):
        case = self.case.with_user(self.account)
        with self.assertRaises(AccessError):
            case.read(["name"])
        for method in ("action_acknowledge", "action_close", "action_escalate"):
            with self.assertRaises(AccessError):
                getattr(case, method)()

    def test_an_account_that_may_more_is_no_account_of_a_source(self):
        group = self.env.ref("retail_ops_core.group_store_user")
        mighty = new_test_user(
            self.env, "test_mighty", "retail_ops_integrations.group_integration"
        )
        mighty.group_ids = [Command.link(group.id)]
        with self.assertRaisesRegex(Exception, "more rights"):
            self.source.user_id = mighty
