"""Who gets in: API keys, senders with schemes of their own, and who tries around."""

import json
import time
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..tools import shopify, standard_webhooks, stripe
from ..tools import standard_webhooks_asymmetric as v1a
from .common import DoorCase
from .test_schemes import V1A_PRIVATE, V1A_PUBLIC

SENDERS_SECRET = "shpss_0123456789abcdef"
STRIPE_EVENT = {
    "id": "evt_1NG8Du2eZvKYlo2C",
    "object": "event",
    "created": 1777887000,
    "type": "charge.dispute.created",
    "data": {"object": {"id": "dp_1", "amount": 12000, "currency": "usd"}},
}


class KeyCase(DoorCase):
    def use_scheme(self, name, secret=None):
        """Have the source sign in another way, with a key of its own making."""
        self.source.signature_scheme = name
        if secret:
            self.env["retail.source.key"]._enter(self.source, secret)

    def send(self, body, **headers):
        sent = {"Content-Type": "application/json", **headers}
        return self.url_open(
            f"/retail_ops/v1/events?source={self.source.code}",
            data=body,
            headers={name: text for name, text in sent.items() if text is not None},
            method="POST",
        )

    def issue(self, *scopes, days=90):
        self.source.allows_api_keys = True
        return self.env["retail.source.api.key"]._issue(
            self.source, "Handhelds", scopes or ["may_send_events"], days
        )

    def send_with_key(self, key, event_id="evt-1", body=None, **headers):
        named = {"Idempotency-Key": f'"{event_id}"', "Authorization": f"Bearer {key}"}
        return self.send(self.body() if body is None else body, **{**named, **headers})


