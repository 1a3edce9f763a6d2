"""An approval matrix as a spreadsheet: one line for each row of the policy.

Steps stand in columns of their own, one after the other; within a cell, AND joins
those who are asked at the same time:

    Regional manager +1 (8 h, remind 4 h, escalate) AND 2 of Finance
"""

import io
import re
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

# What a file that is no spreadsheet makes the readers of zip and XML raise.
BROKEN = (BadZipFile, InvalidFileException, KeyError, OSError, SyntaxError, ValueError)
HEADER_WITHIN = 20  # lines of titles that may stand above the header
AND = " AND "
TO_ROLE = "escalate to "
OUTCOMES = {"steps": "Approval", "none": "No approval"}
# What companies call these columns in sheets of their own.
ALIASES = {
    "request kind": "kind",
    "request": "kind",
    "type of request": "kind",
    "min": "from",
    "minimum": "from",
    "amount from": "from",
    "from amount": "from",
    "max": "below",
    "maximum": "below",
    "to": "below",
    "amount to": "below",
    "amount below": "below",
    "variance": "variance from %",
    "region": "regions",
    "format": "store format",
    "approver": "step 1",
    "first approver": "step 1",
    "second approver": "step 2",
    "third approver": "step 3",
}
STEP = re.compile(
    r"(?:(?P<need>all|\d+) of )?(?P<who>[^()]+?)(?: ?\+(?P<level>\d+))?"
    r"(?: ?\((?P<terms>[^()]*)\))?",
    re.IGNORECASE,
)
HOURS = re.compile(r"(?P<remind>remind )?(?P<hours>\d+(?:\.\d+)?) ?h", re.IGNORECASE)


class SheetError(Exception):
    """What is wrong, and with what.

    :param code: file, header, number, range, step or term
    :param found: the text that was found
    """

    def __init__(self, code, found=""):
        super().__init__(code, found)
        self.code = code
        self.found = found


def write(title, facts, columns, lines):
    """Return an xlsx file.

    :param title: name of the sheet
    :param facts: list of ``(label, text)`` that stand above the table
    :param columns: list of header texts
    :param lines: list of lists of values, aligned with ``columns``
    :return: bytes
    """
    book = Workbook()
    sheet = book.active
    sheet.title = re.sub(r"[\[\]:*?/\\]", " ", title)[:31]
    for fact in facts:
        sheet.append(fact)
    sheet.append([])
    sheet.append(columns)
    header = sheet.max_row
    for line in lines:
        sheet.append(line)
    _dress(sheet, header, columns)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _dress(sheet, header, columns):
    sheet.freeze_panes = f"A{header + 1}"
    for number, name in enumerate(columns, 1):
        sheet.cell(header, number).font = Font(bold=True)
        is_step = name.startswith("Step")
        sheet.column_dimensions[get_column_letter(number)].width = 44 if is_step else 18
    for row in sheet.iter_rows(min_row=header + 1):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")


def read(content):
    """Return the lines of the first sheet that has a column *Kind*.

    :param content: bytes of an xlsx file
    :return: list of ``(row number as the spreadsheet shows it, {column: value})``;
        columns in lower case, under our names for them
    :raise SheetError: file, when it is no xlsx file; header, when no line has *Kind*
    """
    try:
        book = load_workbook(io.BytesIO(content), data_only=True, read_only=True)
    except BROKEN as error:
        raise SheetError("file") from error
    for sheet in book.worksheets:
        lines = _lines(list(sheet.iter_rows(values_only=True)))
        if lines is not None:
            return lines
    raise SheetError("header")


def _lines(rows):
    for place, row in enumerate(rows[:HEADER_WITHIN]):
        names = [_column(value) for value in row]
        if "kind" in names:
            return [
                (number, dict(zip(names, values, strict=True)))
                for number, values in enumerate(rows[place + 1 :], place + 2)
                if any(value not in (None, "") for value in values)
            ]
    return None


