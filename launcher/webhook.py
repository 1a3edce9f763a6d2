"""Standard Webhooks 1.0.0, signatures of version v1, with the standard library alone.

The signed content is `id.timestamp.body`, the key is what stands base64-encoded behind
`whsec_`, the signature is `v1,` + base64(HMAC-SHA256(key, content)).
Source: standard-webhooks/standard-webhooks, spec/standard-webhooks.md.
"""

import base64
import binascii
import hashlib
import hmac
import re
import time

PREFIX = "whsec_"
SHORTEST_KEY = 16
TOLERANCE = 300
TIMESTAMP = re.compile(r"[0-9]{1,12}")


class SignatureError(Exception):
    """A message that was not signed with this secret, or not lately; says why."""


def key_of(secret):
    """The raw key behind a secret, with or without its prefix and base64 padding.

    :param str secret: "whsec_" + base64
    :return: bytes
    :raises SignatureError: empty, not base64, or shorter than 16 bytes
    """
    text = secret[len(PREFIX) :] if secret.startswith(PREFIX) else secret
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise SignatureError("the secret is not base64") from None
    if len(key) < SHORTEST_KEY:
        raise SignatureError("the secret is too short")
    return key


def sign(secret, message_id, timestamp, body):
    """The signature of one attempt.

    :param str secret: "whsec_…"
    :param str message_id: the same for every attempt, without a dot
    :param int timestamp: Unix seconds of this attempt
    :param bytes body: exactly as sent
    :return: "v1,<base64>"
    """
    content = f"{message_id}.{timestamp}.".encode() + body
    code = hmac.new(key_of(secret), content, hashlib.sha256).digest()
    return "v1," + base64.b64encode(code).decode()


def headers(secret, message_id, body, timestamp=None):
    """The three headers of one attempt; the timestamp is now unless given."""
    timestamp = int(time.time()) if timestamp is None else timestamp
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(secret, message_id, timestamp, body),
    }


def verify(secret, received, body, now=None):
    """Check a received message.

    :param received: mapping of lower-case header names to values
    :param bytes body: exactly as received
    :param now: Unix seconds; the clock unless given
    :return: the message's id
    :raises SignatureError: a header is missing, stale or wrong
    """
    message_id = received.get("webhook-id") or ""
    timestamp = received.get("webhook-timestamp") or ""
    if not message_id:
        raise SignatureError("webhook-id is missing")
    if not TIMESTAMP.fullmatch(timestamp):
        raise SignatureError("webhook-timestamp is missing or no number")
    now = time.time() if now is None else now
    if abs(now - int(timestamp)) > TOLERANCE:
        raise SignatureError("webhook-timestamp is more than 5 minutes off")
    expected = sign(secret, message_id, timestamp, body).encode()
    offered = (received.get("webhook-signature") or "").split()
    matches = [hmac.compare_digest(expected, one.encode()) for one in offered]
    if not any(matches):
        raise SignatureError("webhook-signature does not fit")
    return message_id
