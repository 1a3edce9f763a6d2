"""The digest that ties an approval to what was approved."""

import hashlib
import json

DECIMALS = 6


def canonical(value):
    """Return ``value`` in the one form that is hashed.

    :param value: None, bool, number, text, or a list or dict of these
    :return: JSON-able value; numbers as text with six decimals, so that 7 and 7.0
        agree
    """
    if isinstance(value, bool) or value is None:
        return bool(value)
    if isinstance(value, (int, float)):
        return f"{round(value, DECIMALS) + 0.0:.{DECIMALS}f}"
    if isinstance(value, (list, tuple)):
        return [canonical(item) for item in value]
    if isinstance(value, dict):
        return {key: canonical(item) for key, item in value.items()}
    return str(value)


def digest(content):
    """Return the SHA-256 of the canonical JSON of ``content``.

    :param content: dict of the facts an approval rests on
    :return: 64 hexadecimal digits
    """
    text = json.dumps(canonical(content), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
