"""Shopify's webhooks: HMAC-SHA256 of the raw body, base64, in one header.

Source: Shopify's page on verifying webhooks. Only the body is signed: topic, shop and
event id stand in headers that nothing covers. The event's id is therefore made from
what arrived, so that a body sent again under another id is still the same event.
"""

import base64
import hashlib
import hmac
import re

from . import envelope
from .proof import Proof, VerificationError, any_equal

SIGNATURE = "x-shopify-hmac-sha256"
TOPIC = "x-shopify-topic"
TRIGGERED_AT = "x-shopify-triggered-at"
ACTION = "x-shopify-event-id"
MIN_SECRET = 16
_TOPIC = re.compile(r"[a-z0-9_]{1,60}(/[a-z0-9_]{1,60}){1,2}", re.ASCII)
_ACTION = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


def decode_secret(text):
    """Return the key bytes of an app's client secret, which is used as a text.

    :raise ValueError: too short to be one
    """
    if len(text) < MIN_SECRET:
        raise ValueError("the client secret is too short")
    return text.encode()


def signature(key, body):
    """Return the header's value.

    :param key: bytes
    :param body: bytes exactly as sent
    """
    return base64.b64encode(hmac.new(key, body, hashlib.sha256).digest()).decode()


def verify(keys, headers, body, _now=0, _tolerance=0):
    """Check a message; Shopify signs neither id nor time.

    :param keys: list of bytes; any of them may have signed
    :param headers: mapping with ``get``
    :param body: bytes exactly as received
    :return: proof.Proof without id and timestamp
    :raise VerificationError: no key has signed the body
    """
    presented = headers.get(SIGNATURE) or ""
    expected = [signature(key, body).encode() for key in keys]
    if not any_equal(expected, [presented.encode("utf-8", "surrogateescape")]):
        raise VerificationError("no signature matches")
    return Proof(None, None)


def read(body, raw, headers):
    """Return the event of a message, its topic as type: ``shopify.orders.create``.

    :param body: parsed JSON
    :param raw: bytes exactly as received
    :param headers: mapping with ``get``
    :raise envelope.EnvelopeError: no object, or a header is missing or malformed
    """
    envelope.require(isinstance(body, dict), "", "the body must be a JSON object")
    topic = headers.get(TOPIC) or ""
    envelope.require(
        _TOPIC.fullmatch(topic),
        "",
        "X-Shopify-Topic is required, such as orders/create",
    )
    moment = headers.get(TRIGGERED_AT) or body.get("updated_at")
    action = headers.get(ACTION) or ""
    return envelope.Event(
        hashlib.sha256(topic.encode() + b"\0" + raw).hexdigest(),
        "shopify." + topic.replace("/", "."),
        1,
        envelope.moment(moment, "/updated_at"),
        body,
        action if _ACTION.fullmatch(action) else None,
    )
