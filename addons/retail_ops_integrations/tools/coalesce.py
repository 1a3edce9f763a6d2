"""Many calls in a short while become one."""

import threading
import time


class Coalescer:
    """Run an action once, shortly after the first of many calls for a key.

    Every call is followed by a run that starts after it: nothing is lost by calling
    while the action runs. When calls keep coming, runs keep a distance.
    """

    def __init__(self, delay, distance, action, clock=time.monotonic):
        """Remember what to run.

        :param delay: seconds between the first call and the run
        :param distance: seconds between the starts of two runs for one key, at least
        :param action: callable taking the key and the set of what was asked for it
        :param clock: function returning seconds
        """
        self._delay = delay
        self._distance = distance
        self._action = action
        self._clock = clock
        self._lock = threading.Lock()
        self._asked = {}
        self._began = {}

    def call(self, key, items):
        """Have the action run for ``key`` soon.

        :param key: hashable
        :param items: iterable of hashables that the action is to be given
        :return: seconds until that run, None when one was to come already
        """
        with self._lock:
            if key in self._asked:
                self._asked[key].update(items)
                return None
            self._asked[key] = set(items)
            wait = self._wait(key)
        timer = threading.Timer(wait, self._run, (key,))
        timer.daemon = True
        timer.start()
        return wait

    def _wait(self, key):
        if key not in self._began:
            return self._delay
        rested = self._clock() - self._began[key]
        return max(self._delay, self._distance - rested)

    def _run(self, key):
        with self._lock:
            items = self._asked.pop(key)
            self._began[key] = self._clock()
        self._action(key, items)
