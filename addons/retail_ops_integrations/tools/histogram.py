"""Answer times, counted by steps: small, and those of several processes add up."""

import bisect
import threading
from collections import Counter

STEPS_MS = (5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 60000)


def step(seconds):
    """Return the step that a time falls into.

    :param seconds: float; what is beyond the last step counts there
    :return: int, its upper end in milliseconds
    """
    place = bisect.bisect_left(STEPS_MS, seconds * 1000)
    return STEPS_MS[min(place, len(STEPS_MS) - 1)]


def quantile(counts, share):
    """Return the time within which a share of all answers came.

    Within a step it is taken to grow evenly, as Prometheus' ``histogram_quantile``
    does.

    :param counts: dict step in milliseconds -> how many
    :param share: from 0 to 1
    :return: float seconds, 0 without answers
    """
    wanted, seen, lower = share * sum(counts.values()), 0, 0
    for upper in STEPS_MS:
        count = counts.get(upper, 0)
        if count and seen + count >= wanted:
            return (lower + (upper - lower) * (wanted - seen) / count) / 1000
        seen, lower = seen + count, upper
    return 0.0


class Tally:
    """Counts of this process that are not written yet, by a first key and a rest."""

    def __init__(self):
        self._lock = threading.Lock()
        self._counts = {}

    def add(self, first, rest, count=1):
        """Count under ``(first, rest)``."""
        with self._lock:
            self._counts.setdefault(first, Counter())[rest] += count

    def take(self, first):
        """Return the counts under ``first`` as dict rest -> count, and forget them."""
        with self._lock:
            return dict(self._counts.pop(first, {}))
