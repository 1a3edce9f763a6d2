"""Hides personal data in payloads by field rules.

A rule is the name of a member, wherever it stands, or a JSON pointer (RFC 6901)
into the data. What looks like a payment card number (13 to 19 digits that pass
ISO/IEC 7812's check digit) is hidden whatever it is called.
"""

import re
from typing import NamedTuple

MASK = "•••"
_CARD = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")


class Rule(NamedTuple):
    """What to hide.

    path: member's name or JSON pointer; keep: int, last characters that stay.
    """

    path: str
    keep: int


def mask(value, rules):
    """Return JSON data with personal data hidden.

    :param value: parsed JSON
    :param rules: iterable of :class:`Rule`
    """
    by_path = {rule.path.lower(): rule for rule in rules}
    return _masked(value, by_path, "")


def restore(edited, masked, original):
    """Return edited data in which what is still hidden is as it was.

    :param edited: parsed JSON that a person changed
    :param masked: what he was shown
    :param original: what was hidden from him
    """
    if edited == masked:
        return original
    if isinstance(edited, dict) and isinstance(masked, dict):
        return {
            name: restore(value, masked[name], original[name])
            if name in masked
            else value
            for name, value in edited.items()
        }
    if isinstance(edited, list) and isinstance(masked, list):
        return [
            restore(value, masked[at], original[at]) if at < len(masked) else value
            for at, value in enumerate(edited)
        ]
    return edited


def hide_cards(value):
    """Return a text or number with payment card numbers hidden but the last four.

    :param value: parsed JSON; what is neither text nor number stays as it is
    """
    if isinstance(value, bool) or not isinstance(value, str | int):
        return value
    text = str(value)
    hidden = _CARD.sub(_hide_card, text)
    return value if hidden == text else hidden


def _masked(value, rules, pointer):
    if isinstance(value, dict):
        return {
            name: _member(name, inner, rules, f"{pointer}/{name}")
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [
            _masked(inner, rules, f"{pointer}/{at}") for at, inner in enumerate(value)
        ]
    return hide_cards(value)


def _member(name, value, rules, pointer):
    rule = rules.get(pointer.lower()) or rules.get(name.lower())
    if rule is None or value is None:
        return _masked(value, rules, pointer)
    if rule.keep and isinstance(value, str | int) and len(str(value)) > rule.keep:
        return MASK + str(value)[-rule.keep :]
    return MASK


def _hide_card(match):
    digits = re.sub(r"\D", "", match[0])
    return f"{MASK}{digits[-4:]}" if _is_card(digits) else match[0]


def _is_card(digits):
    """Tell whether the check digit of ISO/IEC 7812 fits (Luhn)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (2 if place % 2 else 1)
        total += number - 9 if number > 9 else number
    return total % 10 == 0
