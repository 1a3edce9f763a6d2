"""Reads files of events: JSON lines, and CSV.

JSON lines: one object a line with ``id``, ``type``, ``timestamp``, ``data`` and,
above 1, ``version``. CSV: a header line with the same names; every other column is
a member of the data.
"""

import csv
import io
from typing import NamedTuple

from . import strict_json

ENVELOPE = ("id", "type", "version", "timestamp", "data")
MAX_BYTES = 20 * 1024 * 1024


class BatchFileError(ValueError):
    """The file as a whole cannot be read; the text says why."""


class Item(NamedTuple):
    """One line of a file.

    line: int, from 1; body: dict with the envelope's members, or None; error: text
    when the line is no event.
    """

    line: int
    body: dict | None
    error: str | None


def read(content, file_format):
    """Return the items of a file.

    :param content: bytes in UTF-8
    :param file_format: jsonl or csv
    :return: list of :class:`Item`
    :raise BatchFileError: too large, not UTF-8, or a CSV without the needed columns
    """
    if len(content) > MAX_BYTES:
        raise BatchFileError(f"larger than {MAX_BYTES // 1024 // 1024} MiB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BatchFileError("not in UTF-8") from error
    return _read_lines(text) if file_format == "jsonl" else _read_csv(text)


def _read_lines(text):
    return [
        _read_line(number, line)
        for number, line in enumerate(text.split("\n"), 1)
        if line.strip()
    ]


def _read_line(number, line):
    try:
        body = strict_json.loads(line.strip().encode())
    except strict_json.StrictJsonError as error:
        return Item(number, None, str(error))
    if not isinstance(body, dict):
        return Item(number, None, "the line must be a JSON object")
    return Item(number, body, None)


def _read_csv(text):
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = {"id", "type", "timestamp"} - {*(reader.fieldnames or ())}
    if missing:
        raise BatchFileError(f"the header lacks {', '.join(sorted(missing))}")
    return [_read_row(reader.line_num, row) for row in reader]


def _read_row(number, row):
    if None in row or None in row.values():
        return Item(number, None, "more or fewer columns than the header")
    envelope = {name: row[name] for name in ("id", "type", "timestamp")}
    version = row.get("version") or "1"
    if not version.isdecimal():
        return Item(number, None, "version must be a whole number")
    data = {
        name: value for name, value in row.items() if name not in ENVELOPE and value
    }
    return Item(number, {**envelope, "version": int(version), "data": data}, None)


def typed(data, schema):
    """Return CSV data with numbers where the schema asks for numbers.

    :param data: dict of texts
    :param schema: parsed JSON Schema of the data
    """
    properties = schema.get("properties", {})
    return {
        name: _typed(value, properties.get(name, {}).get("type"))
        for name, value in data.items()
    }


def _typed(value, kind):
    kinds = {kind} if isinstance(kind, str) else {*(kind or ())}
    try:
        if "integer" in kinds:
            return int(value)
        if "number" in kinds:
            return float(value)
    except ValueError:
        return value  # the schema says what is wrong with it
    if "boolean" in kinds and value in ("true", "false"):
        return value == "true"
    return value
