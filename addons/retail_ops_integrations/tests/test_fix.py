import json

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import IntegrationCase


@tagged("post_install", "-at_install")
class TestFix(IntegrationCase):
    def setUp(self):
        super().setUp()
        self.accept("evt-1", store="9942", email="ann@example.com")
        self.process_inbox()

    def fix(self, user=None, job=None, **changes):
        """Correct the data as the window does, from what it shows."""
        user = user or self.integrator
        job = (job or self.job("evt-1")).with_user(user)
        context = job.action_fix()["context"]
        data = {**json.loads(context["default_data"]), **changes}
        window = (
            self.env["retail.event.fix"]
            .with_user(user)
            .with_context(**context)
            .create({"data": json.dumps(data), "reason": "Typing error in the till"})
        )
        return window.action_confirm()

    def test_a_corrected_event_has_its_effect(self):
        self.fix(store="T042")
        self.process_inbox()
        job = self.job("evt-1")
        self.assertEqual(job.state, "done")
        self.assertEqual(job.exception_id.store_id, self.store)

    def test_what_arrived_is_kept_beside_the_correction(self):
        before = self.job("evt-1").sudo().payload_id.raw_body
        digest = self.job("evt-1").body_sha256
        self.fix(store="T042")
        job = self.job("evt-1")
        self.assertEqual(job.sudo().payload_id.raw_body, before)
        self.assertEqual(job.body_sha256, digest)
        correction = job.correction_ids
        self.assertEqual(correction.user_id, self.integrator)
        self.assertIn("T042", correction.data_pretty)
        self.assertNotIn("ann@example.com", correction.data_pretty)

    def test_hidden_values_survive_the_correction(self):
        self.fix(store="T042")
        data = self.job("evt-1").sudo().payload_id._data()
        self.assertEqual(data["email"], "ann@example.com")

    def test_the_reason_stands_in_the_ledger(self):
        self.fix(store="T042")
        entry = self.env["retail.audit.entry"].search(
            [("action", "=", "event.corrected")], limit=1
        )
        self.assertEqual(entry.user_id, self.integrator.id)
        self.assertEqual(entry.facts["reason"], "Typing error in the till")

    def test_data_that_breaks_the_contract_is_refused_and_says_where(self):
        with self.assertRaisesRegex(UserError, "/counted"):
            self.fix(counted="many")

    def test_json_that_is_not_strict_is_refused(self):
        job = self.job("evt-1").with_user(self.integrator)
        for text in ('{"a": 1, "a": 2}', "NaN", "[1]", "{"):
            with self.subTest(text), self.assertRaises(UserError):
                job._correct(text, "x")

    def test_what_had_its_effect_cannot_be_corrected(self):
        self.accept("evt-2")
        self.process_inbox()
        with self.assertRaises(UserError):
            self.fix(job=self.job("evt-2"), counted=1)

    def test_a_correction_replayed_again_has_no_second_effect(self):
        self.fix(store="T042")
        self.process_inbox()
        first = self.job("evt-1").exception_id
        for _time in range(3):
            self.job("evt-1").with_user(self.integrator)._replay("again")
            self.process_inbox()
        self.assertEqual(self.job("evt-1").exception_id, first)
        self.assertEqual(
            self.env["retail.exception"].search_count(
                [("intake_key", "=", "test-pos:evt-1")]
            ),
            1,
        )

    def test_the_correction_and_the_replay_are_hops_of_the_case(self):
        self.fix(store="T042")
        case = self.job("evt-1").correlation_id
        hops = self.env["retail.trace"].search(
            [("correlation_id", "=", case), ("kind", "=", "person")]
        )
        self.assertEqual(
            set(hops.mapped("what")), {"event.corrected", "event.replayed"}
        )
        self.assertEqual(set(hops.mapped("party")), {self.integrator.name})
        self.assertEqual(set(hops.mapped("outcome")), {"Typing error in the till"})

    def test_only_an_integrator_corrects(self):
        for user in (self.account, self.auditor, self.outsider):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.fix(user)

    def test_nobody_writes_corrections_by_hand(self):
        with self.assertRaises(AccessError):
            self.env["retail.event.correction"].with_user(self.integrator).create(
                {"event_id": self.job("evt-1").payload_id.id, "data": "{}"}
            )

    def test_an_event_is_parked_by_hand_and_the_next_of_its_key_goes_on(self):
        self.accept("evt-2")
        self.accept("evt-3")
        self.job("evt-2").with_user(self.integrator)._park("the store is closed")
        self.process_inbox()
        self.assertEqual(self.states("evt-2", "evt-3"), ["parked", "done"])
        self.assertEqual(self.job("evt-2").reason, "the store is closed")