@tagged("post_install", "-at_install")
class TestApiKeys(KeyCase):
    def test_an_api_key_sends_an_event(self):
        response = self.send_with_key(self.issue())
        self.assertEqual(response.status_code, 202, response.text)
        self.assertEqual(self.job("evt-1").state, "received")
        again = self.send_with_key(self.issue())
        self.assertEqual(again.json()["status"], "duplicate")

    def test_a_request_without_any_id_is_refused_with_the_header_to_send(self):
        response = self.send_with_key(self.issue(), Idempotency_Key=None)
        key = self.issue()
        response = self.send(self.body(), Authorization=f"Bearer {key}")
        problem = self.assert_problem(response, 400, "event-id-missing")
        self.assertEqual(problem["errors"][0]["header"], "Idempotency-Key")

    def test_a_cloudevent_brings_its_own_id(self):
        plain = json.loads(self.body())
        body = {
            "specversion": "1.0",
            "id": "evt-ce",
            "source": "/x",
            "type": plain["type"],
            "time": plain["timestamp"],
            "data": plain["data"],
        }
        response = self.send(
            json.dumps(body).encode(),
            Authorization=f"Bearer {self.issue()}",
            **{"Content-Type": "application/cloudevents+json"},
        )
        self.assertEqual(response.json()["id"], "evt-ce", response.text)

    def test_cloudevents_conformance_cases(self):
        """The four cases of http-protocol-binding.feature, with our own type."""
        plain = json.loads(self.body())
        attributes = {
            "specversion": "1.0",
            "type": plain["type"],
            "time": plain["timestamp"],
            "source": "/event-source",
        }
        key = f"Bearer {self.issue()}"
        for number, charset in enumerate(("", "; charset=utf-8")):
            named = {**attributes, "id": f"binary-{number}"}
            response = self.send(
                json.dumps(plain["data"]).encode(),
                Authorization=key,
                **{"Content-Type": "application/json" + charset},
                **{f"ce-{name}": text for name, text in named.items()},
            )
            self.assertEqual(response.status_code, 202, response.text)
            job = self.job(f"binary-{number}")
            self.assertEqual(job.payload_id._data()["store"], "T042")
            structured = {**attributes, "id": f"s-{number}", "data": plain["data"]}
            response = self.send(
                json.dumps(structured).encode(),
                Authorization=key,
                **{"Content-Type": "application/cloudevents+json" + charset},
            )
            self.assertEqual(response.status_code, 202, response.text)
            self.assertEqual(self.job(f"s-{number}").type, plain["type"])

    def test_a_binary_cloudevent_lacks_nothing_and_contradicts_nothing(self):
        key = f"Bearer {self.issue()}"
        headers = {"ce-specversion": "1.0", "ce-type": "a.b", "ce-source": "/x"}
        timed = {**headers, "ce-time": "2026-05-04T09:30:00Z"}
        for sent, pointer in (
            (headers, "/id"),
            ({**headers, "ce-id": "x"}, "/time"),
            ({**timed, "ce-id": "x", "Idempotency-Key": '"y"'}, "/id"),
        ):
            response = self.send(b"{}", Authorization=key, **sent)
            problem = self.assert_problem(response, 400, "envelope-invalid")
            self.assertEqual(problem["errors"][0]["pointer"], pointer)

    def test_api_keys_are_off_until_the_source_allows_them(self):
        self.assertFalse(self.source.allows_api_keys)
        with self.assertRaisesRegex(UserError, "Allow API keys"):
            self.env["retail.source.api.key"]._issue(
                self.source, "x", ["may_send_events"], 1
            )
        key = self.issue()
        self.source.allows_api_keys = False
        self.assert_problem(self.send_with_key(key), 401, "unauthenticated")

    def test_expired_revoked_and_foreign_keys_are_worthless(self):
        expired, revoked = self.issue(), self.issue()
        newest, older = self.source.api_key_ids
        older.sudo().valid_until = fields.Datetime.now() - timedelta(seconds=1)
        newest.with_user(self.admin).action_revoke()
        other = self.copy_source("test-other", name="Other")
        other.allows_api_keys = True
        foreign = self.env["retail.source.api.key"]._issue(
            other, "x", ["may_send_events"], 1
        )
        other.key_ids = False
        for key in (expired, revoked, foreign, "rok_live_" + "x" * 43):
            self.assert_problem(self.send_with_key(key), 401, "unauthenticated")

    def test_a_key_of_the_test_system_does_not_open_production(self):
        self.source.environment = "test"
        key = self.issue()
        self.assertTrue(key.startswith("rok_test_"))
        self.assertEqual(self.send_with_key(key).status_code, 202)
        self.source.environment = "production"
        self.assert_problem(self.send_with_key(key), 401, "unauthenticated")

    def test_a_key_does_only_what_it_is_for(self):
        reader = self.issue("may_read")
        problem = self.assert_problem(self.send_with_key(reader), 403, "scope-missing")
        self.assertIn("may_send_events", problem["detail"])
        self.post()
        asked = self.url_open(
            f"/retail_ops/v1/events/evt-1?source={self.source.code}",
            headers={"Authorization": f"Bearer {reader}"},
        )
        self.assertEqual(asked.json()["state"], "queued", asked.text)
        sender = self.issue("may_send_events")
        asked = self.url_open(
            f"/retail_ops/v1/events/evt-1?source={self.source.code}",
            headers={"Authorization": f"Bearer {sender}"},
        )
        self.assert_problem(asked, 403, "scope-missing")

    def test_no_text_in_the_address_makes_the_server_fail(self):
        key = {"Authorization": f"Bearer {self.issue('may_read')}"}
        for place in ("events", "exceptions"):
            for event_id in ("a%00b", "%FF", "%ED%A0%80", "x" * 5000, "%F0%9F%98%80"):
                path = f"/retail_ops/v1/{place}/{event_id}?source={self.source.code}"
                with self.subTest(path[:60]):
                    asked = self.url_open(path, headers=key)
                    self.assertEqual(asked.status_code, 404, asked.text)
        for code in ("%00", f"{self.source.code}%00", "%ED%A0%80", "x" * 5000):
            response = self.url_open(
                f"/retail_ops/v1/events?source={code}", data=b"{}", headers=key
            )
            self.assert_problem(response, 401, "unauthenticated")

    def test_a_wrong_signature_is_not_healed_by_a_right_key(self):
        """Downgrade: whoever signs is judged by the signature."""
        key = self.issue()
        for header in ("webhook-signature", "Stripe-Signature"):
            response = self.send_with_key(key, **{header: "v1,AAAA"})
            self.assert_problem(response, 401, "unauthenticated")
        response = self.send_with_key(key, **{"X-Shopify-Hmac-Sha256": ""})
        self.assert_problem(response, 401, "unauthenticated")

    def test_only_the_hash_of_a_key_is_kept_and_nobody_reads_even_that(self):
        key = self.issue()
        self.env.flush_all()
        self.env.cr.execute("SELECT * FROM retail_source_api_key")
        self.assertNotIn(key, str(self.env.cr.fetchall()))
        for user in (self.admin, self.integrator, self.auditor):
            mine = self.source.api_key_ids.with_user(user)
            with self.assertRaises(AccessError), mute_logger("odoo.models"):
                mine.read(["key_sha256"])
            with self.assertRaises(UserError), mute_logger("odoo.models"):
                mine.export_data(["key_sha256"])
        entry = self.env["retail.audit.entry"].search(
            [("action", "=", "api_key.issued")], limit=1
        )
        self.assertNotIn(key, str(entry.facts))

    def test_a_key_must_be_for_something_and_end_within_a_year(self):
        self.source.allows_api_keys = True
        keys = self.env["retail.source.api.key"]
        for days in (0, -1, 366):
            with self.assertRaises(UserError):
                keys._issue(self.source, "x", ["may_read"], days)
        with self.assertRaises(ValidationError):
            keys._issue(self.source, "x", [], 1)

    def test_the_administrator_issues_a_key_and_sees_it_once(self):
        self.source.allows_api_keys = True
        action = self.source.with_user(self.admin).action_issue_api_key()
        request = Form(
            self.env["retail.api.key.request"]
            .with_user(self.admin)
            .with_context(**action["context"])
        )
        request.purpose = "Handhelds"
        shown = request.save().action_confirm()
        key = shown["context"]["default_secret"]
        self.assertIn(key, shown["context"]["default_command"])
        self.assertEqual(self.send_with_key(key).status_code, 202)

    def test_an_integrator_issues_and_revokes_no_api_key(self):
        self.issue()
        with self.assertRaises(AccessError):
            self.source.with_user(self.integrator).action_issue_api_key()
        with self.assertRaises(AccessError):
            self.source.api_key_ids.with_user(self.integrator).action_revoke()

    def test_an_api_key_alone_opens_a_source(self):
        self.source.action_suspend()
        self.source.key_ids.action_revoke()
        with self.assertRaises(UserError):
            self.source.action_activate()
        key = self.issue()
        self.source.action_activate()
        self.assertEqual(self.send_with_key(key).status_code, 202)


