import json
import time
from contextlib import nullcontext

from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.base.models import ir_cron
from odoo.addons.retail_ops_core.tests.common import RetailOpsCase

from ..models import retail_delivery_queue
from ..models.retail_refusal import TALLY
from ..models.retail_source_door import BUCKETS
from ..tools import standard_webhooks

GROUP = "retail_ops_integrations.group_"
DISCREPANCY = {
    "store": "T042",
    "product": "T-OIL",
    "expected": 12,
    "counted": 7,
    "unit_cost": 14.5,
    "reason": "Shelf count",
}


@tagged("post_install", "-at_install")
class IntegrationCase(RetailOpsCase):
    """A source that may send both inbound types, its key, and who watches it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.integrator = new_test_user(cls.env, "test_integrator", GROUP + "integrator")
        cls.account = new_test_user(cls.env, "test_account", GROUP + "integration")
        cls.found = cls.env.ref(
            "retail_ops_integrations.event_type_stock_discrepancy_found"
        )
        cls.reported = cls.env.ref(
            "retail_ops_integrations.event_type_store_exception_reported"
        )
        cls.source = cls.env["retail.source"].create(
            {
                "name": "Test POS",
                "code": "test-pos",
                "user_id": cls.account.id,
                "owner_id": cls.integrator.id,
                "event_type_ids": [(6, 0, (cls.found + cls.reported).ids)],
            }
        )
        keys = cls.env["retail.source.key"]
        cls.secret = keys._issue({"source_id": cls.source.id})
        cls.source.action_activate()
        # The demo's events wait in the queue of a fresh database: not our subject.
        cls.env["retail.event.job"].search([("source_id", "!=", cls.source.id)])._skip(
            "test"
        )

    def setUp(self):
        super().setUp()
        BUCKETS.clear()
        TALLY.clear()

    @classmethod
    def copy_source(cls, code, **values):
        """Return a draft like the source of the tests, with an account of its own."""
        account = new_test_user(cls.env, f"{code}_account", GROUP + "integration")
        values = {"name": code, "user_id": account.id, **values}
        return cls.source.copy({"code": code, **values})

    # === Events === #
    def accept(self, event_id, event_type="stock.discrepancy.found", **changes):
        """Receive an event as the door does once its sender is proven."""
        return self.env["retail.event"]._accept(
            self.source._door(),
            self.body(event_type, **changes),
            "application/json",
            event_id,
        )

    def body(self, event_type="stock.discrepancy.found", **changes):
        return self.body_of(event_type, {**DISCREPANCY, **changes})

    def body_of(self, event_type, data, timestamp="2026-05-04T09:30:00Z"):
        body = {"type": event_type, "timestamp": timestamp, "data": data}
        return json.dumps(body).encode()

    def job(self, event_id):
        self.env.invalidate_all()
        return self.env["retail.event.job"].search(
            [("source_id", "=", self.source.id), ("event_id", "=", event_id)]
        )

    def states(self, *event_ids):
        return [self.job(event_id).state for event_id in event_ids]

    def run_cron(self, name):
        """Run a Scheduled Action as the server does, commits included."""
        self.env.cr.flush()
        with self.committing():
            self.env.ref(f"retail_ops_integrations.{name}").method_direct_trigger()
        self.env.invalidate_all()

    def committing(self):
        """Let commits of the code under test end at a savepoint."""
        return self.enter_registry_test_mode()

    def wakes_when_out_of_time(self, name):
        """Run a Scheduled Action that has no time; return which ones it wakes."""
        woken = []
        self.patch(ir_cron, "MIN_TIME_PER_JOB", 0)
        self.patch(
            self.registry["retail.wakeup"],
            "_wake",
            lambda _wakeup, xmlid: woken.append(xmlid.split(".")[1]),
        )
        with mute_logger("odoo.addons.base.models.ir_cron"):
            self.run_cron(name)
        return set(woken)

    def process_inbox(self):
        self.run_cron("cron_process_inbox")

    def make_due(self, records):
        """Let the clock of the queue pass, without waiting for it."""
        self.env.cr.execute(
            f"UPDATE {records._table} SET next_at = next_at - interval '30 days' "
            "WHERE id = ANY(%s)",
            (records.ids,),
        )
        self.env.invalidate_all()

    # === Endpoints === #
    def create_endpoint(self, url, **values):
        """Return an active endpoint and its secret."""
        self.env["retail.egress.rule"].create(
            {"destination": "127.0.0.1", "plain_http": True, "reason": "Test"}
        )
        endpoint = self.env["retail.endpoint"].create(
            {
                "name": "Test endpoint",
                "url": url,
                "owner_id": self.integrator.id,
                **values,
            }
        )
        secret = self.env["retail.endpoint.key"]._issue({"endpoint_id": endpoint.id})
        endpoint.action_activate()
        return endpoint, secret

    def publish(self, topic="exception.resolved", data=None, key="EXC/1"):
        self.env["retail.publisher"]._publish(
            topic,
            data or {"reference": "EXC/1"},
            company=self.company,
            correlation_id="c-1",
            key=key,
        )
        self.env.cr.flush()

    def deliver(self):
        self.patch(retail_delivery_queue, "LINGER_SECONDS", 0)
        self.run_cron("cron_deliver_outbox")

    def deliveries(self, endpoint):
        return self.env["retail.delivery"].search([("endpoint_id", "=", endpoint.id)])


class DoorCase(IntegrationCase, HttpCase):
    """Posts to the door over HTTP."""

    def committing(self):
        """Return nothing to enter: an HttpCase commits to savepoints throughout."""
        return nullcontext()

    def post(self, body=None, event_id="evt-1", secret=None, age=0, **headers):
        body = self.body() if body is None else body
        key = standard_webhooks.decode_secret(secret or self.secret)
        signed = standard_webhooks.sign([key], event_id, int(time.time()) - age, body)
        sent = {
            "Retail-Ops-Source": self.source.code,
            "Content-Type": "application/json",
            **signed,
            **{name.replace("_", "-"): text for name, text in headers.items()},
        }
        return self.url_open(
            "/retail_ops/v1/events",
            data=body,
            headers={name: text for name, text in sent.items() if text is not None},
            method="POST",
        )

    def assert_problem(self, response, status, slug):
        """Check that an answer is a problem document of this status and type."""
        self.assertEqual(response.status_code, status, response.text)
        self.assertEqual(response.headers["Content-Type"], "application/problem+json")
        problem = response.json()
        self.assertEqual(problem["type"], f"urn:retail-ops:problem:{slug}")
        self.assertEqual(problem["status"], status)
        self.assertTrue(problem["title"])
        return problem
