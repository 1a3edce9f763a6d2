import json

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import BaseCase, new_test_user, tagged

from ..tools import masking
from ..tools.masking import MASK, Rule
from .common import GROUP, IntegrationCase

CARD = "4111 1111 1111 1111"


@tagged("post_install", "-at_install")
class TestMaskingTool(BaseCase):
    def test_a_name_hides_wherever_it_stands(self):
        data = {"email": "a@b.c", "lines": [{"Email": "d@e.f", "qty": 2}]}
        self.assertEqual(
            masking.mask(data, [Rule("email", 0)]),
            {"email": MASK, "lines": [{"Email": MASK, "qty": 2}]},
        )

    def test_a_pointer_hides_one_place_only(self):
        data = {"customer": {"name": "Ann"}, "store": {"name": "Oak"}}
        masked = masking.mask(data, [Rule("/customer/name", 0)])
        self.assertEqual(masked["customer"]["name"], MASK)
        self.assertEqual(masked["store"]["name"], "Oak")

    def test_whole_objects_are_hidden_with_all_that_is_in_them(self):
        masked = masking.mask({"address": {"street": "Elm"}}, [Rule("address", 0)])
        self.assertEqual(masked, {"address": MASK})

    def test_the_last_characters_may_stay(self):
        masked = masking.mask({"iban": "DE02120300000000202051"}, [Rule("iban", 4)])
        self.assertEqual(masked["iban"], MASK + "2051")

    def test_a_short_value_is_hidden_entirely(self):
        self.assertEqual(masking.mask({"pin": "123"}, [Rule("pin", 4)])["pin"], MASK)

    def test_card_numbers_are_hidden_whatever_they_are_called(self):
        data = {"note": f"paid with {CARD}, thanks", "ref": 4111111111111111}
        masked = masking.mask(data, [])
        self.assertEqual(masked["note"], f"paid with {MASK}1111, thanks")
        self.assertEqual(masked["ref"], f"{MASK}1111")

    def test_other_long_numbers_stay(self):
        data = {"ean": "4006381333931", "at": 1767225600, "id": "4111111111111112"}
        self.assertEqual(masking.mask(data, [])["id"], "4111111111111112")
        self.assertEqual(masking.mask(data, [])["at"], 1767225600)

    def test_what_stays_hidden_in_an_edit_is_as_it_was(self):
        original = {"email": "a@b.c", "store": "9942", "lines": [{"email": "d@e.f"}]}
        masked = masking.mask(original, [Rule("email", 0)])
        edited = {**masked, "store": "T042", "new": 1}
        self.assertEqual(
            masking.restore(edited, masked, original),
            {**original, "store": "T042", "new": 1},
        )

    def test_a_hidden_value_can_be_overwritten(self):
        original = {"email": "a@b.c"}
        masked = masking.mask(original, [Rule("email", 0)])
        self.assertEqual(
            masking.restore({"email": "x@y.z"}, masked, original), {"email": "x@y.z"}
        )


@tagged("post_install", "-at_install")
class TestMasking(IntegrationCase):
    def setUp(self):
        super().setUp()
        self.reader = new_test_user(self.env, "test_reader", GROUP + "payload_reader")
        self.accept("evt-1", reason=f"Card {CARD}", email="ann@example.com")
        self.publish(data={"reference": "EXC/1", "phone": "+15550100"})
        self.fact = self.env["retail.outbox"].search(
            [("type", "=", "exception.resolved")], limit=1
        )

    def ask(self, user, **values):
        """Have a user ask for the payload as it came; return what the window shows."""
        job = self.job("evt-1").with_user(user)
        context = job.action_show_raw()["context"]
        window = (
            self.env["retail.raw.payload"]
            .with_user(user)
            .with_context(**context)
            .create({"reason": "The customer asks", **values})
        )
        return window.action_show()["context"]["default_content"]

    def test_screens_hide_personal_data_of_events_and_facts(self):
        shown = self.job("evt-1").with_user(self.integrator).payload_pretty
        self.assertNotIn("ann@example.com", shown)
        self.assertNotIn(CARD, shown)
        self.assertIn("T042", shown)
        fact = self.fact.with_user(self.integrator).payload_pretty
        self.assertNotIn("+15550100", fact)

    def test_nobody_reads_or_searches_the_raw_payload_by_rpc(self):
        for user in (self.integrator, self.reader, self.env.ref("base.user_admin")):
            event = self.job("evt-1").payload_id.with_user(user)
            with self.subTest(user.login), self.assertRaises(AccessError):
                event.read(["raw_body"])
            with self.assertRaises(AccessError):
                event.search([("raw_body", "like", "ann@")])
            with self.assertRaises(AccessError):
                self.fact.with_user(user).read(["data"])
            with self.assertRaises(AccessError):
                event.search([], order="raw_body")

    def test_the_job_and_the_delivery_give_no_way_round(self):
        job = self.job("evt-1").with_user(self.integrator)
        with self.assertRaises(AccessError):
            job.read(["raw_body"])
        with self.assertRaises(AccessError):
            job.search([("payload_id.raw_body", "like", "ann@")])
        self.integrator.group_ids += self.env.ref("base.group_allow_export")
        with self.assertRaises(AccessError):
            job.export_data(["payload_id/raw_body"])

    def test_a_payload_reader_sees_it_and_that_stands_in_the_ledger(self):
        self.assertIn("ann@example.com", self.ask(self.reader))
        entry = self.env["retail.audit.entry"].search(
            [("action", "=", "payload.read")], limit=1
        )
        self.assertEqual(entry.user_id, self.reader.id)
        self.assertEqual(entry.res_id, self.job("evt-1").id)
        self.assertEqual(entry.facts, {"reason": "The customer asks"})

    def test_others_are_refused_and_nothing_is_shown(self):
        for user in (self.integrator, self.account, self.auditor, self.outsider):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.ask(user)

    def test_a_reader_of_another_company_is_refused(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.reader.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        with self.assertRaises(AccessError):
            self.ask(self.reader)

    def test_a_new_rule_hides_at_once_and_stands_in_the_ledger(self):
        rule = (
            self.env["retail.mask.rule"]
            .with_user(self.admin)
            .create({"path": "/counted"})
        )
        shown = json.loads(self.job("evt-1").payload_pretty)
        self.assertEqual(shown["data"]["counted"], MASK)
        self.assertTrue(
            self.env["retail.audit.entry"].search_count(
                [("action", "=", "mask_rule.created"), ("res_id", "=", rule.id)]
            )
        )

    def test_an_integrator_cannot_change_the_rules(self):
        rules = self.env["retail.mask.rule"].with_user(self.integrator)
        with self.assertRaises(AccessError):
            rules.search([])[:1].active = False

    def test_a_rule_that_hides_nothing_is_refused(self):
        for path, keep in (("/", 0), ("email2", 9), ("phone2", -1)):
            with self.subTest(path), self.assertRaises(ValidationError):
                self.env["retail.mask.rule"].create({"path": path, "keep": keep})

    def test_a_card_number_does_not_reach_the_case(self):
        self.process_inbox()
        reason = self.job("evt-1").exception_id.reason
        self.assertEqual(reason, f"Card {MASK}{CARD[-4:]}")

    def test_a_card_number_in_what_others_report_does_not_reach_the_case(self):
        self.accept(
            "evt-2",
            "store.exception.reported",
            exception_type="equipment_failure",
            summary=f"Till printed {CARD}",
            amount=1,
        )
        self.process_inbox()
        self.assertNotIn(CARD, self.job("evt-2").exception_id.summary)