@tagged("post_install", "-at_install")
class TestIdempotencyKeys(KeyCase):
    def test_it_may_repeat_the_signed_id_and_not_contradict_it(self):
        response = self.post(Idempotency_Key='"evt-1"')
        self.assertEqual(response.status_code, 202, response.text)
        response = self.post(event_id="evt-2", Idempotency_Key='"evt-9"')
        problem = self.assert_problem(response, 400, "envelope-invalid")
        self.assertEqual(problem["errors"][0]["header"], "Idempotency-Key")
        self.assertFalse(self.job("evt-2"))

    def test_a_malformed_id_is_named_by_the_header_it_stands_in(self):
        for header in ("webhook-id", "Idempotency-Key"):
            headers = {"Authorization": f"Bearer {self.issue()}", header: "a.b"}
            response = self.send(self.body(), **headers)
            problem = self.assert_problem(response, 400, "envelope-invalid")
            self.assertEqual(problem["errors"][0]["header"], header)

    def test_the_same_key_with_another_body_is_refused_and_reported(self):
        key = self.issue()
        self.send_with_key(key)
        response = self.send_with_key(key, body=self.body(counted=6))
        self.assert_problem(response, 422, "event-id-reused")
        entry = self.env["retail.audit.entry"].search(
            [("action", "=", "security.event_id_reused")]
        )
        self.assertEqual(entry.facts["source"], self.source.code)
        self.assertEqual(self.source.activity_ids.user_id, self.integrator)
        self.send_with_key(key, body=self.body(counted=5))
        again = self.env["retail.audit.entry"].search_count(
            [("action", "=", "security.event_id_reused")]
        )
        self.assertEqual(again, 1, "once an hour, whatever an attacker sends")


