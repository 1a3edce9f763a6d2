import hmac
import json
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.retail_refusal import TALLY
from ..tools import standard_webhooks
from .common import DoorCase

CLOUDEVENTS = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
DISPATCHER = "odoo.addons.retail_ops_integrations.controllers.dispatcher"


@tagged("post_install", "-at_install")
class TestDoor(DoorCase):
    def events(self):
        return self.env["retail.event"].search([("source_id", "=", self.source.id)])

    def refusals(self, reason, source=None):
        rows = self.env["retail.refusal"].search(
            [("reason", "=", reason), ("source_id", "=", source and source.id)]
        )
        return sum(rows.mapped("count"))

    def cloudevent(self, event_id="evt-1", **changes):
        plain = json.loads(self.body(**changes))
        return {
            "specversion": "1.0",
            "id": event_id,
            "source": "/stores/0042",
            "type": plain["type"],
            "time": plain["timestamp"],
            "data": plain["data"],
        }

    # === Accepted === #
    def test_a_signed_event_is_stored_and_answered_with_its_id(self):
        response = self.post()
        self.assertEqual(response.status_code, 202, response.text)
        receipt = response.json()
        self.assertEqual(receipt["id"], "evt-1")
        self.assertEqual(receipt["status"], "accepted")
        self.assertFalse(receipt["duplicate"])
        job = self.job("evt-1")
        self.assertEqual(job.state, "received")
        self.assertEqual(job.raw_body.encode(), self.body())
        self.assertEqual(job.correlation_id, receipt["correlation_id"])

    def test_the_source_may_stand_in_the_address(self):
        body = self.body()
        key = standard_webhooks.decode_secret(self.secret)
        now = int(fields.Datetime.now().timestamp())
        response = self.url_open(
            f"/retail_ops/v1/events?source={self.source.code}",
            data=body,
            headers={
                "Content-Type": "application/json",
                **standard_webhooks.sign([key], "evt-1", now, body),
            },
        )
        self.assertEqual(response.status_code, 202, response.text)

    def test_no_session_is_made_and_no_cookie_set(self):
        self.assertNotIn("Set-Cookie", self.post().headers)

    def test_rate_limit_fields_say_what_is_left(self):
        response = self.post()
        self.assertEqual(response.headers["RateLimit-Policy"], '"default";q=3000;w=60')
        self.assertIn('"default";r=2999', response.headers["RateLimit"])

    def test_the_same_event_again_is_a_duplicate_with_the_stored_outcome(self):
        first = self.post().json()
        self.process_inbox()
        response = self.post()
        self.assertEqual(response.status_code, 202, response.text)
        again = response.json()
        self.assertTrue(again["duplicate"])
        self.assertEqual(again["status"], "duplicate")
        self.assertEqual(again["state"], "done")
        self.assertEqual(again["exception"], self.job("evt-1").exception_id.name)
        self.assertEqual(again["correlation_id"], first["correlation_id"])
        self.assertEqual(len(self.events()), 1)

    def test_another_source_may_use_the_same_id(self):
        other = self.copy_source("test-other", name="Other")
        secret = self.env["retail.source.key"]._issue({"source_id": other.id})
        other.action_activate()
        self.post()
        response = self.post(secret=secret, **{"Retail-Ops-Source": "test-other"})
        self.assertEqual(response.json()["status"], "accepted")

    def test_an_unknown_type_is_stored_and_parked(self):
        response = self.post(self.body("drawer.opened"))
        self.assertEqual(response.status_code, 202)
        self.assertEqual(response.json()["state"], "parked")
        self.assertIn("drawer.opened", self.job("evt-1").reason)

    def test_a_cloudevent_is_taken(self):
        body = json.dumps(self.cloudevent()).encode()
        response = self.post(body, Content_Type=f"{CLOUDEVENTS}; charset=UTF-8")
        self.assertEqual(response.status_code, 202, response.text)
        self.assertEqual(self.job("evt-1").type, "stock.discrepancy.found")

    def test_old_and_new_key_count_while_a_rotation_overlaps(self):
        new = self.env["retail.source.key"]._issue({"source_id": self.source.id})
        self.assertEqual(self.post(event_id="evt-old").status_code, 202)
        self.assertEqual(self.post(event_id="evt-new", secret=new).status_code, 202)

    # === Asking first === #
    def ask_first(self, **headers):
        return self.url_open("/retail_ops/v1/events", headers=headers, method="OPTIONS")

    def test_a_sender_that_asks_first_hears_that_it_may_send(self):
        response = self.ask_first(**{"WebHook-Request-Origin": "events.example.com"})
        self.assertEqual(response.status_code, 204)
        self.assertEqual(response.headers["WebHook-Allowed-Origin"], "*")
        self.assertIn("POST", response.headers["Allow"])

    def test_a_page_in_a_browser_hears_nothing(self):
        response = self.ask_first(
            **{
                "Origin": "https://evil.example",
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "webhook-signature",
            }
        )
        for answer in (response, self.post(Origin="https://evil.example")):
            names = {name.lower() for name in answer.headers}
            self.assertFalse({one for one in names if one.startswith("access-control")})

    def test_asking_tells_nothing_about_sources(self):
        known = self.ask_first(**{"Retail-Ops-Source": self.source.code})
        unknown = self.ask_first(**{"Retail-Ops-Source": "nobody"})
        self.assertEqual(known.status_code, unknown.status_code)
        volatile = {"Date", "Set-Cookie"}
        self.assertEqual(
            {k: v for k, v in known.headers.items() if k not in volatile},
            {k: v for k, v in unknown.headers.items() if k not in volatile},
        )

    def test_head_reads_nothing_and_stores_nothing(self):
        response = self.url_open("/retail_ops/v1/events", method="HEAD")
        self.assertEqual(response.status_code, 405)
        self.assertEqual(response.headers["Content-Type"], "application/problem+json")
        self.assertEqual(response.headers["Allow"], "POST, OPTIONS")
        self.assertEqual(response.content, b"")
        healthy = self.url_open("/retail_ops/v1/health", method="HEAD")
        self.assertEqual((healthy.status_code, healthy.content), (200, b""))

    # === Not proven === #
    def test_wrong_missing_and_unknown_look_the_same_from_outside(self):
        other = standard_webhooks.new_secret()
        answers = [
            self.post(secret=other),
            self.post(webhook_signature=None),
            self.post(webhook_signature="garbage"),
            self.post(webhook_id=None),
            self.post(webhook_timestamp="now"),
            self.post(Retail_Ops_Source="nobody"),
            self.post(Retail_Ops_Source=None),
            self.post(secret=other, age=4000),
        ]
        for response in answers:
            self.assert_problem(response, 401, "unauthenticated")
            self.assertTrue(response.headers["WWW-Authenticate"])
        self.assertEqual(len({response.text for response in answers}), 1)
        self.assertFalse(self.events())

    def count_calls(self, module, name):
        """Count the calls of a function, which does its work all the same."""
        function, calls = getattr(module, name), []

        def counted(*args):
            calls.append(name)
            return function(*args)

        self.patch(module, name, counted)
        return calls

    def test_the_clock_does_not_tell_whether_a_source_exists(self):
        wrong = standard_webhooks.new_secret()
        calls = self.count_calls(standard_webhooks, "signature")
        worked_out = []
        for code in (self.source.code, "nobody"):
            calls.clear()
            self.post(secret=wrong, Retail_Ops_Source=code)
            worked_out.append(len(calls))
        self.assertEqual(worked_out, [2, 2])  # one of them makes the message

    def test_signatures_are_compared_in_constant_time(self):
        calls = self.count_calls(hmac, "compare_digest")
        self.post(webhook_signature="v1," + "A" * 43 + "=")
        self.assertTrue(calls)

    def test_a_flipped_body_is_refused(self):
        body = self.body()
        key = standard_webhooks.decode_secret(self.secret)
        now = int(fields.Datetime.now().timestamp())
        signed = standard_webhooks.sign([key], "evt-1", now, body)
        response = self.post(
            body.replace(b"12", b"99"), webhook_signature=signed["webhook-signature"]
        )
        self.assert_problem(response, 401, "unauthenticated")

    def test_one_source_cannot_speak_for_another(self):
        other = self.copy_source("test-other", name="Other")
        self.env["retail.source.key"]._issue({"source_id": other.id})
        other.action_activate()
        response = self.post(Retail_Ops_Source="test-other")
        self.assert_problem(response, 401, "unauthenticated")

    def test_draft_and_suspended_sources_are_unknown(self):
        self.source.action_suspend()
        self.assert_problem(self.post(), 401, "unauthenticated")

    def test_revoked_and_expired_keys_are_worthless(self):
        key = self.source.key_ids
        key.action_revoke()
        self.assert_problem(self.post(), 401, "unauthenticated")
        secret = self.env["retail.source.key"]._issue({"source_id": self.source.id})
        self.assertEqual(self.post(secret=secret).status_code, 202)
        newest = self.source.key_ids.filtered(lambda key: key.state == "in_force")
        newest.sudo().valid_until = fields.Datetime.now() - timedelta(seconds=1)
        self.assert_problem(self.post(secret=secret), 401, "unauthenticated")

    def test_a_proven_sender_with_a_wrong_clock_hears_the_time(self):
        for age in (400, -400):
            response = self.post(age=age)
            problem = self.assert_problem(response, 401, "timestamp-outside-window")
            self.assertAlmostEqual(
                problem["server_time"], fields.Datetime.now().timestamp(), delta=60
            )
        self.assertFalse(self.events())

    def test_a_tolerance_of_the_source_is_heeded(self):
        self.source.clock_tolerance = 600
        self.assertEqual(self.post(age=400).status_code, 202)

    # === Malformed === #
    def test_too_large_a_body_is_refused_before_anything_else(self):
        response = self.post(b" " * (256 * 1024 + 1), webhook_signature=None)
        self.assert_problem(response, 413, "payload-too-large")

    def test_ambiguous_json_is_refused(self):
        for body in (b"{", b'{"a": 1, "a": 2}', b"[NaN]", b"\xff", b"[" * 5000):
            response = self.post(body)
            self.assert_problem(response, 400, "body-not-json")
        self.assertFalse(self.events())

    def test_an_incomplete_envelope_is_refused_with_a_pointer(self):
        response = self.post(b'{"type": "a.b", "data": {}}')
        problem = self.assert_problem(response, 400, "envelope-invalid")
        self.assertEqual(problem["errors"][0]["pointer"], "/timestamp")

    def test_a_cloudevent_with_another_id_than_the_header_is_refused(self):
        body = json.dumps(self.cloudevent("evt-2")).encode()
        response = self.post(body, Content_Type=CLOUDEVENTS)
        self.assert_problem(response, 400, "envelope-invalid")

    def test_data_against_the_schema_is_refused_with_pointers(self):
        response = self.post(self.body(counted="seven", expected=None))
        problem = self.assert_problem(response, 422, "schema-violation")
        self.assertEqual(
            {error["pointer"] for error in problem["errors"]},
            {"/data/counted", "/data/expected"},
        )
        self.assertNotIn("seven", response.text)

    def test_a_type_that_is_not_allowed_is_refused(self):
        self.source.event_type_ids = self.reported
        self.assert_problem(self.post(), 403, "type-not-allowed")
        self.assertFalse(self.events())

    def test_the_same_id_with_another_body_is_refused_and_counted(self):
        self.post()
        response = self.post(self.body(counted=6))
        problem = self.assert_problem(response, 422, "event-id-reused")
        self.assertEqual(problem["event_id"], "evt-1")
        self.assertEqual(self.refusals("event-id-reused", self.source), 1)
        self.assertEqual(self.job("evt-1").raw_body.encode(), self.body())

    def test_other_content_types_are_refused(self):
        for media_type in ("text/xml", "application/json; charset=latin-1", None):
            response = self.post(Content_Type=media_type)
            self.assert_problem(response, 415, "media-type-unsupported")
            self.assertIn("cloudevents", response.headers["Accept"])

    def test_binary_cloudevents_are_refused_since_their_headers_are_not_signed(self):
        response = self.post(ce_specversion="1.0", ce_type="a.b")
        self.assert_problem(response, 415, "media-type-unsupported")

    def test_unknown_addresses_and_methods_get_problems_too(self):
        response = self.url_open("/retail_ops/v1/nowhere")
        self.assert_problem(response, 404, "not-found")
        for path in ("events/a%0Ab", "events/%00", "%0A", "events/", "a//b", "%ff"):
            response = self.url_open(f"/retail_ops/v1/{path}")
            with self.subTest(path):
                slug = {
                    401: "unauthenticated",
                    404: "not-found",
                    405: "method-not-allowed",
                }
                self.assert_problem(
                    response, response.status_code, slug[response.status_code]
                )
        response = self.url_open("/retail_ops/v1/events", method="DELETE")
        self.assert_problem(response, 405, "method-not-allowed")
        self.assertEqual(response.headers["Allow"], "POST, OPTIONS")

    # === Rate === #
    def test_too_many_events_are_told_when_to_come_back(self):
        self.source.rate_per_minute = 2
        self.assertEqual(self.post(event_id="evt-1").status_code, 202)
        self.assertEqual(self.post(event_id="evt-2").status_code, 202)
        response = self.post(event_id="evt-3")
        self.assert_problem(response, 429, "quota-exceeded")
        self.assertTrue(0 < int(response.headers["Retry-After"]) <= 30)
        self.assertIn("r=0", response.headers["RateLimit"])
        self.assertFalse(self.job("evt-3"))

    def test_strangers_use_up_nobodys_budget(self):
        self.source.rate_per_minute = 1
        for _attempt in range(5):
            self.post(secret=standard_webhooks.new_secret())
        self.assertEqual(self.post().status_code, 202)

    # === Counted === #
    def test_refused_requests_are_counted_in_one_row_an_hour(self):
        for attempt in range(20):
            self.post(Retail_Ops_Source=f"stranger-{attempt}")
        rows = self.env["retail.refusal"].search([("reason", "=", "unauthenticated")])
        self.assertEqual(len(rows), 1)
        self.assertEqual(rows.count, 20)
        self.assertFalse(rows.source_id)

    def test_a_burst_before_a_silence_is_counted_by_half_at_least_in_few_writes(self):
        written = [TALLY.add("burst") for _request in range(1000)]
        self.assertGreaterEqual(sum(written), 500)
        self.assertLess(len([count for count in written if count]), 40)

    def test_a_proven_senders_mistakes_are_counted_for_it(self):
        self.post(b"{")
        self.post(age=4000)
        self.post(self.body(counted="many"))
        self.assertEqual(self.refusals("schema-violation", self.source), 1)
        self.assertEqual(self.refusals("body-not-json", self.source), 1)
        self.assertEqual(self.refusals("timestamp-outside-window", self.source), 1)

    # === Failures of ours === #
    def let_the_database_fail(self, code):
        """Have PostgreSQL itself refuse to store an event, with an error code."""
        self.env.cr.execute(
            f"""
            CREATE FUNCTION test_fail() RETURNS trigger AS $$
            BEGIN RAISE EXCEPTION 'secret detail' USING ERRCODE = '{code}'; END
            $$ LANGUAGE plpgsql;
            CREATE TRIGGER test_fail BEFORE INSERT ON retail_event
                FOR EACH ROW EXECUTE FUNCTION test_fail();
            """
        )

    def test_a_database_that_cannot_store_is_a_problem_to_come_back_with(self):
        self.let_the_database_fail("53100")  # disk full
        with mute_logger(DISPATCHER, "odoo.http", "odoo.sql_db"):
            response = self.post()
        self.assert_problem(response, 503, "temporarily-unavailable")
        self.assertTrue(response.headers["Retry-After"])
        self.assertNotIn("secret", response.text)

    def test_a_failure_of_ours_tells_nothing_about_itself(self):
        self.let_the_database_fail("P0001")  # an exception like any other
        with mute_logger(DISPATCHER, "odoo.http", "odoo.sql_db"):
            response = self.post()
        self.assert_problem(response, 500, "internal-error")
        self.assertNotIn("secret", response.text)

    # === Batches === #
    def post_batch(self, items, **headers):
        body = json.dumps(items).encode()
        return self.post(body, event_id="batch-1", Content_Type=BATCH, **headers)

    def test_a_batch_is_answered_item_by_item(self):
        items = [
            self.cloudevent("evt-1"),
            self.cloudevent("evt-2", counted="x"),
            self.cloudevent("evt-1"),
            self.cloudevent("evt-1", counted=1),
            {"specversion": "1.0"},
        ]
        response = self.post_batch(items)
        self.assertEqual(response.status_code, 202, response.text)
        answer = response.json()
        self.assertEqual(
            [result["status"] for result in answer["results"]],
            ["accepted", "refused", "duplicate", "refused", "refused"],
        )
        self.assertEqual(
            (answer["accepted"], answer["duplicates"], answer["refused"]), (1, 1, 3)
        )
        self.assertEqual(
            answer["results"][1]["problem"]["type"],
            "urn:retail-ops:problem:schema-violation",
        )
        self.assertEqual(self.events().event_id, "evt-1")

    def test_a_batch_of_which_each_item_is_refused_is_answered_too(self):
        response = self.post_batch([self.cloudevent("evt-1", counted="x"), {}])
        self.assertEqual(response.status_code, 422, response.text)
        self.assertEqual(len(response.json()["errors"]), 2)
        self.assertFalse(self.events())

    def test_a_strict_batch_is_stored_as_a_whole_or_not_at_all(self):
        items = [self.cloudevent("evt-1"), self.cloudevent("evt-2", counted="x")]
        response = self.post_batch(items, Prefer="handling=strict")
        problem = self.assert_problem(response, 422, "batch-refused")
        self.assertEqual(len(problem["errors"]), 1)
        self.assertFalse(self.events())
        response = self.post_batch(items[:1], Prefer="handling=strict")
        self.assertEqual(response.status_code, 202, response.text)

    def test_the_wish_for_all_or_none_is_read_as_the_rfc_has_it(self):
        items = [self.cloudevent("evt-1"), self.cloudevent("evt-2", counted="x")]
        for wish in ('handling="strict"', "respond-async, Handling=Strict; a=b"):
            response = self.post_batch(items, Prefer=wish)
            with self.subTest(wish):
                self.assert_problem(response, 422, "batch-refused")
        for wish in ("handling=strictly", "handling=lenient, handling=strict"):
            response = self.post_batch(items, Prefer=wish)
            with self.subTest(wish):
                self.assertEqual(response.status_code, 202, response.text)

    def test_a_batch_of_two_hundred_costs_few_statements(self):
        items = [
            self.cloudevent(f"evt-{number}", product=f"P{number}")
            for number in range(200)
        ]
        door, body = self.source._door(), json.dumps(items).encode()
        events = self.env["retail.event"]
        events._accept_batch(door, events._batch_items(body), False)
        renamed = events._batch_items(body.replace(b"evt-", b"new-"))
        with self.assertQueryCount(1):
            events._accept_batch(door, renamed, False)

    def test_accepting_one_event_costs_one_statement(self):
        accept = self.env["retail.event"]._accept
        door = self.source._door()
        accept(door, self.body(), "application/json", "evt-warm")
        with self.assertQueryCount(1):
            accept(door, self.body(), "application/json", "evt-1")

    def test_a_batch_beyond_the_budget_is_told_so_before_it_is_looked_at(self):
        self.source.rate_per_minute = 10
        for number in range(3):
            self.assertEqual(self.post(event_id=f"evt-{number}").status_code, 202)
        stored = len(self.events())
        right = [self.cloudevent(f"new-{n}", product=f"P{n}") for n in range(10)]
        wrong = [self.cloudevent(f"new-{n}", counted="x") for n in range(10)]
        for items in (right, wrong):
            self.assert_problem(self.post_batch(items), 429, "quota-exceeded")
        self.assertEqual(len(self.events()), stored)

    def test_an_empty_or_endless_batch_is_refused(self):
        for items in ([], {}, [self.cloudevent()] * 201):
            self.assert_problem(self.post_batch(items), 400, "envelope-invalid")

    # === Asking === #
    def ask(self, event_id, signed_id=None, code="test-pos", secret=None):
        key = standard_webhooks.decode_secret(secret or self.secret)
        now = int(fields.Datetime.now().timestamp())
        return self.url_open(
            f"/retail_ops/v1/events/{event_id}",
            headers={
                "Retail-Ops-Source": code,
                **standard_webhooks.sign([key], signed_id or event_id, now, b""),
            },
        )

    def test_a_source_asks_what_became_of_its_event(self):
        self.post()
        self.process_inbox()
        response = self.ask("evt-1")
        self.assertEqual(response.status_code, 200, response.text)
        self.assertEqual(response.json()["state"], "done")

    def test_a_source_hears_nothing_about_events_of_others(self):
        self.post()
        other = self.copy_source("test-other", name="Other")
        secret = self.env["retail.source.key"]._issue({"source_id": other.id})
        other.action_activate()
        response = self.ask("evt-1", code="test-other", secret=secret)
        self.assert_problem(response, 404, "event-not-found")

    def test_a_signature_for_one_event_does_not_open_another(self):
        self.post()
        response = self.ask("evt-1", signed_id="evt-2")
        self.assert_problem(response, 404, "event-not-found")

    def test_an_unsigned_question_is_not_answered(self):
        self.post()
        response = self.url_open("/retail_ops/v1/events/evt-1")
        self.assert_problem(response, 401, "unauthenticated")

    def test_health_says_no_more_than_ok(self):
        response = self.url_open("/retail_ops/v1/health")
        self.assertEqual(response.json(), {"status": "ok"})

    def test_the_description_lists_the_types_in_force(self):
        document = self.url_open("/retail_ops/v1/openapi.json").json()
        self.assertEqual(document["openapi"], "3.1.0")
        schemas = document["components"]["schemas"]
        self.assertIn("stock.discrepancy.found.v1", schemas)
        self.assertIn("exception.resolved.v1", document["webhooks"])
        self.assertNotIn("exception.resolved.v1", document["paths"])
