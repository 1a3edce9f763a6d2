"""When to try again.

Outgoing: the schedule that Standard Webhooks gives as its example, ten attempts
in 75 hours and 35 minutes; for payments, 37 attempts in 30 days. Within Odoo: five
short steps for what heals by itself, such as a locked row.
"""

import email.utils
import random
import re
import time

MINUTE, HOUR = 60, 3600
DELIVERY_SCHEDULE = (
    0,
    5,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
)
# As Adyen does it: once a day until thirty days have passed.
PAYMENTS_SCHEDULE = DELIVERY_SCHEDULE + (24 * HOUR,) * 27
SCHEDULES = {"standard": DELIVERY_SCHEDULE, "payments": PAYMENTS_SCHEDULE}
INBOX_SCHEDULE = (0, 5, 30, 2 * MINUTE, 10 * MINUTE, HOUR)
PATIENT_SCHEDULE = (
    0,
    30,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    6 * HOUR,
    12 * HOUR,
    24 * HOUR,
)
INBOX_PROFILES = {"standard": INBOX_SCHEDULE, "patient": PATIENT_SCHEDULE}
JITTER = 0.2
MAX_RETRY_AFTER = sum(DELIVERY_SCHEDULE)  # as long as a letter is tried at all
OVERLOADED_DELAY = 60


def delay(schedule, attempts, rng=random):
    """Return seconds until the next attempt, None after the last one.

    :param schedule: seconds before each attempt, the first one included
    :param attempts: int, how many were made
    :param rng: source of the jitter, ±20 %, which spreads many that failed at once
    """
    if attempts >= len(schedule):
        return None
    return schedule[attempts] * rng.uniform(1 - JITTER, 1 + JITTER)


def longest_wait(*seconds):
    """Return the longest of several waits, ignoring those that are None."""
    return max(wait for wait in seconds if wait is not None)


def retry_after(header, now=None):
    """Return the seconds a receiver asks to wait (RFC 9110, 10.2.3).

    :param header: text, seconds or an HTTP date, or None
    :param now: unix seconds
    :return: seconds from 0 to three days, None when the header says nothing usable
    """
    if not header:
        return None
    text = header.strip()
    if re.fullmatch(r"\d{1,9}", text, re.ASCII):
        return min(int(text), MAX_RETRY_AFTER)
    try:
        moment = email.utils.parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
    wait = moment - (time.time() if now is None else now)
    return min(max(wait, 0), MAX_RETRY_AFTER)
