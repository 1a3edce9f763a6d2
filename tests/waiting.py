"""Waiting for what another process does, bounded."""

import time


def eventually(found, seconds=15):
    """Return the first true result of ``found()``, asked ten times a second.

    :raises AssertionError: nothing true within the time
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        result = found()
        if result:
            return result
        time.sleep(0.1)
    raise AssertionError(f"nothing came within {seconds} s")
