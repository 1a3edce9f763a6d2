"""Stripe's webhooks: ``t=…,v1=…`` over time and raw body, HMAC-SHA256 as hex.

Source: Stripe's page on verifying signatures manually. The key is the signing
secret as it is written, ``whsec_`` included; that prefix alone is shared with
Standard Webhooks. ``v0`` and other versions are ignored.
"""

import datetime
import hashlib
import hmac
import re

from . import envelope
from .proof import Proof, VerificationError, any_equal, check_clock

SIGNATURE = "stripe-signature"
MIN_SECRET = 16
MAX_SIGNATURES = 20
_TIMESTAMP = re.compile(r"0|[1-9]\d{0,11}", re.ASCII)


def decode_secret(text):
    """Return the key bytes of a signing secret, which is used as a text.

    :raise ValueError: too short to be one
    """
    if len(text) < MIN_SECRET:
        raise ValueError("the signing secret is too short")
    return text.encode()


def signature(key, timestamp, body):
    """Return one ``v1`` signature as hex.

    :param key: bytes
    :param timestamp: int, unix seconds
    :param body: bytes exactly as sent
    """
    return hmac.new(key, b"%d.%s" % (timestamp, body), hashlib.sha256).hexdigest()


def verify(keys, headers, body, now, tolerance):
    """Check a message and return when it was signed.

    :param keys: list of bytes; any of them may have signed
    :param headers: mapping with ``get``
    :param body: bytes exactly as received
    :param now: int, unix seconds
    :param tolerance: seconds
    :return: proof.Proof without id: that stands in the signed body
    :raise StaleTimestampError: signed by a key, but outside the tolerance
    :raise VerificationError: for everything else that is not in order
    """
    parts = [
        part.strip().partition("=")
        for part in (headers.get(SIGNATURE) or "").split(",")[:MAX_SIGNATURES]
    ]
    times = [value for name, _sign, value in parts if name == "t"]
    if len(times) != 1 or not _TIMESTAMP.fullmatch(times[0]):
        raise VerificationError("the timestamp is missing or malformed")
    timestamp = int(times[0])
    presented = [
        value.encode("utf-8", "surrogateescape")
        for name, _sign, value in parts
        if name == "v1"
    ]
    expected = [signature(key, timestamp, body).encode() for key in keys]
    if not any_equal(expected, presented):
        raise VerificationError("no signature matches")
    check_clock(timestamp, now, tolerance)
    return Proof(None, timestamp)


def read(body, raw, headers):
    """Return the event of a message: ``stripe.charge.dispute.created``.

    :param body: parsed JSON, a Stripe event
    :param raw: not used, everything stands in the signed body
    :param headers: not used
    :raise envelope.EnvelopeError: a member is missing or malformed
    """
    envelope.require(isinstance(body, dict), "", "the body must be a JSON object")
    event_id, created = body.get("id"), body.get("created")
    envelope.require(envelope.is_event_id(event_id), "/id", "is required")
    envelope.require(
        type(created) is int and 0 <= created < 1 << 33, "/created", "Unix seconds"
    )
    name = f"stripe.{body.get('type')}"
    envelope.require(envelope.is_type(name), "/type", "is required")
    envelope.require(isinstance(body.get("data"), dict), "/data", "is required")
    return envelope.Event(
        event_id,
        name,
        1,
        datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=created),
        body["data"],
        None,
    )
