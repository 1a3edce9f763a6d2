"""Reading and writing the envelopes of an event.

Plain: the body that Standard Webhooks advises, ``{type, timestamp, data}``, with
an optional ``version``. CloudEvents 1.0: structured and batch, and binary from who
shows an API key. A signed message is not taken in binary form: the signature does not
cover ``ce-*`` headers, so whoever sits between could change the type of the event.
"""

import datetime
import hashlib
import json
import re
from typing import NamedTuple
from urllib.parse import unquote

PLAIN = "application/json"
CLOUDEVENT = "application/cloudevents+json"
CLOUDEVENT_BATCH = "application/cloudevents-batch+json"
CONTENT_TYPES = (PLAIN, CLOUDEVENT, CLOUDEVENT_BATCH)
MAX_BATCH = 200
MAX_ID = 128

# json.dumps() would make an encoder for every call.
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_TYPE = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*", re.ASCII)
_ID = re.compile(r"[!-\-/-~]{1,128}", re.ASCII)  # what a webhook-id may be
_VERSION = re.compile(r"(?:^|[/:._-])v?(\d{1,4})(?:\.json)?$", re.ASCII)
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d)(?:\.(\d+))?"
    r"(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))",
    re.ASCII,
)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


class EnvelopeError(ValueError):
    """The envelope is incomplete; ``pointer`` names the member."""

    def __init__(self, pointer, detail):
        """Say what is wrong.

        :param pointer: JSON pointer into the body
        :param detail: text
        """
        super().__init__(detail)
        self.pointer = pointer


class Event(NamedTuple):
    """An event as received.

    event_id, type, correlation_id: texts (correlation_id may be None);
    version: int; occurred_at: naive UTC datetime; data: JSON object.
    """

    event_id: str
    type: str
    version: int
    occurred_at: datetime.datetime
    data: dict
    correlation_id: str | None


def read_plain(body, event_id):
    """Return the event of a plain body.

    :param body: parsed JSON
    :param event_id: text, the webhook-id
    :raise EnvelopeError: a member is missing or malformed
    """
    require(isinstance(body, dict), "", "the body must be a JSON object")
    version = body.get("version", 1)
    require(type(version) is int and 1 <= version <= 9999, "/version", "a whole number")
    data = _data(body)
    return Event(
        event_id,
        _type(body),
        version,
        moment(body.get("timestamp"), "/timestamp"),
        data,
        correlation(data.get("correlation_id"), "/data/correlation_id"),
    )


def read_cloudevent(body):
    """Return the event of a CloudEvents 1.0 object.

    :param body: parsed JSON
    :raise EnvelopeError: a member is missing or malformed
    """
    require(isinstance(body, dict), "", "the event must be a JSON object")
    require(body.get("specversion") == "1.0", "/specversion", "must be 1.0")
    require(_text(body.get("source")), "/source", "is required")
    event_id = body.get("id")
    require(
        is_event_id(event_id),
        "/id",
        "is required: 1 to 128 printable characters but dots and spaces",
    )
    media_type = body.get("datacontenttype", PLAIN)
    require(media_type == PLAIN, "/datacontenttype", "must be application/json")
    data = _data(body)
    named = body.get("correlationid", data.get("correlation_id"))
    return Event(
        event_id,
        _type(body),
        _schema_version(body.get("dataschema")),
        moment(body.get("time"), "/time"),
        data,
        correlation(named, "/correlationid"),
    )


def read_binary(body, headers):
    """Return the event of a CloudEvents 1.0 message in binary mode.

    Attributes stand percent-encoded in ``ce-*`` headers, the body is the data.

    :param body: parsed JSON
    :param headers: iterable of pairs
    :raise EnvelopeError: an attribute is missing or malformed
    """
    attributes = {
        name[3:].lower(): unquote(text)
        for name, text in headers
        if name.lower().startswith("ce-")
    }
    return read_cloudevent({**attributes, "data": body})