def _column(value):
    name = " ".join(str(value or "").lower().split())
    name = re.sub(r"^approver (\d+)$", r"step \1", name)
    return ALIASES.get(name, name)


def steps_of(line):
    """Return the steps of a line by their order.

    :param line: dict as :func:`read` returns it
    :return: dict of 1, 2 and so on to a list of dicts as :func:`parse_step` returns
        them; those of one number are asked at the same time
    :raise SheetError: step or term
    """
    columns = {int(name[5:]): name for name in line if re.fullmatch(r"step \d+", name)}
    return {
        order: [parse_step(text) for text in str(line[columns[order]]).split(AND)]
        for order in sorted(columns)
        if line[columns[order]] not in (None, "")
    }


def number(value):
    """Return a number; an empty cell, a dash and an open end are 0.

    :raise SheetError: number
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    text = str(value or "").strip()
    if text in ("", "-", "–", "∞"):
        return 0.0
    try:
        return float(text.replace(" ", "").rstrip("%"))
    except ValueError as error:
        raise SheetError("number", text) from error


def limits(value):
    """Return the lowest and the highest of a cell such as ``30 to 100``.

    :return: two floats, both 0 for an empty cell
    :raise SheetError: number or range
    """
    parts = str(value or "").split(" to ")
    if parts == [""]:
        return 0.0, 0.0
    if len(parts) != 2 or number(parts[0]) > number(parts[1]):
        raise SheetError("range", value)
    return number(parts[0]), number(parts[1])


def format_limits(lowest, highest):
    """Return the text that :func:`limits` reads, empty for no range."""
    return f"{lowest:g} to {highest:g}" if highest else ""


def names(value):
    """Return the parts of a cell that lists several, separated by commas."""
    parts = str(value or "").split(",")
    return [part.strip() for part in parts if part.strip()]


def parse_step(text):
    """Return what a step's text says.

    :param text: such as ``2 of Finance (24 h)``
    :return: dict of ``who``, ``need`` (any, all, number), ``needed_number``,
        ``region_level``, ``hours``, ``remind_hours``, ``escalates``: True for up the
        tree, a text for the role of that name, or False
    :raise SheetError: step or term
    """
    match = STEP.fullmatch(" ".join(text.split()))
    if not match:
        raise SheetError("step", text)
    need = (match["need"] or "").lower()
    return {
        "who": match["who"].strip(),
        "need": "all" if need == "all" else "number" if need else "any",
        "needed_number": int(need) if need.isdigit() else 1,
        "region_level": int(match["level"] or 0),
        **_terms(match["terms"] or ""),
    }


def _terms(text):
    terms = {"hours": 0.0, "remind_hours": 0.0, "escalates": False}
    for term in names(text):
        hours = HOURS.fullmatch(term)
        if hours:
            terms["remind_hours" if hours["remind"] else "hours"] = float(
                hours["hours"]
            )
        elif term.lower() == "escalate":
            terms["escalates"] = True
        elif term.lower().startswith(TO_ROLE):
            terms["escalates"] = term[len(TO_ROLE) :].strip()
        else:
            raise SheetError("term", term)
    return terms


def _escalation(said):
    return f"{TO_ROLE}{said}" if isinstance(said, str) else said and "escalate"


def format_step(step):
    """Return the text that :func:`parse_step` reads.

    :param step: dict as :func:`parse_step` returns it
    """
    need = {"all": "all of ", "number": f"{step['needed_number']} of "}
    level = f" +{step['region_level']}" if step["region_level"] else ""
    terms = [
        step["hours"] and f"{step['hours']:g} h",
        step["remind_hours"] and f"remind {step['remind_hours']:g} h",
        _escalation(step["escalates"]),
    ]
    said = ", ".join(filter(None, terms))
    return f"{need.get(step['need'], '')}{step['who']}{level}{said and f' ({said})'}"
