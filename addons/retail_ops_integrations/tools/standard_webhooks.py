"""Standard Webhooks 1.0.0, symmetric signatures (``v1``), on raw bytes.

Source: the specification ``spec/standard-webhooks.md`` of the project
standard-webhooks. The official Python library is not used: hostile headers make
it raise errors of many kinds, it knows one secret and a fixed tolerance. It
judges this module in the tests.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import string

from .proof import Proof, StaleTimestampError, VerificationError, any_equal, check_clock

__all__ = ["StaleTimestampError", "VerificationError"]

PREFIX = "whsec_"
ALPHABET = string.ascii_letters + string.digits
SECRET_LENGTH = 32
MIN_KEY_BYTES = 24
MAX_KEY_BYTES = 64
MAX_SIGNATURES = 20
DEFAULT_TOLERANCE = 300

_ID = re.compile(r"[!-\-/-~]{1,128}", re.ASCII)  # printable, neither space nor dot
_TIMESTAMP = re.compile(r"0|[1-9]\d{0,11}", re.ASCII)


def new_secret():
    """Return a new secret, ``whsec_`` and the base64 of 32 letters and digits.

    Letters and digits, since some receivers (the Crypto node of n8n) take the
    key as a text and cannot decode base64. 32 of them hold 190 random bits.
    """
    key = "".join(secrets.choice(ALPHABET) for _position in range(SECRET_LENGTH))
    return PREFIX + base64.b64encode(key.encode()).decode()


def decode_secret(secret):
    """Return the key bytes of a secret, with or without ``whsec_``.

    :param secret: text; standard base64, padding may be missing
    :raise ValueError: when it is no key of 24 to 64 bytes
    """
    encoded = secret.removeprefix(PREFIX)
    padded = encoded + "=" * (-len(encoded) % 4)
    try:
        key = base64.b64decode(padded.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("the secret is not base64") from error
    if not MIN_KEY_BYTES <= len(key) <= MAX_KEY_BYTES:
        raise ValueError("the secret must hold 24 to 64 bytes")
    return key


def signed_content(message_id, timestamp, body):
    """Return the bytes that are signed.

    :param message_id: text without dots
    :param timestamp: int, unix seconds of the attempt
    :param body: bytes exactly as sent
    """
    return b"%s.%d.%s" % (message_id.encode("ascii"), timestamp, body)


def signature(key, message_id, timestamp, body):
    """Return one signature, such as ``v1,g0hM9SsE…``.

    :param key: bytes
    :param message_id: text without dots
    :param timestamp: int, unix seconds of the attempt
    :param body: bytes exactly as sent
    """
    signed = signed_content(message_id, timestamp, body)
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def sign(keys, message_id, timestamp, body):
    """Return the three headers of a message, signed with every key.

    :param keys: list of bytes, the current one and those of the overlap
    :return: dict of header name to text
    """
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(
            signature(key, message_id, timestamp, body) for key in keys
        ),
    }


def verify(keys, headers, body, now, tolerance=DEFAULT_TOLERANCE):
    """Check a message and return its id and timestamp.

    :param keys: list of bytes; any of them may have signed
    :param headers: mapping with ``get``, names in lower case
    :param body: bytes exactly as received
    :param now: int, unix seconds
    :param tolerance: seconds that sender's and receiver's clock may differ
    :return: proof.Proof
    :raise StaleTimestampError: signed by a key, but outside the tolerance
    :raise VerificationError: for everything else that is not in order
    """
    message_id, timestamp = signed_members(headers)
    expected = [signature(key, message_id, timestamp, body).encode() for key in keys]
    if not any_equal(expected, presented(headers, "v1,")):
        raise VerificationError("no signature matches")
    check_clock(timestamp, now, tolerance)
    return Proof(message_id, timestamp)


def signed_members(headers):
    """Return id and timestamp as the headers name them, still unproven.

    :param headers: mapping with ``get``
    :return: tuple (text, int)
    :raise VerificationError: one is missing or malformed
    """
    message_id = headers.get("webhook-id") or ""
    timestamp = headers.get("webhook-timestamp") or ""
    if not _ID.fullmatch(message_id):
        raise VerificationError("webhook-id is missing or malformed")
    if not _TIMESTAMP.fullmatch(timestamp):
        raise VerificationError("webhook-timestamp is missing or malformed")
    return message_id, int(timestamp)


def presented(headers, version):
    """Return the signatures of one version; all others are ignored.

    :param headers: mapping with ``get``
    :param version: text such as ``v1,``
    :return: list of bytes, at most :data:`MAX_SIGNATURES`
    """
    header = headers.get("webhook-signature") or ""
    return [
        entry.encode("utf-8", "surrogateescape")
        for entry in header.split()[:MAX_SIGNATURES]
        if entry.startswith(version)
    ]
