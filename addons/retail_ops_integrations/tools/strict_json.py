"""JSON as RFC 8259 means it, with limits: what is ambiguous is refused.

Python's own parser takes the last of two equal keys, NaN, and 1e999 as infinity:
two systems would then read two different facts from one signed body.
"""

import json
import math
import re

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32

_ESCAPED_UNSAFE = re.compile(rb"\\u(0000|[dD][89a-fA-F])")


class StrictJsonError(ValueError):
    """The body is not the JSON that this door takes; the text says why."""


def loads(body, max_bytes=MAX_BYTES, max_depth=MAX_DEPTH):
    """Parse bytes into Python values.

    :param body: bytes in UTF-8
    :return: dict, list, text, int, float, bool or None
    :raise StrictJsonError: too large, too deep, not UTF-8, not JSON, an object
        with one key twice, NaN or an infinity, a NUL or half a surrogate pair
    """
    if len(body) > max_bytes:
        raise StrictJsonError(f"larger than {max_bytes} bytes")
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object_without_twins,
            parse_float=_finite,
            parse_constant=_refuse_constant,
        )
    except UnicodeDecodeError as error:
        raise StrictJsonError("not UTF-8") from error
    except RecursionError as error:
        raise StrictJsonError(f"nested deeper than {max_depth} levels") from error
    except json.JSONDecodeError as error:
        raise StrictJsonError(f"not JSON: {error}") from error
    except StrictJsonError:
        raise
    except ValueError as error:  # an integer of more digits than Python takes
        raise StrictJsonError("a number is too long") from error
    _check_depth(value, max_depth)
    if _ESCAPED_UNSAFE.search(body):
        _check_texts(value)
    return value


def _object_without_twins(pairs):
    value = dict(pairs)
    if len(value) != len(pairs):
        raise StrictJsonError("an object has the same key twice")
    return value


def _finite(text):
    number = float(text)
    if math.isinf(number):
        raise StrictJsonError("a number is out of range")
    return number


def _refuse_constant(name):
    raise StrictJsonError(f"{name} is not JSON")


def _children(value):
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _check_depth(value, max_depth):
    level = [value]
    for _depth in range(max_depth + 1):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return
    raise StrictJsonError(f"nested deeper than {max_depth} levels")


def _check_texts(value):
    """Refuse what PostgreSQL cannot store and UTF-8 cannot write."""
    pending = [value]
    while pending:
        current = pending.pop()
        pending.extend(_children(current))
        texts = list(current) if isinstance(current, dict) else [current]
        for text in texts:
            if isinstance(text, str):
                _check_text(text)


def _check_text(text):
    if "\0" in text:
        raise StrictJsonError("a text holds a NUL character")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise StrictJsonError("a text holds half a surrogate pair")
