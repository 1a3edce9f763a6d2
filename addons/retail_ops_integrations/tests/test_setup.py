import json
import re
import time
from pathlib import Path

from psycopg2.errors import UniqueViolation

from odoo.exceptions import UserError, ValidationError
from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from ..models.retail_source import TAKEN_CODES
from ..tools import api_key, example, standard_webhooks
from .common import IntegrationCase
from .receiver import Receiver


@tagged("post_install", "-at_install")
class TestSetup(IntegrationCase):
    # === Sources === #
    def test_a_source_without_key_or_types_cannot_be_activated(self):
        source = self.copy_source("test-new")
        with self.assertRaisesRegex(UserError, "key"):
            source.action_activate()
        self.env["retail.source.key"]._issue({"source_id": source.id})
        source.event_type_ids = False
        with self.assertRaisesRegex(UserError, "send nothing"):
            source.action_activate()

    def test_no_source_takes_the_keys_of_cases_that_are_raised_here(self):
        for code in TAKEN_CODES:
            with self.subTest(code), self.assertRaises(ValidationError):
                self.source.code = code

    def test_each_word_that_begins_a_key_here_is_taken(self):
        begins = re.compile(r'(?:intake_key": |own_key = )f"([a-z-]+):\{')
        folder = Path(__file__).parents[2]
        words = {
            word
            for path in folder.glob("retail_ops_*/models/retail_*.py")
            for word in begins.findall(path.read_text(encoding="utf-8"))
        }
        self.assertLessEqual(words, TAKEN_CODES)
        self.assertIn("checklist", words)

    def test_a_code_is_what_a_header_can_hold_and_unique(self):
        for code in ("", "a", "Caps", "with space", "é", "x" * 65):
            with self.subTest(code), self.assertRaises(ValidationError):
                self.source.code = code

    def test_an_account_with_more_rights_is_refused(self):
        for user in (self.operations, self.admin, self.outsider, self.integrator):
            with self.assertRaisesRegex(ValidationError, "integration account"):
                self.source.user_id = user

    @mute_logger("odoo.sql_db")
    def test_two_sources_do_not_share_an_account(self):
        other = self.copy_source("test-new")
        with self.assertRaises(UniqueViolation), self.cr.savepoint():
            other.user_id = self.account
            other.flush_recordset()

    def test_the_refusal_of_a_shared_account_says_what_to_do(self):
        shared = self.registry["retail.source"]._user_unique
        self.assertIn("one of its own", shared.get_error_message(self.source))

    def test_an_update_parts_accounts_that_are_shared_and_keeps_what_is_told_apart(
        self,
    ):
        others = [self.copy_source(f"test-shared-{n}") for n in range(2)]
        self.cr.execute("DROP INDEX retail_source_user_unique")
        for source in others:
            source.user_id = self.account
        sources = self.env["retail.source"]
        sources._part_shared_accounts()
        accounts = self.source.user_id + others[0].user_id + others[1].user_id
        self.assertEqual(self.source.user_id, self.account)
        self.assertEqual(len(accounts), 3)
        for account in accounts:
            self.assertTrue(account._is_integration_account())
        self.assertIn(self.account.login, others[0].message_ids[:1].body)
        self.assertFalse(sources._sharing_accounts())
        kept = others[0].user_id
        sources._part_shared_accounts()
        self.assertEqual(others[0].user_id, kept)

    def test_an_update_gives_no_rights_on_that_a_shared_account_has_got_since(self):
        other = self.copy_source("test-shared")
        self.cr.execute("DROP INDEX retail_source_user_unique")
        other.user_id = self.account
        self.account.group_ids += self.env.ref("retail_ops_core.group_auditor")
        self.env["retail.source"]._part_shared_accounts()
        self.assertNotEqual(other.user_id, self.account)
        self.assertTrue(other.user_id._is_integration_account())

    def test_an_owner_who_could_not_act_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "Integrator"):
            self.source.owner_id = self.manager

    def test_limits_are_within_reason(self):
        for values in (
            {"clock_tolerance": 0},
            {"clock_tolerance": 3601},
            {"rate_per_minute": -1},
        ):
            with self.assertRaises(ValidationError):
                self.source.write(values)

    def test_activation_and_suspension_stand_in_the_ledger(self):
        self.source.with_user(self.admin).action_suspend()
        entry = self.env["retail.audit.entry"].search(
            [("model", "=", "retail.source"), ("res_id", "=", self.source.id)], limit=1
        )
        self.assertEqual(
            (entry.action, entry.user_id), ("source.suspended", self.admin.id)
        )

    # === Keys === #
    def test_a_secret_is_shown_once_and_stored_nowhere(self):
        action = self.source.with_user(self.admin).action_issue_key()
        secret = action["context"]["default_secret"]
        self.assertTrue(standard_webhooks.decode_secret(secret))
        self.assertIn(secret, action["context"]["default_command"])
        self.env.cr.execute("SELECT sealed_secret FROM retail_source_key")
        self.assertNotIn(secret, str(self.env.cr.fetchall()))
        shown = Form(
            self.env["retail.secret.reveal"]
            .with_user(self.admin)
            .with_context(**action["context"])
        )
        self.assertEqual(shown.secret, secret)
        self.env.cr.execute("SELECT * FROM retail_secret_reveal")
        self.assertNotIn(secret, str(self.env.cr.fetchall()))

    def test_the_secret_of_an_endpoint_is_shown_once_and_stored_nowhere(self):
        endpoint, _secret = self.create_endpoint(Receiver(self).url)
        action = endpoint.with_user(self.admin).action_issue_key()
        secret = action["context"]["default_secret"]
        self.assertTrue(standard_webhooks.decode_secret(secret))
        for table in (
            "retail_endpoint_key",
            "retail_secret_reveal",
            "retail_audit_entry",
            "mail_message",
        ):
            self.env.cr.execute(f"SELECT * FROM {table}")
            self.assertNotIn(secret, str(self.env.cr.fetchall()), table)
        again = endpoint.with_user(self.admin).action_issue_key()
        self.assertNotEqual(again["context"]["default_secret"], secret)

    def test_issuing_and_revoking_stand_in_the_ledger_without_the_secret(self):
        key = self.source.key_ids
        key.action_revoke()
        entries = self.env["retail.audit.entry"].search(
            [("model", "=", "retail.source.key"), ("res_id", "=", key.id)]
        )
        self.assertEqual(set(entries.mapped("action")), {"key.issued", "key.revoked"})
        self.assertNotIn(self.secret, str(entries.mapped("facts")))

    def test_older_keys_run_out_and_there_are_never_more_than_ten(self):
        keys = self.env["retail.source.key"]
        for _issue in range(12):
            keys._issue({"source_id": self.source.id})
        in_force = self.source.key_ids.filtered(
            lambda key: key.state in ("in_force", "expiring")
        )
        self.assertEqual(len(in_force), 10)
        self.assertEqual(in_force.mapped("state").count("in_force"), 1)

    def test_without_overlap_the_old_key_ends_now(self):
        self.env["retail.source.key"]._issue({"source_id": self.source.id}, 0)
        self.assertEqual(len(self.source._door().keys_at(10**10)), 1)

    def test_the_command_to_paste_signs_like_we_do(self):
        command = example.curl(
            "http://localhost/x", "pos", self.secret, "a.b", 1, '{"it": "it\'s"}'
        )
        self.assertIn(self.secret, command)
        self.assertIn("'\\''", command)

    def test_demo_credentials_are_new_each_time(self):
        if not self.env.ref(
            "retail_ops_integrations.source_demo_pos", raise_if_not_found=False
        ):
            return
        first = self.env["retail.source"]._provision_demo_credentials()
        second = self.env["retail.source"]._provision_demo_credentials()
        self.assertEqual(first["source"]["code"], "pos-us")
        self.assertNotEqual(first["source"]["secret"], second["source"]["secret"])
        self.assertEqual(second["endpoint"]["url"], "http://127.0.0.1:8900/")
        source = self.env.ref("retail_ops_integrations.source_demo_pos")
        self.assertEqual(source.state, "active")
        self.assertEqual(len(source._door().keys_at(10**10)), 1)

    # === Event types === #
    def test_shipped_samples_match_their_schemas(self):
        self.env["retail.event.type"].search([])._check_schema()

    def test_a_schema_that_cannot_be_used_is_refused(self):
        for text in ("{", "[]", '{"type": 1}', '{"$ref": "http://127.0.0.1/x"}'):
            with self.subTest(text), self.assertRaises(ValidationError):
                self.found.schema = text

    def test_a_sample_that_breaks_its_schema_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "/store"):
            self.found.sample = json.dumps(
                {**json.loads(self.found.sample), "store": 42}
            )

    def test_a_handler_must_exist(self):
        for handler in ("nothing", "../x", "stock_discrepancy_found()"):
            with self.subTest(handler), self.assertRaises(ValidationError):
                self.found.handler = handler

    def test_a_new_version_stands_beside_the_old_one(self):
        self.found.copy({"version": 2})
        catalogue = self.env["retail.event.type"]._catalogue()
        self.assertIn(("stock.discrepancy.found", 1), catalogue)
        self.assertIn(("stock.discrepancy.found", 2), catalogue)

    # === Copies === #
    def neutralize(self):
        for query in get_neutralization_queries(["retail_ops_integrations"]):
            self.env.cr.execute(query)
        self.env.registry.clear_cache()
        self.env.invalidate_all()

    def test_a_neutralized_copy_takes_nothing_and_sends_nothing(self):
        receiver = Receiver(self)
        endpoint, _secret = self.create_endpoint(receiver.url)
        self.publish()
        self.env.flush_all()
        self.neutralize()
        self.assertEqual(self.source.state, "suspended")
        self.assertNotIn("test-pos", self.env["retail.source"]._doors())
        self.assertEqual(endpoint.state, "disabled")
        self.assertEqual(set(self.source.key_ids.mapped("state")), {"revoked"})
        self.deliver()
        self.assertEqual(receiver.requests, [])
        self.env.cr.execute("SELECT DISTINCT sealed_secret FROM retail_source_key")
        self.assertEqual(self.env.cr.fetchall(), [("",)])

    def test_a_neutralized_copy_knows_no_api_key(self):
        self.source.allows_api_keys = True
        key = self.env["retail.source.api.key"]._issue(
            self.source, "Handhelds", ["may_send_events"], 90
        )
        self.env.flush_all()
        self.neutralize()
        self.assertEqual(set(self.source.api_key_ids.mapped("state")), {"revoked"})
        self.source.sudo().state = "active"
        self.env.registry.clear_cache()
        door = self.env["retail.source"]._doors()[self.source.code]
        self.assertIsNone(api_key.find(door.api_keys_at(time.time()), key))
        self.assertEqual(door.keys, ())

    def test_a_neutralized_copy_sends_nothing_even_if_activated_again(self):
        receiver = Receiver(self)
        self.create_endpoint(receiver.url)
        self.env["ir.config_parameter"].set_param("database.is_neutralized", True)
        self.publish()
        self.deliver()
        self.assertEqual(receiver.requests, [])
        self.assertTrue(self.source.is_neutralized)

    def test_owners_see_the_failed_count_on_their_source(self):
        self.accept("evt-1", store="9942")
        self.process_inbox()
        source = self.source.with_user(self.integrator)
        self.assertEqual((source.event_count, source.failed_count), (1, 1))
        user = new_test_user(
            self.env, "test_second", "retail_ops_integrations.group_integrator"
        )
        self.assertEqual(source.with_user(user).failed_count, 1)
