"""API keys for systems that cannot sign: long, random, kept as a hash only.

A key holds 256 random bits, so a single SHA-256 is enough: there is nothing to
guess that a slow hash would protect.
"""

import hashlib
import hmac
import re
import secrets

PREFIXES = {"production": "rok_live_", "test": "rok_test_"}
_BEARER = re.compile(r"Bearer ([A-Za-z0-9_-]{20,200})", re.ASCII | re.IGNORECASE)


def new_key(environment):
    """Return a new key that tells which environment it opens.

    :param environment: production or test
    """
    return PREFIXES[environment] + secrets.token_urlsafe(32)


def digest(key):
    """Return what is kept of a key: its SHA-256 as hex."""
    return hashlib.sha256(key.encode()).hexdigest()


def presented(headers):
    """Return the key of an ``Authorization: Bearer`` header, None without one.

    :param headers: mapping with ``get``
    """
    match = _BEARER.fullmatch((headers.get("Authorization") or "").strip())
    return match and match[1]


def find(kept, key):
    """Return the entry whose digest is the key's, comparing all in constant time.

    :param kept: iterable of objects with ``digest`` (hex)
    :param key: text as presented
    :return: one of ``kept`` or None
    """
    wanted, found = digest(key), None
    for entry in kept:
        if hmac.compare_digest(entry.digest, wanted):
            found = entry
    return found
