"""When to leave a failing receiver alone.

As Convoy does it: seven failures in ten, of ten attempts or more within five
minutes, open the breaker. It stays open for half a minute, then one letter at a
time is tried; each further failure doubles the pause.
"""

from datetime import timedelta
from typing import NamedTuple

WINDOW = timedelta(minutes=5)
MIN_ATTEMPTS = 10
FAILURE_SHARE = 0.7
FIRST_PAUSE = 30
LONGEST_PAUSE = 15 * 60


class Breaker(NamedTuple):
    """What is remembered of a receiver.

    trips: int, openings in a row, 0 is closed; window_at: datetime the count began,
    or None; attempts, failures: ints within the window.
    """

    trips: int = 0
    window_at: object = None
    attempts: int = 0
    failures: int = 0


def judge(breaker, now, succeeded, failed):
    """Return the breaker after some attempts.

    :param breaker: :class:`Breaker`
    :param now: datetime
    :param succeeded: int, attempts that were answered 2xx
    :param failed: int, all others
    """
    if breaker.trips:
        return Breaker(breaker.trips + 1) if failed else Breaker()
    if not breaker.window_at or now - breaker.window_at > WINDOW:
        breaker = Breaker(window_at=now)
    attempts = breaker.attempts + succeeded + failed
    failures = breaker.failures + failed
    if attempts >= MIN_ATTEMPTS and failures >= attempts * FAILURE_SHARE:
        return Breaker(trips=1)
    return breaker._replace(attempts=attempts, failures=failures)


def pause(trips):
    """Return the seconds until the next probe.

    :param trips: int, openings in a row
    """
    if not trips:
        return 0
    return min(FIRST_PAUSE * 2 ** min(trips - 1, 10), LONGEST_PAUSE)
