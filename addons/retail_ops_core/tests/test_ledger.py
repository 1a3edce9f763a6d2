from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg2

from odoo.exceptions import AccessError
from odoo.tools import mute_logger

from .common import RetailOpsCase


class TestLedger(RetailOpsCase):
    def setUp(self):
        super().setUp()
        self.Entry = self.env["retail.audit.entry"]
        self.Seal = self.env["retail.audit.seal"]
        folder = self.enterContext(TemporaryDirectory())
        self.patch(
            type(self.Seal), "_heads_file", lambda _self: Path(folder) / "heads.jsonl"
        )

    def _seal_everything(self):
        while self.Seal._seal_batch():
            pass
        self.env.flush_all()

    def test_a_transition_is_recorded_with_who_and_what(self):
        exception = self._take_in()
        exception.with_user(self.manager).action_start()
        entry = self.Entry.search(
            [("model", "=", "retail.exception"), ("res_id", "=", exception.id)], limit=1
        )
        self.assertEqual(entry.action, "exception.in_progress")
        self.assertEqual(entry.user_id, self.manager.id)
        self.assertEqual(entry.facts, {"from": "triaged", "to": "in_progress"})
        self.assertEqual(entry.correlation_id, exception.correlation_id)

    def test_entries_are_sealed_into_a_chain_that_verifies(self):
        self._take_in()
        self._seal_everything()
        result = self.Seal._verify()
        self.assertIsNone(result["first_bad_entry"])
        self.assertEqual(result["unsealed"], 0)
        self.assertEqual(result["head"], self.Seal._head())

    def test_what_is_not_sealed_yet_is_counted(self):
        self._seal_everything()
        entries = self.Entry._record(self.store | self.other_store, "test", {})
        self.assertEqual(self.Seal._verify()["unsealed"], len(entries))

    def test_verification_names_the_first_row_somebody_changed(self):
        entries = self.Entry._record(self.store | self.other_store, "test", {"n": 1})
        self._seal_everything()
        self.env.cr.execute("ALTER TABLE retail_audit_entry DISABLE TRIGGER USER")
        self.env.cr.execute(
            "UPDATE retail_audit_entry SET facts = '{\"n\": 2}' WHERE id = %s",
            [entries[0].id],
        )
        self.assertEqual(self.Seal._verify()["first_bad_entry"], entries[0].id)

    def test_verification_names_the_first_row_somebody_deleted(self):
        entries = self.Entry._record(self.store | self.other_store, "test", {})
        self._seal_everything()
        self.env.cr.execute("ALTER TABLE retail_audit_entry DISABLE TRIGGER USER")
        self.env.cr.execute(
            "DELETE FROM retail_audit_entry WHERE id = %s", [entries[1].id]
        )
        self.assertEqual(self.Seal._verify()["first_bad_entry"], entries[1].id)

    def test_the_head_is_published_outside_the_database(self):
        self._take_in()
        self._seal_everything()
        self.Seal._cron_verify()
        self.assertEqual(self.Seal._published_heads()[-1]["digest"], self.Seal._head())
        self.assertFalse(self.Seal._missing_heads())

    def test_a_chain_that_ends_before_a_published_head_raises_an_exception(self):
        self._take_in()
        self._seal_everything()
        self.Seal._publish_head()
        self.env.cr.execute("ALTER TABLE retail_audit_seal DISABLE TRIGGER USER")
        self.env.cr.execute(
            "DELETE FROM retail_audit_seal WHERE id = (SELECT MAX(id) FROM"
            " retail_audit_seal)"
        )
        self.env.invalidate_all()
        self.Seal._cron_verify()
        raised = self.env["retail.exception"].search(
            [("type_id.code", "=", "ledger_broken")]
        )
        self.assertEqual(raised.severity, "critical")
        self.assertIn("missing from the chain", raised.reason)
        self.Seal._cron_verify()
        self.assertEqual(
            self.env["retail.exception"].search(
                [("type_id.code", "=", "ledger_broken")]
            ),
            raised,
        )

    def test_the_database_refuses_update_delete_and_truncate(self):
        entry = self.Entry._record(self.store, "test", {})
        self._seal_everything()
        statements = [
            "UPDATE retail_audit_entry SET action = 'x'",
            "DELETE FROM retail_audit_entry",
            "TRUNCATE retail_audit_entry",
            "UPDATE retail_audit_seal SET digest = 'x'",
            "DELETE FROM retail_audit_seal",
            "TRUNCATE retail_audit_seal",
        ]
        for statement in statements:
            with (
                self.subTest(statement),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.InsufficientPrivilege),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(statement)
        self.assertTrue(entry.exists())

    def test_nobody_writes_creates_or_deletes_entries_as_a_user(self):
        entry = self.Entry._record(self.store, "test", {})
        for user in (self.manager, self.operations, self.auditor, self.admin):
            mine = entry.with_user(user)
            with self.subTest(user.login):
                for attempt in (
                    lambda mine=mine: mine.write({"action": "x"}),
                    lambda mine=mine: mine.unlink(),
                    lambda mine=mine: mine.copy(),
                    lambda mine=mine: mine.create({"action": "x"}),
                ):
                    self.assertRaises(AccessError, attempt)

    def test_even_the_superuser_cannot_change_an_entry_through_the_orm(self):
        entry = self.Entry._record(self.store, "test", {})
        with self.assertRaisesRegex(AccessError, "append-only"):
            entry.sudo().write({"action": "x"})
        with self.assertRaisesRegex(AccessError, "append-only"):
            entry.sudo().unlink()

    def test_only_auditors_and_administrators_read_the_ledger(self):
        entry = self.Entry._record(self.store, "test", {})
        self.assertTrue(entry.with_user(self.auditor).action)
        self.assertTrue(entry.with_user(self.admin).action)
        for user in (self.manager, self.region_manager, self.finance, self.outsider):
            with self.subTest(user.login), self.assertRaises(AccessError):
                entry.with_user(user).read(["action"])

    def test_recording_a_hundred_facts_costs_at_most_two_queries(self):
        stores = self.env["retail.store"].create(
            [
                {"name": f"S{n}", "code": f"S{n}", "region_id": self.region.id}
                for n in range(100)
            ]
        )
        stores.mapped("company_id.id")
        self.Entry._record(stores[:1], "test", {})
        self.env.flush_all()
        with self.assertQueryCount(2):
            self.Entry._record(stores, "test", {"n": 1})
            self.env.flush_all()
