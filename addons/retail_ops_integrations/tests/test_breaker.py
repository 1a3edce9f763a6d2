from datetime import datetime, timedelta

from odoo.tests import BaseCase, tagged

from ..tools import breaker
from ..tools.breaker import Breaker

NOON = datetime(2026, 5, 4, 12)


@tagged("post_install", "-at_install")
class TestBreaker(BaseCase):
    def test_it_stays_closed_below_ten_attempts(self):
        self.assertEqual(breaker.judge(Breaker(), NOON, 0, 9).trips, 0)

    def test_seven_failures_of_ten_open_it(self):
        self.assertEqual(breaker.judge(Breaker(), NOON, 3, 7).trips, 1)
        self.assertEqual(breaker.judge(Breaker(), NOON, 4, 6).trips, 0)

    def test_attempts_of_one_window_are_added_up(self):
        judged = breaker.judge(Breaker(), NOON, 0, 6)
        judged = breaker.judge(judged, NOON + timedelta(minutes=4), 0, 4)
        self.assertEqual(judged.trips, 1)

    def test_what_is_older_than_five_minutes_is_forgotten(self):
        judged = breaker.judge(Breaker(), NOON, 0, 6)
        judged = breaker.judge(judged, NOON + timedelta(minutes=6), 0, 4)
        self.assertEqual((judged.trips, judged.attempts), (0, 4))

    def test_a_probe_that_succeeds_closes_it(self):
        self.assertEqual(breaker.judge(Breaker(trips=3), NOON, 1, 0), Breaker())

    def test_each_probe_that_fails_doubles_the_pause_up_to_a_quarter_hour(self):
        pauses = []
        judged = Breaker(trips=1)
        for _probe in range(7):
            pauses.append(breaker.pause(judged.trips))
            judged = breaker.judge(judged, NOON, 0, 1)
        self.assertEqual(pauses, [30, 60, 120, 240, 480, 900, 900])

    def test_a_closed_breaker_makes_no_pause(self):
        self.assertEqual(breaker.pause(0), 0)