@tagged("post_install", "-at_install")
class TestSendersOwnSchemes(KeyCase):
    # === Stripe === #
    def stripe_headers(self, body, secret=SENDERS_SECRET, age=0):
        at = int(time.time()) - age
        signature = stripe.signature(secret.encode(), at, body)
        return {"Stripe-Signature": f"t={at},v1={signature}"}

    def send_stripe(self, age=0, secret=SENDERS_SECRET, **changes):
        body = json.dumps({**STRIPE_EVENT, **changes}).encode()
        return self.send(body, **self.stripe_headers(body, secret, age))

    def test_stripe_sends_its_own_envelope(self):
        self.use_scheme("stripe", SENDERS_SECRET)
        response = self.send_stripe()
        self.assertEqual(response.status_code, 202, response.text)
        job = self.job(STRIPE_EVENT["id"])
        self.assertEqual(job.type, "stripe.charge.dispute.created")
        self.assertEqual(job.payload_id._data()["object"]["id"], "dp_1")
        self.assertEqual(self.send_stripe().json()["status"], "duplicate")

    def test_a_stale_or_forged_stripe_message_is_refused(self):
        self.use_scheme("stripe", SENDERS_SECRET)
        self.assert_problem(self.send_stripe(400), 401, "timestamp-outside-window")
        forged = self.send_stripe(secret="whsec_of_somebody_else")
        self.assert_problem(forged, 401, "unauthenticated")

    def test_a_malformed_stripe_event_is_refused_with_a_pointer(self):
        self.use_scheme("stripe", SENDERS_SECRET)
        problem = self.assert_problem(
            self.send_stripe(created="now"), 400, "envelope-invalid"
        )
        self.assertEqual(problem["errors"][0]["pointer"], "/created")

    # === Shopify === #
    def send_shopify(self, body=None, topic="orders/create", **headers):
        body = body or b'{"id": 820982911946154508, "location_id": 42}'
        return self.send(
            body,
            **{
                "X-Shopify-Hmac-Sha256": shopify.signature(
                    SENDERS_SECRET.encode(), body
                ),
                "X-Shopify-Topic": topic,
                "X-Shopify-Triggered-At": "2026-05-04T09:30:00.1Z",
                **headers,
            },
        )

    def test_shopify_sends_its_bare_body(self):
        self.use_scheme("shopify", SENDERS_SECRET)
        response = self.send_shopify()
        self.assertEqual(response.status_code, 202, response.text)
        job = self.job(response.json()["id"])
        self.assertEqual(job.type, "shopify.orders.create")
        self.assertEqual(job.payload_id._data()["id"], 820982911946154508)

    def test_a_shopify_body_replayed_under_another_event_id_is_a_duplicate(self):
        self.use_scheme("shopify", SENDERS_SECRET)
        self.send_shopify(**{"X-Shopify-Event-Id": "one"})
        again = self.send_shopify(**{"X-Shopify-Event-Id": "two"})
        self.assertEqual(again.json()["status"], "duplicate")

    def test_a_schema_of_a_senders_type_is_checked(self):
        self.use_scheme("shopify", SENDERS_SECRET)
        self.source.event_type_ids += self.found.copy(
            {
                "name": "shopify.orders.create",
                "schema": '{"type": "object", "required": ["location_id"]}',
                "sample": '{"location_id": 1}',
                "ordering_key_path": "/location_id",
            }
        )
        problem = self.assert_problem(
            self.send_shopify(b'{"id": 1}'), 422, "schema-violation"
        )
        self.assertTrue(problem["errors"])
        self.assertEqual(self.send_shopify().status_code, 202)

    # === Asymmetric === #
    def test_a_sender_signs_with_a_private_key_that_we_never_see(self):
        self.use_scheme("standard_webhooks_v1a", V1A_PUBLIC)
        at = int(time.time())
        signed = v1a.sign(V1A_PRIVATE, "evt-1", at, self.body())
        response = self.post(webhook_signature=signed, webhook_timestamp=str(at))
        self.assertEqual(response.status_code, 202, response.text)

    # === Around === #
    def test_a_key_of_one_scheme_never_counts_for_another(self):
        """Algorithm confusion: the old HMAC secret, the public key as a secret."""
        self.use_scheme("standard_webhooks_v1a", V1A_PUBLIC)
        self.assert_problem(self.post(), 401, "unauthenticated")
        key = v1a.decode_public_key(V1A_PUBLIC)
        at = int(time.time())
        forged = standard_webhooks.sign([key], "evt-1", at, self.body())
        response = self.post(**{name: text for name, text in forged.items()})
        self.assert_problem(response, 401, "unauthenticated")
        self.use_scheme("stripe")
        body = json.dumps(STRIPE_EVENT).encode()
        for secret in (self.secret, V1A_PUBLIC):
            response = self.send(body, **self.stripe_headers(body, secret))
            self.assert_problem(response, 401, "unauthenticated")

    def test_a_source_takes_its_own_scheme_only(self):
        body = json.dumps(STRIPE_EVENT).encode()
        for header in (
            self.stripe_headers(body, self.secret),
            {"X-Shopify-Hmac-Sha256": shopify.signature(self.secret.encode(), body)},
        ):
            self.assert_problem(self.send(body, **header), 401, "unauthenticated")

    def test_who_signs_only_bodies_asks_no_questions(self):
        self.use_scheme("shopify", SENDERS_SECRET)
        empty = shopify.signature(SENDERS_SECRET.encode(), b"")
        asked = self.url_open(
            f"/retail_ops/v1/events/evt-1?source={self.source.code}",
            headers={"X-Shopify-Hmac-Sha256": empty},
        )
        self.assert_problem(asked, 403, "scope-missing")

    def test_the_senders_secret_is_entered_once_and_stored_encrypted(self):
        self.source.signature_scheme = "shopify"
        with self.assertRaisesRegex(UserError, "Enter key"):
            self.source.action_issue_key()
        action = self.source.with_user(self.admin).action_enter_key()
        entry = Form(
            self.env["retail.secret.entry"]
            .with_user(self.admin)
            .with_context(**action["context"])
        )
        entry.secret = SENDERS_SECRET
        saved = entry.save()
        saved.action_confirm()
        self.assertFalse(saved.secret)
        self.env.flush_all()
        for table in ("retail_secret_entry", "retail_source_key"):
            self.env.cr.execute(f"SELECT * FROM {table}")
            self.assertNotIn(SENDERS_SECRET, str(self.env.cr.fetchall()))
        self.assertEqual(self.send_shopify().status_code, 202)

    def test_a_text_that_is_no_key_is_refused_without_repeating_it(self):
        for name, text in (
            ("shopify", "abc7"),
            ("standard_webhooks_v1a", V1A_PRIVATE),
            ("standard_webhooks", "whsec_%"),
        ):
            self.source.signature_scheme = name
            with self.assertRaises(UserError) as caught:
                self.env["retail.source.key"]._enter(self.source, text)
            self.assertNotIn(text, str(caught.exception))

    def test_an_integrator_enters_no_key(self):
        with self.assertRaises(AccessError):
            self.source.with_user(self.integrator).action_enter_key()
        with self.assertRaises(AccessError):
            self.env["retail.secret.entry"].with_user(self.integrator).create(
                {"source_id": self.source.id, "secret": self.secret}
            )

    def test_how_a_source_signs_is_not_told_to_strangers(self):
        self.use_scheme("stripe", SENDERS_SECRET)
        known, unknown = self.post(), self.post(Retail_Ops_Source="nobody")
        self.assertEqual(known.text, unknown.text)
        self.assertEqual(
            known.headers["WWW-Authenticate"], unknown.headers["WWW-Authenticate"]
        )
