import random

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools import backoff
from ..tools.bucket import TokenBuckets


@tagged("post_install", "-at_install")
class TestBackoff(BaseCase):
    def test_the_schedule_is_that_of_standard_webhooks(self):
        self.assertEqual(len(backoff.DELIVERY_SCHEDULE), 10)
        self.assertEqual(sum(backoff.DELIVERY_SCHEDULE), 75 * 3600 + 35 * 60 + 5)

    @settings(deadline=None)
    @given(st.integers(0, 20), st.integers())
    def test_each_delay_is_within_a_fifth_of_its_step(self, attempts, seed):
        schedule = backoff.DELIVERY_SCHEDULE
        delay = backoff.delay(schedule, attempts, random.Random(seed))
        if attempts >= len(schedule):
            self.assertIsNone(delay)
        else:
            self.assertGreaterEqual(delay, schedule[attempts] * 0.8)
            self.assertLessEqual(delay, schedule[attempts] * 1.2)

    def test_heeds_retry_after_in_seconds_and_as_a_date(self):
        self.assertEqual(backoff.retry_after("120"), 120)
        self.assertEqual(backoff.retry_after("0"), 0)
        date = "Wed, 21 Oct 2015 07:28:00 GMT"
        self.assertEqual(backoff.retry_after(date, now=1445412480 - 90), 90)
        self.assertEqual(backoff.retry_after(date, now=1445412480 + 90), 0)

    def test_ignores_what_retry_after_cannot_mean(self):
        for header in (None, "", "soon", "-5", "1.5", "99999999999999", "\u0661"):
            self.assertIsNone(backoff.retry_after(header), header)

    def test_never_waits_longer_for_a_receiver_than_a_letter_is_tried(self):
        self.assertEqual(backoff.retry_after("999999999"), 75 * 3600 + 35 * 60 + 5)

    @settings(deadline=None)
    @given(st.text(max_size=60))
    def test_no_header_breaks_it(self, header):
        wait = backoff.retry_after(header)
        self.assertTrue(wait is None or 0 <= wait <= backoff.MAX_RETRY_AFTER)


@tagged("post_install", "-at_install")
class TestTokenBuckets(BaseCase):
    def setUp(self):
        super().setUp()
        self.now = 0.0
        self.buckets = TokenBuckets(clock=lambda: self.now)

    def test_gives_a_minutes_worth_and_then_says_how_long_to_wait(self):
        self.assertEqual(self.buckets.take("a", 2), (1, 0))
        self.assertEqual(self.buckets.take("a", 2), (0, 0))
        self.assertEqual(self.buckets.take("a", 2), (0, 30))

    def test_refills_with_time_and_never_above_a_minutes_worth(self):
        self.buckets.take("a", 2)
        self.now = 3600
        self.assertEqual(self.buckets.take("a", 2), (1, 0))

    def test_each_key_has_its_own(self):
        self.buckets.take("a", 1)
        self.assertEqual(self.buckets.take("b", 1), (0, 0))

    def test_zero_is_no_limit(self):
        for _call in range(100):
            self.assertEqual(self.buckets.take("a", 0), (0, 0))

    def test_a_batch_larger_than_the_bucket_passes_when_it_is_full(self):
        self.assertEqual(self.buckets.take("a", 60, 100), (0, 0))
        self.assertEqual(self.buckets.take("a", 60), (0, 41))