def moment(text, pointer):
    """Return an RFC 3339 time as naive UTC datetime, to the microsecond.

    :param text: such as ``2026-05-04T09:30:00Z``, with offset
    :param pointer: JSON pointer for the error
    :raise EnvelopeError: not a time, or without offset
    """
    match = _MOMENT.fullmatch(text) if isinstance(text, str) else None
    try:
        fraction = int((match[2] or "")[:6].ljust(6, "0"))
        local = datetime.datetime.fromisoformat(match[1]).replace(microsecond=fraction)
        if match[3] is None:
            return local
        ahead = datetime.timedelta(hours=int(match[4]), minutes=int(match[5]))
        return local + ahead if match[3] == "-" else local - ahead
    except (TypeError, ValueError, OverflowError) as error:
        raise EnvelopeError(
            pointer, "is required: a time with offset, such as 2026-05-04T09:30:00Z"
        ) from error


def write_plain(event_type, version, occurred_at, data):
    """Return a plain body.

    :param occurred_at: naive UTC datetime
    :param data: JSON-able dict
    :return: bytes
    """
    return _dumps(
        {
            "type": event_type,
            "version": version,
            "timestamp": occurred_at.isoformat(timespec="seconds") + "Z",
            "data": data,
        }
    )


def write_cloudevent(event_id, origin, event_type, version, occurred_at, data, extra):
    """Return a structured CloudEvents 1.0 body.

    :param event_id: text, equal to the webhook-id
    :param origin: URI of this database, the CloudEvents ``source``
    :param occurred_at: naive UTC datetime
    :param extra: dict of extension attributes, None values are left out
    :return: bytes
    """
    return _dumps(
        {
            "specversion": "1.0",
            "id": event_id,
            "source": origin,
            "type": event_type,
            "time": occurred_at.isoformat(timespec="seconds") + "Z",
            "datacontenttype": PLAIN,
            "dataschema": f"urn:retail-ops:schema:{event_type}:{version}",
            **{name: value for name, value in extra.items() if value is not None},
            "data": data,
        }
    )


def is_type(name):
    """Tell whether a text can name an event type."""
    return isinstance(name, str) and len(name) <= 128 and bool(_TYPE.fullmatch(name))


def is_event_id(value):
    """Tell whether a value can identify an event: printable, no dot, no space."""
    return isinstance(value, str) and bool(_ID.fullmatch(value))


def ordering_key(data, pointers, resolve):
    """Return what ties events together that must stay in order.

    :param data: JSON object
    :param pointers: JSON pointers of the parts
    :param resolve: function (data, pointer) -> value
    :return: text of at most 200 characters, None without pointers
    """
    if not pointers:
        return None
    parts = [resolve(data, pointer) for pointer in pointers]
    key = _ENCODE(parts)
    if len(key) <= 200:
        return key
    return hashlib.sha256(key.encode()).hexdigest()


def compact(value):
    """Return JSON as a text without spaces.

    :param value: parsed JSON
    """
    return _ENCODE(value)


def _dumps(value):
    return _ENCODE(value).encode()


def require(condition, pointer, detail):
    """Raise :class:`EnvelopeError` unless a condition holds."""
    if not condition:
        raise EnvelopeError(pointer, detail)


def _text(value):
    return isinstance(value, str) and 0 < len(value) <= 1024


def _type(body):
    name = body.get("type")
    require(
        is_type(name),
        "/type",
        "is required: words of letters, digits and _ with dots between them",
    )
    return name


def _data(body):
    data = body.get("data")
    require(isinstance(data, dict), "/data", "is required: a JSON object")
    return data


def correlation(value, pointer):
    """Return a correlation id, None without one.

    :param pointer: JSON pointer for the error
    :raise EnvelopeError: anything but 1 to 64 letters, digits, - and _
    """
    if value is None:
        return None
    require(
        isinstance(value, str) and _TOKEN.fullmatch(value),
        pointer,
        "1 to 64 letters, digits, - and _",
    )
    return value


def _schema_version(uri):
    """Return the version that a ``dataschema`` ends in, 1 without one."""
    match = _VERSION.search(uri) if isinstance(uri, str) else None
    return int(match[1]) if match else 1
