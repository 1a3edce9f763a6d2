"""The ``Idempotency-Key`` header (IETF draft 07): a structured-field String."""

import re

from . import envelope

_STRING = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"', re.ASCII)


class IdempotencyKeyError(ValueError):
    """The header holds no key that this door takes; the text says why."""


def idempotency_key(header):
    """Return the key of a header, None without one.

    The draft wants it in double quotes; many senders leave them out, and a bare
    word cannot be mistaken for anything else.

    :param header: text or None
    :raise IdempotencyKeyError: malformed, or with dots or spaces
    """
    if header is None:
        return None
    text = header.strip()
    match = _STRING.fullmatch(text)
    key = re.sub(r"\\([\"\\])", r"\1", match[1]) if match else text
    if not envelope.is_event_id(key) or (not match and '"' in key):
        raise IdempotencyKeyError(
            "a text of 1 to 128 printable characters but dots and spaces is required"
        )
    return key
