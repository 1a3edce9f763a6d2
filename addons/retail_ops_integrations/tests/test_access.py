import base64
import json
from xmlrpc.client import Fault

from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import GROUP, IntegrationCase

MODELS = (
    "retail.event",
    "retail.event.job",
    "retail.source",
    "retail.source.key",
    "retail.endpoint",
    "retail.endpoint.key",
    "retail.event.type",
    "retail.egress.rule",
    "retail.outbox",
    "retail.delivery",
    "retail.delivery.attempt",
    "retail.refusal",
    "retail.trace",
    "retail.source.api.key",
    "retail.object",
    "retail.object.owner",
    "retail.status",
    "retail.status.word",
    "retail.tracked.object",
    "retail.latest.fact",
)
RECORDS = ("retail.event", "retail.event.job", "retail.outbox", "retail.delivery")
PASSWORD = "correct horse battery"


@tagged("post_install", "-at_install")
class TestAccess(IntegrationCase, HttpCase):
    """Attacks over the RPC doors that Odoo has, as who could try."""

    def setUp(self):
        super().setUp()
        self.accept("evt-1")
        self.endpoint, _secret = self.create_endpoint("https://hooks.example.com/")
        self.publish()
        users = self.account + self.integrator + self.admin + self.auditor
        users.password = PASSWORD

    def call(self, user, model, method, *args, **kwargs):
        """Call a method over the web client's JSON-RPC; return result or None."""
        answer = self.answer(user, model, method, *args, **kwargs).json()
        return answer.get("result") if "error" not in answer else None

    def answer(self, user, model, method, *args, **kwargs):
        """Return the response of the web client's JSON-RPC as it is."""
        self.authenticate(user.login, PASSWORD)
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        return self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            data=json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}),
            headers={"Content-Type": "application/json"},
        )

    def call_json2(self, user, model, method, **kwargs):
        """Call a method over JSON-2 with an API key; return the HTTP status."""
        key = (
            self.env["res.users.apikeys"]
            .with_user(user)
            .sudo()
            ._generate("rpc", "test", None)
        )
        return self.url_open(
            f"/json/2/{model}/{method}",
            data=json.dumps(kwargs),
            headers={
                "Content-Type": "application/json",
                "Authorization": f"Bearer {key}",
            },
        ).status_code

    def refused(self, user, model, method, *args, **kwargs):
        """Tell whether a call is refused."""
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_model"):
            return self.call(user, model, method, *args, **kwargs) is None

    def test_an_integration_account_reads_nothing(self):
        for model in MODELS:
            self.assertTrue(self.refused(self.account, model, "search_read", [], []))
            with mute_logger("odoo.http"):
                self.assertEqual(
                    self.call_json2(self.account, model, "search_read", domain=[]), 403
                )

    def test_an_integration_account_sees_no_store_and_no_exception(self):
        self._take_in()
        for model in ("retail.exception", "retail.store", "retail.audit.entry"):
            with mute_logger("odoo.http"):
                self.assertFalse(self.call(self.account, model, "search", []), model)

    def test_an_integration_account_writes_nothing(self):
        job = self.job("evt-1")
        attempts = (
            ("retail.exception", "create", {"summary": "x"}),
            ("retail.event", "create", {"event_id": "x"}),
            ("retail.event.job", "write", [job.id], {"state": "done"}),
            ("retail.event.job", "unlink", [job.id]),
            ("retail.source", "write", [self.source.id], {"rate_per_minute": 0}),
            ("retail.source", "action_issue_key", [self.source.id]),
            ("retail.event.job", "action_replay", [job.id]),
            ("retail.reason", "create", {"step": "event_skip", "reason": "x"}),
        )
        for attempt in attempts:
            with self.subTest(attempt):
                self.assertTrue(self.refused(self.account, *attempt))
        self.assertEqual(self.job("evt-1").state, "received")

    def test_nobody_reads_a_secret_not_even_its_encrypted_form(self):
        for user in (self.integrator, self.admin, self.auditor):
            for model, key in (
                ("retail.source.key", self.source.key_ids),
                ("retail.endpoint.key", self.endpoint.key_ids),
            ):
                reads = (
                    ("read", [key.id], ["sealed_secret"]),
                    ("search_read", [], ["sealed_secret"]),
                    ("export_data", [key.id], ["sealed_secret"]),
                    ("formatted_read_group", [], ["sealed_secret"]),
                    ("search", [("sealed_secret", "like", "g%")]),
                    ("copy", [key.id]),
                )
                for method, *args in reads:
                    with self.subTest(user=user.login, model=model, method=method):
                        self.assertTrue(self.refused(user, model, method, *args))
                known = self.call(user, model, "read", [key.id], [])
                self.assertNotIn("sealed_secret", str(known))

    def test_a_key_is_neither_made_nor_changed_by_hand(self):
        key = self.source.key_ids
        for user in (self.integrator, self.admin):
            for method, *args in (
                ("create", {"source_id": self.source.id, "sealed_secret": "x"}),
                ("write", [key.id], {"valid_until": False, "revoked_at": False}),
                ("unlink", [key.id]),
            ):
                self.assertTrue(self.refused(user, "retail.source.key", method, *args))
        self.assertTrue(
            self.refused(
                self.admin,
                "retail.source",
                "write",
                [self.source.id],
                {"key_ids": [(0, 0, {"sealed_secret": "x"})]},
            )
        )

    def test_an_integrator_cannot_issue_or_revoke_or_open_a_door(self):
        attempts = (
            ("retail.source", "action_issue_key", [self.source.id]),
            ("retail.source", "action_suspend", [self.source.id]),
            ("retail.source.key", "action_revoke", self.source.key_ids.ids),
            ("retail.endpoint", "action_disable", [self.endpoint.id]),
            ("retail.endpoint", "write", [self.endpoint.id], {"url": "https://x.yz"}),
            ("retail.egress.rule", "create", {"destination": "10.0.0.1"}),
            ("retail.event.type", "write", [self.found.id], {"handler": False}),
        )
        for attempt in attempts:
            with self.subTest(attempt):
                self.assertTrue(self.refused(self.integrator, *attempt))

    def test_events_and_deliveries_are_read_only_even_to_the_administrator(self):
        for model in RECORDS:
            record = self.env[model].search([], limit=1)
            for user in (self.integrator, self.admin, self.auditor):
                self.assertTrue(
                    self.refused(user, model, "write", [record.id], {"type": "x"})
                )
                self.assertTrue(self.refused(user, model, "unlink", [record.id]))
                self.assertTrue(self.refused(user, model, "create", {"type": "x"}))
                self.assertTrue(self.refused(user, model, "copy", [record.id]))

    def test_the_state_of_a_door_is_not_a_field_to_write(self):
        for model, record in (
            ("retail.source", self.source),
            ("retail.endpoint", self.endpoint),
        ):
            values = {"state": "draft"}
            self.assertTrue(
                self.refused(self.admin, model, "write", [record.id], values)
            )
        account = new_test_user(self.env, "test_x", GROUP + "integration")
        draft = {
            "name": "x",
            "code": "test-x",
            "user_id": account.id,
            "owner_id": self.integrator.id,
            "state": "active",
        }
        self.assertTrue(self.refused(self.admin, "retail.source", "create", draft))
        del draft["state"]
        with mute_logger("odoo.http"):
            created = self.call(
                self.admin,
                "retail.source",
                "create",
                draft,
                context={"default_state": "active"},
            )
        self.assertTrue(
            created is None
            or self.env["retail.source"].browse(created).state == "draft"
        )

    def test_a_source_without_a_system_of_record_is_not_activated_over_rpc(self):
        self.source.action_suspend()
        self.found.system_of_record = False
        activate = (self.admin, "retail.source", "action_activate", self.source.ids)
        with mute_logger("odoo.http"):
            self.assertTrue(self.refused(*activate))
            self.env.invalidate_all()
            self.assertEqual(self.source.state, "suspended")
            self.found.system_of_record = "Till"
            self.call(*activate)
        self.env.invalidate_all()
        self.assertEqual(self.source.state, "active")

    def call_xmlrpc(self, user, model, method, *args):
        """Call a method over XML-RPC; return result or None."""
        try:
            return self.xmlrpc_object.execute_kw(
                self.env.cr.dbname, user.id, PASSWORD, model, method, list(args)
            )
        except Fault:
            return None

    def call_jsonrpc(self, user, model, method, *args):
        """Call a method over the older JSON-RPC; return result or None."""
        params = {
            "service": "object",
            "method": "execute_kw",
            "args": [
                self.env.cr.dbname,
                user.id,
                PASSWORD,
                model,
                method,
                list(args),
            ],
        }
        return (
            self.url_open(
                "/jsonrpc",
                data=json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}),
                headers={"Content-Type": "application/json"},
            )
            .json()
            .get("result")
        )

    def test_no_door_of_odoo_lets_an_integration_account_do_anything(self):
        exception = self._take_in()
        before = exception.read()[0]
        attempts = (
            ("retail.exception", "create", {"summary": "x", "store_id": 1}),
            ("retail.exception", "write", exception.ids, {"state": "resolved"}),
            ("retail.exception", "action_resolve", exception.ids),
            ("retail.exception", "unlink", exception.ids),
            ("retail.source", "write", self.source.ids, {"allows_api_keys": True}),
            ("retail.source", "action_issue_api_key", self.source.ids),
            ("retail.secret.entry", "create", {"source_id": self.source.id}),
            ("retail.status.word", "create", {"word": "x"}),
            ("retail.object.owner", "create", {"object_id": 1}),
            ("retail.event.type", "write", self.found.ids, {"schema": "{}"}),
            ("ir.config_parameter", "search_read", []),
            ("ir.actions.server", "create", {"name": "x"}),
            ("res.users", "write", self.account.ids, {"group_ids": [(5,)]}),
        )
        doors = (self.call, self.call_xmlrpc, self.call_jsonrpc)
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_model"):
            for attempt in attempts:
                for door in doors:
                    with self.subTest(attempt, door=door.__name__):
                        self.assertIsNone(door(self.account, *attempt))
                model, method, *args = attempt
                named = {"ids": args[0]} if isinstance(args[0], list) else {}
                status = self.call_json2(self.account, model, method, **named)
                self.assertGreaterEqual(status, 400, attempt)
        self.env.invalidate_all()
        self.assertEqual(exception.read()[0], before)

    def test_exports_and_chatter_hold_no_secret(self):
        self.admin.group_ids += self.env.ref("base.group_allow_export")
        for counterpart in (self.source, self.endpoint):
            with self.subTest(counterpart._name):
                secret = self._issued(counterpart)
                texts = self._exported(counterpart), self._said(counterpart)
                sealed = counterpart.key_ids[:1].sudo().sealed_secret
                self.assertTrue(sealed)
                for text in texts:
                    self.assertNotIn(secret, text)
                    self.assertNotIn(sealed, text)

    def _issued(self, counterpart):
        action = counterpart.with_user(self.admin).action_issue_key()
        self.env.flush_all()
        return action["context"]["default_secret"]

    def _exported(self, counterpart):
        record = counterpart.with_user(self.admin)
        names = [
            name
            for name, field in record._fields.items()
            if field.exportable and record._has_field_access(field, "read")
        ]
        return str(record.export_data(names))

    def _said(self, counterpart):
        messages = self.env["mail.message"].search(
            [("model", "=", counterpart._name), ("res_id", "=", counterpart.id)]
        )
        tracked = messages.tracking_value_ids.mapped("new_value_char")
        return str([*messages.mapped("body"), *tracked])

    def test_errors_hold_no_secret(self):
        """Neither what the door answers nor what the web client is told names a key."""
        secret = self._issued(self.source)
        sealed = self.source.key_ids[:1].sudo().sealed_secret
        answer = self.url_open(
            "/retail_ops/v1/events",
            data=b"{}",
            headers={
                "Retail-Ops-Source": self.source.code,
                "webhook-signature": f"v1,{secret}",
            },
            method="POST",
        )
        self.assertEqual(answer.status_code, 401)
        key = self.source.key_ids[:1]
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_model"):
            told = self.answer(
                self.admin, key._name, "write", key.ids, {"sealed_secret": secret}
            )
        self.assertIn("error", told.json())
        for text in (answer.text, told.text):
            self.assertNotIn(secret, text)
            self.assertNotIn(sealed, text)

    def test_private_methods_are_no_door(self):
        job = self.job("evt-1")
        for model, method, ids in (
            ("retail.event.job", "_replay", [job.id]),
            ("retail.event.job", "_process_inbox", []),
            ("retail.event", "_accept", []),
            ("retail.publisher", "_publish", []),
            ("retail.source", "_provision_demo_credentials", []),
            ("retail.secret.box", "_unseal", ["x"]),
            ("retail.event.handler", "_handle_stock_discrepancy_found", []),
        ):
            self.assertTrue(self.refused(self.admin, model, method, ids))

    def test_the_reason_wizard_touches_nothing_that_its_user_may_not_see(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.source.sudo().company_id = other
        self.env.cr.execute("UPDATE retail_event SET company_id = %s", (other.id,))
        job = self.job("evt-1")
        wizard = self.call(
            self.integrator,
            "retail.reason",
            "create",
            {"step": "event_skip", "reason": "x", "record_ids": [job.id]},
        )
        self.assertTrue(
            self.refused(self.integrator, "retail.reason", "action_confirm", [wizard])
        )
        self.assertEqual(self.job("evt-1").state, "received")

    def _foreign_source(self):
        """Return an active source of a company that the integrator is not of."""
        other = self.env["res.company"].create({"name": "Other"})
        account = self.account.copy(
            {"company_id": other.id, "company_ids": [(6, 0, other.ids)]}
        )
        values = {"code": "test-foreign", "company_id": other.id, "queue_id": False}
        return self.source.copy({**values, "user_id": account.id, "name": "Foreign"})

    def test_a_replay_under_way_cannot_be_turned_to_another_company(self):
        foreign = self._foreign_source()
        self.job("evt-1").sudo().state = "dead"
        replay = self.call(
            self.integrator,
            "retail.replay",
            "create",
            {"since": "2026-01-01 00:00:00", "reason": "x"},
        )
        self.call(self.integrator, "retail.replay", "action_start", [replay])
        for values in (
            {"company_id": foreign.company_id.id},
            {"since": "2000-01-01 00:00:00"},
            {"scope": "ended"},
            {"source_id": self.source.id},
            {"reason": "y"},
        ):
            with self.subTest(values):
                attack = ("retail.replay", "write", [replay], values)
                self.assertTrue(self.refused(self.integrator, *attack))
        self.assertEqual(self.env["retail.replay"].browse(replay).state, "running")

    def test_a_file_under_way_cannot_be_given_to_another_companys_source(self):
        foreign = self._foreign_source()
        content = base64.b64encode(b'{"id": "forged"}').decode()
        period = {"period_from": "2026-01-01 00:00:00", "period_to": "2026-01-02"}
        run = self.call(
            self.integrator,
            "retail.reconciliation.run",
            "create",
            {"source_id": self.source.id, "content": content, **period},
        )
        self.call(self.integrator, "retail.reconciliation.run", "action_start", [run])
        for values in (
            {"source_id": foreign.id},
            {"content": base64.b64encode(b"{}").decode()},
            {"file_format": "csv"},
            {"declared_count": 1},
        ):
            with self.subTest(values):
                attack = ("retail.reconciliation.run", "write", [run], values)
                self.assertTrue(self.refused(self.integrator, *attack))
        kept = self.env["retail.reconciliation.run"].browse(run)
        self.assertEqual((kept.source_id, kept.state), (self.source, "running"))

    def test_the_fix_window_tells_nothing_about_events_of_others(self):
        other = self.env["res.company"].create({"name": "Other"})
        job = self.job("evt-1")
        job.sudo().write({"state": "dead", "reason": "Ann Smith is unknown"})
        self.env.cr.execute("UPDATE retail_event SET company_id = %s", (other.id,))
        window = self.call(
            self.integrator,
            "retail.event.fix",
            "create",
            {"event_job_id": job.id, "data": "{}", "reason": "x"},
        )
        read = ("retail.event.fix", "read", [window], ["why"])
        self.assertTrue(self.refused(self.integrator, *read))

    def test_events_of_another_company_are_not_seen(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.env.cr.execute("UPDATE retail_event SET company_id = %s", (other.id,))
        self.env.cr.execute("UPDATE retail_outbox SET company_id = %s", (other.id,))
        self.env.invalidate_all()
        mine = [self.job("evt-1").correlation_id, "c-1"]
        for model in (*RECORDS, "retail.trace"):
            records = self.env[model].with_user(self.integrator)
            found = records.search([("correlation_id", "in", mine)])
            self.assertFalse(found, model)

    def test_the_auditor_reads_and_changes_nothing(self):
        jobs = self.env["retail.event.job"].with_user(self.auditor)
        self.assertTrue(jobs.search([("event_id", "=", "evt-1")]).payload_pretty)
        action = self.job("evt-1").ids
        wizard = ("retail.reason", "create", {"step": "event_skip", "reason": "x"})
        self.assertTrue(self.refused(self.auditor, *wizard), action)

    def test_an_integrator_sees_the_log_and_replays(self):
        job = self.job("evt-1").with_user(self.integrator)
        self.assertIn("T042", job.payload_pretty)
        self.assertTrue(
            self.call(self.integrator, "retail.event.job", "action_skip", job.ids)
        )
