import json
import threading

from standardwebhooks import Webhook

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from ..tools import backoff, courier, transport
from .common import IntegrationCase
from .receiver import Receiver

REFUSAL = "No."


@tagged("post_install", "-at_install")
class TestDelivery(IntegrationCase):
    def send(self, *answers, **values):
        """Publish one fact to a receiver and run the Scheduled Action once."""
        receiver = Receiver(self, *answers)
        endpoint, secret = self.create_endpoint(receiver.url, **values)
        self.publish()
        self.deliver()
        return receiver, endpoint, secret

    def wait_of(self, delivery):
        """Return the seconds until the next attempt, by the database's clock."""
        self.env.cr.execute(
            "SELECT EXTRACT(EPOCH FROM next_at AT TIME ZONE 'utc' - clock_timestamp()) "
            "FROM retail_delivery WHERE id = %s",
            (delivery.id,),
        )
        return float(self.env.cr.fetchone()[0])

    # === Delivered === #
    def test_a_fact_is_delivered_signed_and_the_public_library_verifies_it(self):
        receiver, endpoint, secret = self.send(204)
        delivery = self.deliveries(endpoint)
        self.assertEqual((delivery.state, delivery.attempts), ("delivered", 1))
        [(headers, body)] = receiver.requests
        event = Webhook(secret).verify(body, headers)
        self.assertEqual(event["type"], "exception.resolved")
        self.assertEqual(event["data"], {"reference": "EXC/1"})
        self.assertEqual(headers["webhook-id"], delivery.message_id)
        self.assertEqual(headers["Content-Type"], "application/json")

    def test_a_cloudevents_body_is_signed_alike(self):
        receiver, endpoint, secret = self.send(204, body_format="cloudevents")
        [(headers, body)] = receiver.requests
        event = Webhook(secret).verify(body, headers)
        self.assertEqual(headers["Content-Type"], "application/cloudevents+json")
        self.assertEqual(event["specversion"], "1.0")
        self.assertEqual(event["id"], headers["webhook-id"])
        self.assertEqual(event["correlationid"], "c-1")
        self.assertEqual(event["partitionkey"], "EXC/1")

    def test_both_keys_sign_while_a_rotation_overlaps(self):
        receiver = Receiver(self)
        endpoint, old = self.create_endpoint(receiver.url)
        new = self.env["retail.endpoint.key"]._issue({"endpoint_id": endpoint.id})
        self.publish()
        self.deliver()
        [(headers, body)] = receiver.requests
        for secret in (old, new):
            self.assertTrue(Webhook(secret).verify(body, headers))

    def test_a_revoked_key_signs_nothing(self):
        receiver = Receiver(self)
        endpoint, _secret = self.create_endpoint(receiver.url)
        endpoint.key_ids.action_revoke()
        self.publish()
        self.deliver()
        self.assertEqual(receiver.requests, [])
        delivery = self.deliveries(endpoint)
        self.assertEqual(delivery.state, "pending")
        self.assertEqual(delivery.attempt_ids.error_class, "key")

    def test_only_facts_that_the_filter_names_are_sent(self):
        receiver = Receiver(self)
        created = self.env.ref("retail_ops_integrations.event_type_exception_created")
        endpoint, _secret = self.create_endpoint(
            receiver.url, event_type_ids=[(6, 0, created.ids)]
        )
        self.publish("exception.resolved")
        self.publish("exception.created")
        self.assertEqual(
            self.deliveries(endpoint).mapped("type"), ["exception.created"]
        )

    def test_only_facts_of_the_endpoints_company_are_sent(self):
        other = self.env["res.company"].create({"name": "Other"})
        endpoint, _secret = self.create_endpoint(
            Receiver(self).url, company_id=other.id
        )
        self.publish()
        self.assertFalse(self.deliveries(endpoint))

    def test_every_endpoint_gets_each_fact_once_with_the_same_id(self):
        receivers = [Receiver(self), Receiver(self)]
        for receiver in receivers:
            self.create_endpoint(receiver.url)
        self.publish()
        self.deliver()
        self.deliver()
        ids = [[headers["webhook-id"] for headers, _b in r.requests] for r in receivers]
        self.assertEqual(len(ids[0]), 1)
        self.assertEqual(ids[0], ids[1])

    def test_many_facts_of_one_transaction_are_written_in_one_statement(self):
        endpoint, _secret = self.create_endpoint(Receiver(self).url)
        self.env["retail.outbox"]._add(
            "exception.created", {}, self.company, None, None
        )
        self.env.cr.flush()
        for number in range(50):
            self.env["retail.outbox"]._add(
                "exception.created", {"n": number}, self.company, None, None
            )
        with self.assertQueryCount(1):
            self.env.cr.flush()
        self.assertEqual(len(self.deliveries(endpoint)), 51)

    def test_a_fact_of_a_transaction_that_fails_is_never_told(self):
        endpoint, _secret = self.create_endpoint(Receiver(self).url)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.env["retail.outbox"]._add("ping", {}, self.company, None, None)
            raise UserError(REFUSAL)
        self.env.cr.flush()
        self.assertFalse(self.deliveries(endpoint))

    # === Tried again === #
    def test_a_failure_is_tried_again_by_the_schedule(self):
        _receiver, endpoint, _secret = self.send(500)
        delivery = self.deliveries(endpoint)
        for attempt in range(1, len(backoff.DELIVERY_SCHEDULE)):
            self.assertEqual((delivery.state, delivery.attempts), ("pending", attempt))
            step = backoff.DELIVERY_SCHEDULE[attempt]
            self.assertGreaterEqual(self.wait_of(delivery), step * 0.8 - 2)
            self.assertLessEqual(self.wait_of(delivery), step * 1.2 + 1)
            self.make_due(delivery)
            self.deliver()
        self.assertEqual((delivery.state, delivery.attempts), ("dead", 10))
        self.assertEqual(len(delivery.attempt_ids), 10)
        self.assertEqual(endpoint.activity_ids.user_id, self.integrator)

    def test_the_id_and_the_body_stay_the_same_on_every_attempt(self):
        receiver, endpoint, secret = self.send(500, 204)
        self.make_due(self.deliveries(endpoint))
        self.deliver()
        (first, first_body), (second, second_body) = receiver.requests
        self.assertEqual(first["webhook-id"], second["webhook-id"])
        self.assertEqual(first_body, second_body)
        self.assertTrue(Webhook(secret).verify(second_body, second))
        self.assertEqual(self.deliveries(endpoint).state, "delivered")

    def test_retry_after_is_heeded(self):
        _receiver, endpoint, _secret = self.send((429, {"Retry-After": "900"}, b""))
        wait = self.wait_of(self.deliveries(endpoint))
        self.assertTrue(895 <= wait <= 901, wait)

    def test_an_overloaded_receiver_gets_a_minute_at_least(self):
        _receiver, endpoint, _secret = self.send(503)
        self.assertGreater(self.wait_of(self.deliveries(endpoint)), 55)

    def test_a_redirect_is_a_failure_and_is_not_followed(self):
        elsewhere = Receiver(self)
        _receiver, endpoint, _secret = self.send(
            (302, {"Location": elsewhere.url}, b"")
        )
        self.assertEqual(elsewhere.requests, [])
        self.assertEqual(self.deliveries(endpoint).last_status, 302)

    def test_a_receiver_that_is_gone_disables_its_endpoint(self):
        receiver, endpoint, _secret = self.send(410)
        self.assertEqual(endpoint.state, "disabled")
        self.assertIn("410", endpoint.disabled_reason)
        self.assertTrue(endpoint.activity_ids)
        self.make_due(self.deliveries(endpoint))
        self.deliver()
        self.assertEqual(len(receiver.requests), 1)

    def test_what_is_published_while_disabled_waits_and_is_sent_afterwards(self):
        receiver = Receiver(self)
        endpoint, _secret = self.create_endpoint(receiver.url)
        endpoint.action_disable()
        self.publish()
        self.deliver()
        self.assertEqual(receiver.requests, [])
        endpoint.action_activate()
        self.deliver()
        self.assertEqual(len(receiver.requests), 1)

    def test_a_receiver_that_cannot_be_reached_costs_the_others_nothing(self):
        healthy = Receiver(self)
        dead, _secret = self.create_endpoint("http://127.0.0.1:9/")
        endpoint, _secret = self.create_endpoint(healthy.url)
        for _fact in range(30):
            self.publish()
        self.deliver()
        self.assertEqual(set(self.deliveries(endpoint).mapped("state")), {"delivered"})
        waiting = self.deliveries(dead)
        self.assertEqual(set(waiting.mapped("state")), {"pending"})
        self.assertEqual(sum(waiting.mapped("attempts")), 1)
        self.assertTrue(dead.resting_until)

    def test_a_receiver_that_hangs_is_left_at_the_deadline(self):
        receiver = Receiver(self, lambda handler: receiver.ended.wait(10))
        endpoint, _secret = self.create_endpoint(receiver.url)
        self.publish()
        self.patch(courier, "DEADLINE", 0.5)
        self.deliver()
        attempt = self.deliveries(endpoint).attempt_ids
        self.assertEqual((attempt.status, attempt.error_class), (0, "timeout"))
        self.assertLess(attempt.seconds, 2)

    def test_the_time_that_a_name_takes_to_resolve_is_part_of_the_deadline(self):
        receiver = Receiver(self, lambda handler: receiver.ended.wait(10))
        endpoint, _secret = self.create_endpoint(receiver.url)
        open_session, resolved = transport.open_session, threading.Event()

        def slowly(*args):
            resolved.wait(1)
            return open_session(*args)

        self.patch(transport, "open_session", slowly)
        self.patch(courier, "DEADLINE", 1.5)
        self.publish()
        self.deliver()
        attempt = self.deliveries(endpoint).attempt_ids
        self.assertEqual(attempt.error_class, "timeout")
        self.assertLess(attempt.seconds, 1.4)

    def test_a_name_that_takes_long_to_resolve_is_a_slow_endpoint(self):
        endpoint, _secret = self.create_endpoint("http://127.0.0.1:9/")
        waited = threading.Event()

        def unresolved(*_args):
            waited.wait(2.1)
            raise OSError("n8n.example does not resolve: timeout")

        self.patch(transport, "open_session", unresolved)
        self.publish()
        self.deliver()
        self.assertGreater(self.deliveries(endpoint).attempt_ids.seconds, 2)
        self.assertTrue(endpoint.health_ids.is_slow)

    def test_the_answer_of_the_receiver_is_kept(self):
        _receiver, endpoint, _secret = self.send((400, {}, b"no such workflow"))
        attempt = self.deliveries(endpoint).attempt_ids
        self.assertEqual((attempt.status, attempt.response), (400, "no such workflow"))
        self.assertEqual(attempt.error_class, "status")

    def test_a_lease_that_ran_out_is_taken_over(self):
        receiver = Receiver(self)
        endpoint, _secret = self.create_endpoint(receiver.url)
        self.publish()
        delivery = self.deliveries(endpoint)
        delivery.sudo().write(
            {
                "state": "leased",
                "attempts": 1,
                "lease_token": "gone",
                "lease_until": "2020-01-01 00:00:00",
            }
        )
        self.deliver()
        self.assertEqual((delivery.state, delivery.attempts), ("delivered", 2))

    def test_who_lost_the_lease_changes_nothing(self):
        endpoint, _secret = self.create_endpoint(Receiver(self).url)
        self.publish()
        delivery = self.deliveries(endpoint)
        delivery.sudo().write({"state": "leased", "lease_token": "mine"})
        reply = transport.Reply(204, "", None, None, None, 0.1)
        delivery._complete([(delivery.id, reply)], "theirs")
        self.assertEqual(delivery.state, "leased")

    # === By hand === #
    def test_what_is_left_when_the_time_is_up_goes_on_at_once(self):
        self.create_endpoint(Receiver(self).url)
        self.publish()
        for lane in ("cron_deliver_outbox", "cron_deliver_slowly"):
            self.assertIn(lane, self.wakes_when_out_of_time(lane))

    def test_a_delivery_is_sent_again_under_the_same_id(self):
        receiver, endpoint, _secret = self.send(204)
        self.deliveries(endpoint).with_user(self.integrator)._resend("lost there")
        self.make_due(self.deliveries(endpoint))
        self.deliver()
        first, second = (headers["webhook-id"] for headers, _body in receiver.requests)
        self.assertEqual(first, second)

    def test_a_cancelled_delivery_is_not_sent(self):
        receiver = Receiver(self)
        endpoint, _secret = self.create_endpoint(receiver.url)
        self.publish()
        self.deliveries(endpoint)._cancel("obsolete")
        self.deliver()
        self.assertEqual(receiver.requests, [])

    def test_the_test_button_sends_a_ping_to_this_endpoint_alone(self):
        receiver, other = Receiver(self), Receiver(self)
        endpoint, _secret = self.create_endpoint(receiver.url)
        self.create_endpoint(other.url)
        endpoint.with_user(self.integrator).action_send_test()
        self.deliver()
        self.assertEqual(json.loads(receiver.requests[0][1])["type"], "ping")
        self.assertEqual(other.requests, [])

    # === Egress === #
    def create_at(self, url):
        return self.env["retail.endpoint"].create(
            {"name": "X", "url": url, "owner_id": self.integrator.id}
        )

    def test_an_address_that_is_not_public_cannot_be_saved(self):
        self.env["retail.egress.rule"].search([]).active = False
        for url in ("http://example.com/", "https://10.0.0.1/", "https://[::1]/", "x"):
            with self.subTest(url), self.assertRaises(ValidationError):
                self.create_at(url)
        self.assertTrue(self.create_at("https://hooks.example.com/in"))

    def test_a_withdrawn_rule_ends_deliveries_for_good(self):
        receiver = Receiver(self)
        endpoint, _secret = self.create_endpoint(receiver.url)
        self.env["retail.egress.rule"].search([]).active = False
        self.publish()
        self.deliver()
        delivery = self.deliveries(endpoint)
        self.assertEqual(receiver.requests, [])
        self.assertEqual(delivery.state, "dead")
        self.assertEqual(delivery.attempt_ids.error_class, "blocked")
        self.assertTrue(endpoint.activity_ids)

    def test_changes_of_egress_rules_stand_in_the_ledger(self):
        rule = self.env["retail.egress.rule"].create(
            {"destination": "10.0.0.0/8", "reason": "n8n"}
        )
        rule.port = 5678
        rule_id = rule.id
        rule.unlink()
        entries = self.env["retail.audit.entry"].search(
            [("model", "=", "retail.egress.rule"), ("res_id", "=", rule_id)]
        )
        self.assertEqual(
            set(entries.mapped("action")),
            {"egress_rule.created", "egress_rule.changed", "egress_rule.deleted"},
        )

    def test_an_egress_rule_must_name_a_host_or_a_network(self):
        for destination in ("", "not a host", "10.0.0.0/33", "127.1", "http://x"):
            with self.subTest(destination), self.assertRaises(ValidationError):
                self.env["retail.egress.rule"].create(
                    {"destination": destination, "reason": "?"}
                )
