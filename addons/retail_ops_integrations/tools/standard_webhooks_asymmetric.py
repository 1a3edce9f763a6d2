"""Standard Webhooks 1.0.0, asymmetric signatures (``v1a``, Ed25519), on raw bytes.

The sender keeps the private key: whoever reads this database can verify, but sign
nothing. No official library has it; the vector in the tests is that of Svix.
"""

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from . import standard_webhooks
from .proof import Proof, VerificationError, check_clock

PUBLIC_PREFIX = "whpk_"
PRIVATE_PREFIX = "whsk_"
VERSION = "v1a,"
KEY_BYTES = 32


def decode_public_key(text):
    """Return the bytes of a sender's public key.

    :param text: ``whpk_`` and base64 of 32 bytes
    :raise ValueError: it is not that, or it is a secret
    """
    if not text.startswith(PUBLIC_PREFIX):
        raise ValueError("a public key begins with whpk_")
    key = _decode(text.removeprefix(PUBLIC_PREFIX))
    if len(key) != KEY_BYTES:
        raise ValueError("a public key holds 32 bytes")
    Ed25519PublicKey.from_public_bytes(key)
    return key


def sign(private_key, message_id, timestamp, body):
    """Return one signature, such as ``v1a,hnO3f9T8…``.

    :param private_key: text, ``whsk_`` and base64 of seed and public key (64 bytes)
    :param body: bytes exactly as sent
    """
    seed = _decode(private_key.removeprefix(PRIVATE_PREFIX))[:KEY_BYTES]
    signed = standard_webhooks.signed_content(message_id, timestamp, body)
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(signed)
    return VERSION + base64.b64encode(signature).decode()


def verify(keys, headers, body, now, tolerance=standard_webhooks.DEFAULT_TOLERANCE):
    """Check a message against the sender's public keys.

    :param keys: list of bytes; any of them may have signed
    :param headers: mapping with ``get``
    :param body: bytes exactly as received
    :param now: int, unix seconds
    :param tolerance: seconds
    :return: proof.Proof
    :raise StaleTimestampError: signed by a key, but outside the tolerance
    :raise VerificationError: for everything else that is not in order
    """
    message_id, timestamp = standard_webhooks.signed_members(headers)
    signed = standard_webhooks.signed_content(message_id, timestamp, body)
    signatures = [
        signature
        for entry in standard_webhooks.presented(headers, VERSION)
        if (signature := _signature(entry))
    ]
    if not any(_matches(key, one, signed) for key in keys for one in signatures):
        raise VerificationError("no signature matches")
    check_clock(timestamp, now, tolerance)
    return Proof(message_id, timestamp)


def _signature(entry):
    try:
        return base64.b64decode(entry[len(VERSION) :], validate=True)
    except binascii.Error:
        return None


def _matches(key, signature, signed):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    except InvalidSignature:
        return False
    return True


def _decode(encoded):
    try:
        return base64.b64decode(encoded.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("the key is not base64") from error
