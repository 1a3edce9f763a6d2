"""Reads files of events: JSON lines, and CSV.

JSON lines: one object a line with ``id``, ``type``, ``timestamp``, ``data`` and,
above 1, ``version``. CSV: a header line with the same names; every other column is
a member of the data.
"""

import csv
import io
import math
import re
from typing import NamedTuple

from . import strict_json

ENVELOPE = ("id", "type", "version", "timestamp", "data")
MAX_BYTES = 20 * 1024 * 1024
MAX_LINES = 100_000

_VERSION = re.compile(r"\d{1,4}", re.ASCII)
_INTEGER = re.compile(r"-?\d{1,18}", re.ASCII)
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)


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
    :raise BatchFileError: too large, too long, not UTF-8, or a CSV that cannot be
        parsed or lacks a needed column
    """
    if len(content) > MAX_BYTES:
        raise BatchFileError(f"larger than {MAX_BYTES // 1024 // 1024} MiB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BatchFileError("not in UTF-8") from error
    if text.count("\n") > MAX_LINES:
        raise BatchFileError(f"more than {MAX_LINES} lines: divide it")
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
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        missing = {"id", "type", "timestamp"} - {*(reader.fieldnames or ())}
        if missing:
            raise BatchFileError(f"the header lacks {', '.join(sorted(missing))}")
        return [_read_row(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise BatchFileError(f"line {reader.line_num}: {error}") from error


def _read_row(number, row):
    if None in row or None in row.values():
        return Item(number, None, "more or fewer columns than the header")
    if any("\0" in value for value in row.values()):
        return Item(number, None, "a text holds a NUL character")
    envelope = {name: row[name] for name in ("id", "type", "timestamp")}
    version = row.get("version") or "1"
    if not _VERSION.fullmatch(version):
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
        name: _typed(value, _kinds(properties.get(name)))
        for name, value in data.items()
    }


def _kinds(described):
    kind = described.get("type") if isinstance(described, dict) else None
    return {kind} if isinstance(kind, str) else {*(kind or ())}


def _typed(value, kinds):
    """Return a text as what the schema wants, or as it is for the schema to refuse."""
    if kinds & {"integer", "number"} and _NUMBER.fullmatch(value):
        return _number(value, kinds)
    if "boolean" in kinds and value in ("true", "false"):
        return value == "true"
    return value


def _number(text, kinds):
    if "integer" in kinds and _INTEGER.fullmatch(text):
        return int(text)
    number = float(text)
    return number if "number" in kinds and math.isfinite(number) else text
