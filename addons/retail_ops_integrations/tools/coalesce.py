"""Many calls in a short while become one."""

import threading


class Coalescer:
    """Run an action once, shortly after the first of many calls for a key.

    Every call is followed by a run that starts after it: nothing is lost by
    calling while the action runs.
    """

    def __init__(self, delay, action):
        """Remember what to run.

        :param delay: seconds between the first call and the run
        :param action: callable taking the key
        """
        self._delay = delay
        self._action = action
        self._lock = threading.Lock()
        self._scheduled = set()

    def call(self, key):
        """Have the action run for ``key`` within the delay.

        :param key: hashable
        """
        with self._lock:
            if key in self._scheduled:
                return
            self._scheduled.add(key)
        timer = threading.Timer(self._delay, self._run, (key,))
        timer.daemon = True
        timer.start()

    def _run(self, key):
        with self._lock:
            self._scheduled.discard(key)
        self._action(key)
