"""What every way of proving a sender has in common."""

import hmac
from typing import NamedTuple


class VerificationError(Exception):
    """The message is not proven to come from who holds a key."""


class StaleTimestampError(VerificationError):
    """Rightly signed, but too long ago or too far in the future."""


class Proof(NamedTuple):
    """What a proven message says of itself.

    message_id: text, None where the scheme signs none; timestamp: int, unix
    seconds of the attempt, None where the scheme signs none.
    """

    message_id: str | None
    timestamp: int | None


def any_equal(expected, presented):
    """Compare each pair in constant time, without stopping at a match.

    :param expected: list of bytes
    :param presented: list of bytes
    """
    matches = [
        hmac.compare_digest(right, candidate)
        for right in expected
        for candidate in presented
    ]
    return any(matches)


def check_clock(timestamp, now, tolerance):
    """Raise unless a proven timestamp is near enough to now.

    :param timestamp: int, unix seconds
    :param now: int, unix seconds
    :param tolerance: seconds
    :raise StaleTimestampError: it is not
    """
    if abs(now - timestamp) > tolerance:
        raise StaleTimestampError("the timestamp is outside the tolerance")
