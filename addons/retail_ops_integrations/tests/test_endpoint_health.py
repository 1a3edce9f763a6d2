import email.utils
import time
from datetime import timedelta

from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..tools import backoff
from .common import IntegrationCase
from .receiver import Receiver


@tagged("post_install", "-at_install")
class TestEndpointHealth(IntegrationCase):
    def endpoint_at(self, *answers, **values):
        """Return a receiver with these answers and an active endpoint there."""
        receiver = Receiver(self, *answers)
        endpoint, _secret = self.create_endpoint(receiver.url, **values)
        return receiver, endpoint

    def publish_many(self, count, **values):
        for _fact in range(count):
            self.publish(**values)

    def pass_time(self, endpoint, **values):
        """Let the pause of an endpoint be over, and move its clocks by hours."""
        health = endpoint.health_ids.sudo()
        health.resting_until = False
        if values.get("hours"):
            health.failing_since = health._clock() - timedelta(hours=values["hours"])
        self.make_due(
            self.deliveries(endpoint).filtered(lambda one: one.state == "pending")
        )

    def states_of(self, endpoint):
        return sorted(self.deliveries(endpoint).mapped("state"))

    # === Breaker === #
    def test_a_new_address_begins_with_a_clean_record(self):
        _down, endpoint = self.endpoint_at(*[500] * 10)
        self.publish_many(10)
        self.deliver()
        self.assertTrue(endpoint.health_ids.sudo().resting_until)
        new = Receiver(self)
        endpoint.url = new.url
        self.assertFalse(endpoint.health_ids.sudo().resting_until)
        self.publish()
        self.deliver()
        self.assertEqual(len(new.requests), 1)

    def test_ten_failures_in_a_row_open_the_breaker_and_spare_the_others(self):
        receiver, endpoint = self.endpoint_at(500)
        self.publish_many(15)
        self.deliver()
        self.assertEqual(len(receiver.requests), 10)
        self.assertEqual(sum(self.deliveries(endpoint).mapped("attempts")), 10)
        self.assertEqual(endpoint.rest_reason, "breaker")

    def test_an_open_breaker_lets_one_letter_through_after_its_pause(self):
        receiver, endpoint = self.endpoint_at(500)
        self.publish_many(15)
        self.deliver()
        self.pass_time(endpoint)
        self.deliver()
        self.assertEqual(len(receiver.requests), 11)
        self.assertEqual(endpoint.health_ids.trips, 2)

    def test_a_letter_that_is_taken_closes_it_and_all_others_follow(self):
        receiver, endpoint = self.endpoint_at(*[500] * 10, 204)
        self.publish_many(15)
        self.deliver()
        self.pass_time(endpoint)
        self.deliver()
        self.assertEqual(set(self.states_of(endpoint)), {"delivered"})
        self.assertEqual(endpoint.health_ids.trips, 0)
        self.assertFalse(endpoint.failing_since)

    def test_a_receiver_that_asks_to_wait_is_left_alone_with_everything(self):
        receiver, endpoint = self.endpoint_at((429, {"Retry-After": "900"}, b""), 204)
        self.publish_many(5)
        self.deliver()
        self.deliver()
        self.assertEqual(len(receiver.requests), 1)
        self.assertEqual(endpoint.rest_reason, "asked")
        self.assertEqual(sum(self.deliveries(endpoint).mapped("attempts")), 1)

    def test_a_date_in_retry_after_is_heeded_up_to_three_days(self):
        for wait, least, most in (
            (900, 880, 902),
            (86400 * 2, 172780, 172802),
            (86400 * 9, 272085, 272107),
        ):
            date = email.utils.formatdate(time.time() + wait, usegmt=True)
            _receiver, endpoint = self.endpoint_at((503, {"Retry-After": date}, b""))
            self.publish()
            self.deliver()
            self.env.cr.execute(
                "SELECT EXTRACT(EPOCH FROM resting_until AT TIME ZONE 'utc'"
                " - clock_timestamp())"
                " FROM retail_endpoint_health WHERE endpoint_id = %s",
                (endpoint.id,),
            )
            rest = float(self.env.cr.fetchone()[0])
            self.assertTrue(least <= rest <= most, rest)
            endpoint.action_disable()

    def test_activating_forgets_the_past(self):
        _receiver, endpoint = self.endpoint_at(500)
        self.publish_many(12)
        self.deliver()
        endpoint.action_disable()
        endpoint.action_activate()
        self.assertFalse(endpoint.rest_reason)
        self.assertEqual(endpoint.health_ids.trips, 0)

    def test_a_thousand_facts_wait_for_a_receiver_that_is_gone_and_come_once(self):
        receiver = Receiver(self)
        url = receiver.url
        receiver.close()
        endpoint, _secret = self.create_endpoint(url)
        self.publish_many(1000)
        self.deliver()
        self.assertEqual(set(self.states_of(endpoint)), {"pending"})
        back = Receiver(self, 204, port=receiver.server.server_port)
        while {"pending"} & set(self.states_of(endpoint)):
            self.pass_time(endpoint)
            self.deliver()
        self.assertEqual(set(self.states_of(endpoint)), {"delivered"})
        ids = [headers["webhook-id"] for headers, _body in back.requests]
        self.assertEqual((len(ids), len(set(ids))), (1000, 1000))

    # === Slow ones === #
    def test_one_that_answers_slowly_is_served_beside_the_others(self):
        def dawdle(handler):
            receiver.ended.wait(2.1)
            handler.send_response(204)
            handler.end_headers()

        receiver, endpoint = self.endpoint_at(dawdle, 204)
        self.publish_many(3)
        self.deliver()
        self.assertEqual(len(receiver.requests), 1)
        self.assertTrue(endpoint.health_ids.is_slow)
        self.pass_time(endpoint)
        self.run_cron("cron_deliver_slowly")
        self.assertEqual(set(self.states_of(endpoint)), {"delivered"})
        self.assertFalse(endpoint.health_ids.is_slow)

    # === Rate === #
    def test_a_rate_lets_a_burst_through_and_then_one_after_the_other(self):
        receiver, endpoint = self.endpoint_at(204, rate_per_minute=12)
        self.publish_many(10)
        self.deliver()
        self.assertEqual(len(receiver.requests), 2)
        self.assertEqual(endpoint.rest_reason, "rate")
        self.assertEqual(sum(self.deliveries(endpoint).mapped("attempts")), 2)

    def test_the_bucket_refills_with_time(self):
        receiver, endpoint = self.endpoint_at(204, rate_per_minute=12)
        self.publish_many(10)
        self.deliver()
        self.env.cr.execute(
            "UPDATE retail_endpoint_health SET resting_until = NULL, "
            "tokens_at = tokens_at - interval '5 seconds' WHERE endpoint_id = %s",
            (endpoint.id,),
        )
        self.deliver()
        self.assertEqual(len(receiver.requests), 3)

    def test_a_rate_below_zero_is_refused(self):
        _receiver, endpoint = self.endpoint_at(204)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(CheckViolation),
            self.env.cr.savepoint(),
        ):
            endpoint.rate_per_minute = -1
            endpoint.flush_recordset()

    # === Giving up === #
    def test_its_owner_is_warned_thrice_and_then_it_is_disabled(self):
        _receiver, endpoint = self.endpoint_at(500)
        self.publish_many(12)
        self.deliver()
        told = []
        for hours in (59, 61, 85, 109, 119, 121, 121):
            self.pass_time(endpoint, hours=hours)
            self.deliver()
            told.append((endpoint.health_ids.warned, endpoint.state))
        self.assertEqual(
            told,
            [
                (0, "active"),
                (50, "active"),
                (70, "active"),
                (90, "active"),
                (90, "active"),
                (100, "disabled"),
                (100, "disabled"),
            ],
        )
        self.assertEqual(endpoint.activity_ids.user_id, self.integrator)
        warnings = endpoint.message_ids.filtered(
            lambda note: self.integrator.partner_id in note.partner_ids
        )
        self.assertEqual(len(warnings), 4)

    def test_one_that_failed_once_long_ago_is_not_disabled(self):
        _receiver, endpoint = self.endpoint_at(500)
        self.publish()
        self.deliver()
        self.pass_time(endpoint, hours=1000)
        self.deliver()
        self.assertEqual((endpoint.state, endpoint.health_ids.warned), ("active", 0))

    def test_a_letter_that_is_taken_ends_the_warnings(self):
        _receiver, endpoint = self.endpoint_at(*[500] * 11, 204)
        self.publish_many(12)
        self.deliver()
        self.pass_time(endpoint, hours=61)
        self.deliver()
        self.assertEqual(endpoint.health_ids.warned, 50)
        self.pass_time(endpoint)
        self.deliver()
        self.assertEqual(endpoint.health_ids.warned, 0)

    def test_nobody_is_disabled_where_the_limit_is_zero(self):
        _receiver, endpoint = self.endpoint_at(500, disable_after_hours=0)
        self.publish_many(12)
        self.deliver()
        self.pass_time(endpoint, hours=9999)
        self.deliver()
        self.assertEqual(endpoint.state, "active")

    def test_payments_are_tried_for_thirty_days(self):
        _receiver, endpoint = self.endpoint_at(400, retry_profile="payments")
        self.publish()
        delivery = self.deliveries(endpoint)
        self.assertEqual(endpoint.disable_after_hours, 720)
        self.assertGreaterEqual(sum(backoff.PAYMENTS_SCHEDULE), 30 * 86400)
        for _attempt in backoff.PAYMENTS_SCHEDULE:
            self.assertEqual(delivery.state, "pending")
            self.pass_time(endpoint)
            self.deliver()
        self.assertEqual((delivery.state, delivery.attempts), ("dead", 37))

    # === Order === #
    def test_an_ordered_endpoint_gets_the_next_fact_of_a_key_after_the_first(self):
        receiver, endpoint = self.endpoint_at(500, 204, is_ordered=True)
        for number in range(3):
            self.publish(data={"n": number}, key="EXC/1")
        self.deliver()
        self.assertEqual(self.states_of(endpoint), ["pending", "waiting", "waiting"])
        self.pass_time(endpoint)
        self.deliver()
        self.assertEqual(set(self.states_of(endpoint)), {"delivered"})
        numbers = [body.split(b'"n":')[1][:1] for _headers, body in receiver.requests]
        self.assertEqual(numbers, [b"0", b"0", b"1", b"2"])

    def test_other_keys_are_not_held_up(self):
        receiver, endpoint = self.endpoint_at(500, 204, is_ordered=True)
        self.publish(key="EXC/1")
        self.publish(key="EXC/1")
        self.publish(key="EXC/2")
        self.publish(key=None)
        self.deliver()
        self.assertEqual(
            self.states_of(endpoint), ["delivered", "delivered", "pending", "waiting"]
        )

    def give_up_the_first(self, policy):
        _receiver, endpoint = self.endpoint_at(
            204, is_ordered=True, exhausted_policy=policy
        )
        self.publish()
        self.publish()
        first = self.deliveries(endpoint).sorted("id")[0]
        first.sudo().state = "dead"
        self.deliver()
        return endpoint, first

    def test_one_that_is_given_up_holds_those_that_follow_if_asked(self):
        endpoint, first = self.give_up_the_first("hold")
        self.assertEqual(self.states_of(endpoint), ["dead", "waiting"])
        first.with_user(self.integrator)._cancel("settled by telephone")
        self.deliver()
        self.assertEqual(self.states_of(endpoint), ["cancelled", "delivered"])

    def test_one_that_is_given_up_is_passed_by_otherwise(self):
        endpoint, _first = self.give_up_the_first("continue")
        self.assertEqual(self.states_of(endpoint), ["dead", "delivered"])

    def test_what_waited_goes_out_once_order_is_given_up(self):
        _receiver, endpoint = self.endpoint_at(500, 204, is_ordered=True)
        self.publish_many(3)
        self.deliver()
        endpoint.is_ordered = False
        self.deliver()
        self.assertEqual(
            self.states_of(endpoint), ["delivered", "delivered", "pending"]
        )

    # === Access === #
    def test_nobody_writes_an_endpoints_health(self):
        _receiver, endpoint = self.endpoint_at(500)
        self.publish()
        self.deliver()
        for user in (self.integrator, self.account, self.env.ref("base.user_admin")):
            with self.subTest(user.login), self.assertRaises(AccessError):
                endpoint.health_ids.with_user(user).write({"trips": 0})
