"""JSON as RFC 8259 means it, with limits: what is ambiguous is refused.

Python's own parser takes the last of two equal keys, NaN, and 1e999 as infinity:
two systems would then read two different facts from one signed body.
"""

import contextlib
import json
import math
import re

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32

_CONTAINERS = (dict, list)
_SPACE = re.compile(r"[ \t\n\r]*", re.ASCII)
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
    with _one_kind_of_error(max_depth):
        value = _DECODER.decode(_text(body, max_bytes))
    _check_value(value, body, max_depth)
    return value


def loads_items(body, max_bytes=MAX_BYTES, max_depth=MAX_DEPTH):
    """Parse an array and keep what was written for each of its items.

    :param body: bytes in UTF-8
    :return: list of tuples (value, text as written), None when it is no array
    :raise StrictJsonError: as :func:`loads`
    """
    with _one_kind_of_error(max_depth):
        text = _text(body, max_bytes)
        items = _items(text, _SPACE.match(text).end())
    if items is None:
        loads(body, max_bytes, max_depth)
    else:
        _check_value([value for value, _written in items], body, max_depth)
    return items


def _items(text, at):
    if not text.startswith("[", at):
        return None
    items, at = [], _SPACE.match(text, at + 1).end()
    if text.startswith("]", at):
        return _all_read(items, text, at + 1)
    while True:
        try:
            value, end = _DECODER.raw_decode(text, at)
        except StopIteration as error:
            raise json.JSONDecodeError("Expecting value", text, error.value) from None
        items.append((value, text[at:end]))
        at = _SPACE.match(text, end).end()
        if text.startswith("]", at):
            return _all_read(items, text, at + 1)
        if not text.startswith(",", at):
            raise json.JSONDecodeError("Expecting ',' delimiter", text, at)
        at = _SPACE.match(text, at + 1).end()


def _all_read(items, text, at):
    end = _SPACE.match(text, at).end()
    if end != len(text):
        raise json.JSONDecodeError("Extra data", text, end)
    return items


def _text(body, max_bytes):
    if len(body) > max_bytes:
        raise StrictJsonError(f"larger than {max_bytes} bytes")
    text = body.decode("utf-8")
    if text.startswith("\ufeff"):
        raise StrictJsonError("not JSON: it begins with a byte order mark")
    return text


@contextlib.contextmanager
def _one_kind_of_error(max_depth):
    """Turn all that parsing can raise into :class:`StrictJsonError`."""
    try:
        yield
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


def _check_value(value, body, max_depth):
    _check_depth(value, max_depth)
    if _ESCAPED_UNSAFE.search(body):
        _check_texts(value)


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
    level = [value] if isinstance(value, _CONTAINERS) else []
    for _depth in range(max_depth + 1):
        if not level:
            return
        level = [
            child
            for parent in level
            for child in (parent.values() if type(parent) is dict else parent)
            if type(child) in _CONTAINERS
        ]
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


# json.loads() would make a decoder for every call.
_DECODER = json.JSONDecoder(
    object_pairs_hook=_object_without_twins,
    parse_float=_finite,
    parse_constant=_refuse_constant,
)
