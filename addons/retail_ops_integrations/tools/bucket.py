"""Token buckets of one process: an approximate brake, not an account."""

import threading
import time


class TokenBuckets:
    """One bucket a key; it holds one minute's worth and refills steadily."""

    def __init__(self, clock=time.monotonic):
        self._clock = clock
        self._lock = threading.Lock()
        self._levels = {}

    def take(self, key, per_minute, amount=1):
        """Take tokens for ``amount`` events, if there are that many.

        :param key: hashable
        :param per_minute: int, size and refill of the bucket; 0 is no limit
        :return: tuple (remaining, wait): whole tokens left, and seconds until the
            bucket holds enough, 0 when they were taken
        """
        if not per_minute:
            return 0, 0
        with self._lock:
            now = self._clock()
            level, since = self._levels.get(key, (per_minute, now))
            level = min(per_minute, level + (now - since) * per_minute / 60)
            enough = min(amount, per_minute)
            if level >= enough:
                self._levels[key] = (level - amount, now)
                return max(int(level - amount), 0), 0
            self._levels[key] = (level, now)
            return 0, (enough - level) * 60 / per_minute

    def clear(self):
        """Fill every bucket."""
        with self._lock:
            self._levels.clear()
