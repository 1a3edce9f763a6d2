"""Dashboards as data: cards, charts and tables, each with its formula in words.

``board_specs`` says what each dashboard shows; this module lays it out in the format
of Odoo 19's spreadsheets. ``python -m tools.write_boards`` in the addon's folder writes
the JSON that it ships; a test asserts that the two agree.
"""

from pathlib import Path
from typing import NamedTuple

from .control_tower import (
    FIGURE,
    HEAD,
    HEAD_RIGHT,
    LOCALE,
    SMALL,
    TITLE,
    sheet,
    styles,
    translated,
)

FOLDER = Path(__file__).parent.parent / "data/files"
SNAPSHOT = "retail.kpi.snapshot"
COUNT = "__count"
PERIOD, REGION = "filter_period", "filter_region"
FORMAT, FAMILY = "filter_format", "filter_family"
LABELS = {
    PERIOD: "Period",
    REGION: "Region",
    FORMAT: "Store format",
    FAMILY: "Family",
}
# Fields of a selection, whose tables have a row for each value.
WHOLE_FIELDS = ("family", "outcome", "state")
LARGEST, SMALLEST = "The largest come first, by:", "The smallest come first, by:"
FORMATS = {"1": "#,##0", "2": '0.0" %"', "3": '0.0" h"', "4": "0.0", "5": "#,##0.00"}
WHOLE, PERCENT, HOURS, DECIMAL, MONEY = 1, 2, 3, 4, 5
CARD_TITLE_SIZE = 11
CARD_STEP, CARD_COLOURS = 200, ("#EFF6FF", "#FEF2F2", "#FFF7ED", "#F5F3FF", "#ECFDF5")
CHART_TOP, CHART_HEIGHT, CHART_WIDTH = 130, 276, 490
TABLE_TOP, ROW_HEIGHT = 19, 23
WIDTHS = (295, 90, 90, 30, 295, 90, 90, 30)
SIDES = ("A", "E")
NEXT = {"A": "BC", "E": "FG"}


class Source(NamedTuple):
    """Which records: a model, a list domain, and how filters reach them.

    matching: dict filter id -> (field chain, field type).
    """

    model: str
    domain: list
    matching: dict


class Card(NamedTuple):
    """One figure at the top; menu: xmlid of what it opens."""

    title: str
    source: Source
    measure: str
    shown: int
    formula: str
    menu: str


class Chart(NamedTuple):
    """A chart that reads groups of records; kind: line or bar."""

    title: str
    kind: str
    source: Source
    measure: str
    groups: list
    formula: str
    menu: str


class Table(NamedTuple):
    """A table of groups: columns is a list of (head, measure, format).

    sort: (measure, asc or desc); without one the largest of the first column come
    first.
    """

    title: str
    head: str
    source: Source
    field: str
    columns: list
    rows: int
    formula: str
    sort: tuple | None = None

    def sorted_by(self):
        """Return ``(measure, order)`` by which the rows stand."""
        return self.sort or (self.columns[0][1], "desc")

    def sorted_head(self):
        """Return the head of the column by which the rows stand."""
        heads = {name: head for head, name, _shown in self.columns}
        return heads[self.sorted_by()[0]]

    def is_whole(self):
        """Return whether there are never more groups than rows."""
        return self.field in WHOLE_FIELDS


class Board(NamedTuple):
    """One dashboard; period: which one it opens with, None for all time."""

    key: str
    title: str
    period: str | None
    cards: list
    charts: list
    tables: list

    def figures(self):
        """Return every card, chart and table, in the order in which they stand."""
        return [*self.cards, *self.charts, *self.tables]


def target(board):
    """Return the file of a dashboard."""
    return FOLDER / f"{board.key}_dashboard.json"


def matching(source):
    """Return how the filters reach the records, in Odoo's format."""
    return {
        key: {"chain": chain, "type": kind}
        for key, (chain, kind) in source.matching.items()
    }


def measure(name):
    """Return one measure, such as ``__count`` or ``value:avg``."""
    field, _colon, aggregator = name.partition(":")
    made = {"id": name, "fieldName": field}
    return {**made, "aggregator": aggregator} if aggregator else made


def pivot(number, name, source, measures, rows=(), sort=None):
    """Return one pivot in o-spreadsheet's format; sort: (measure, asc or desc)."""
    return {
        "type": "ODOO",
        "id": str(number),
        "formulaId": str(number),
        "name": name,
        "model": source.model,
        "domain": source.domain,
        "context": {},
        "fieldMatching": matching(source),
        "measures": [measure(each) for each in measures],
        "rows": [{"fieldName": field} for field in rows],
        "columns": [],
        "sortedColumn": sort and {"measure": sort[0], "order": sort[1], "domain": []},
    }


def pivots(board):
    """Return every pivot of a dashboard by number: cards first, then tables."""
    made = [
        pivot(number, card.title, card.source, [card.measure])
        for number, card in enumerate(board.cards, 1)
    ]
    made += [
        pivot(
            number,
            table.title,
            table.source,
            [name for _head, name, _shown in table.columns],
            [table.field],
            table.sorted_by(),
        )
        for number, table in enumerate(board.tables, len(board.cards) + 1)
    ]
    return {item["id"]: item for item in made}


def scorecard(index, card):
    """Return one figure at the top, reading a cell of the second sheet."""
    return {
        "id": f"card_{index}",
        "tag": "chart",
        "width": CARD_STEP - 10,
        "height": 105,
        "col": 0,
        "row": 0,
        "offset": {"x": CARD_STEP * index, "y": 10},
        "data": {
            "type": "scorecard",
            "title": {
                "text": card.title,
                "bold": True,
                "color": "#434343",
                "fontSize": CARD_TITLE_SIZE,
            },
            "keyValue": f"Figures!B{index + 1}",
            "background": CARD_COLOURS[index % len(CARD_COLOURS)],
            "baselineMode": "text",
            "baselineDescr": {"text": ""},
            "baselineColorUp": "#00A04A",
            "baselineColorDown": "#DC6965",
            "humanize": False,
        },
    }


def chart(index, item):
    """Return one live chart."""
    name = item.measure.partition(":")[0]
    return {
        "id": f"chart_{index}",
        "tag": "chart",
        "width": CHART_WIDTH,
        "height": CHART_HEIGHT,
        "col": 0,
        "row": 0,
        "offset": {"x": (CHART_WIDTH + 15) * index, "y": CHART_TOP},
        "data": {
            "type": f"odoo_{item.kind}",
            "title": {"text": item.title, "bold": True, "color": "#01666b"},
            "background": "#FFFFFF",
            "legendPosition": "top" if len(item.groups) > 1 else "none",
            "metaData": {
                "groupBy": item.groups,
                "measure": name,
                "order": None,
                "resModel": item.source.model,
                "mode": item.kind,
                "cumulatedStart": False,
            },
            "searchParams": {
                "comparison": None,
                # A week without a figure is no week of nought.
                "context": {"fill_temporal": item.measure == COUNT},
                "domain": item.source.domain,
                "groupBy": item.groups,
                "orderBy": [],
            },
            "dataSets": [{}],
            "verticalAxisPosition": "left",
            "stacked": item.kind == "bar",
            "chartId": f"chart_{index}",
            "fieldMatching": matching(item.source),
        },
    }


def places(board):
    """Return ``(pivot number, table, side, first row)`` of each table.

    Tables stand in two columns, each below the one before it.
    """
    rows, placed = {side: TABLE_TOP for side in SIDES}, []
    for index, table in enumerate(board.tables):
        side = SIDES[index % len(SIDES)]
        placed.append((len(board.cards) + 1 + index, table, side, rows[side]))
        rows[side] += table.rows + 3
    return placed


def last_row(board):
    """Return the first row below all tables."""
    return max(
        (top + table.rows + 3 for _n, table, _s, top in places(board)), default=0
    )


def table_cells(number, table, side, top):
    """Return the cells of one table."""
    made = {f"{side}{top}": translated(table.title)}
    made[f"{side}{top + 1}"] = translated(table.head)
    columns = list(zip(NEXT[side], table.columns, strict=False))
    for column, (head, _name, _shown) in columns:
        made[f"{column}{top + 1}"] = translated(head)
    for index in range(1, table.rows + 1):
        row, place = top + 1 + index, f'"#{table.field}",{index}'
        made[f"{side}{row}"] = f"=PIVOT.HEADER({number},{place})"
        for column, (_head, name, _shown) in columns:
            made[f"{column}{row}"] = f'=PIVOT.VALUE({number},"{name}",{place})'
    return made


def limit(figure):
    """Return the formula that says which filters leave a figure as it is, or None."""
    spared = [LABELS[key] for key in LABELS if key not in figure.source.matching]
    names = '&", "&'.join(f'_t("{label}")' for label in spared)
    return f'=_t("Not filtered by:")&" "&{names}' if spared else None


def cut(figure):
    """Return the formula that says which rows a table leaves out, or None."""
    if not isinstance(figure, Table) or figure.is_whole():
        return None
    which = SMALLEST if figure.sorted_by()[1] == "asc" else LARGEST
    head = f'_t("{figure.sorted_head()}")'
    return f'=_t("{which}")&" "&{head}&"; "&_t("rows at most:")&" {figure.rows}"'


def lines(board):
    """Return what is said of the figures, line by line, as ``(title, formula)``."""
    told = []
    for figure in board.figures():
        told.append((translated(figure.title), translated(figure.formula)))
        more = (cut(figure), limit(figure))
        told += [(None, said) for said in more if said]
    return told


def formula_cells(board):
    """Return the cells that say what each figure means."""
    top = last_row(board)
    made = {f"A{top}": translated("What the figures say")}
    for row, (title, text) in enumerate(lines(board), top + 1):
        made |= {f"A{row}": title} if title else {}
        made[f"B{row}"] = text
    return made


def table_styles(board):
    """Return styles, number formats and borders of the tables by zone."""
    looks, formats, borders = {}, {}, {}
    for _number, table, side, top in places(board):
        last = NEXT[side][len(table.columns) - 1]
        looks[f"{side}{top}"], looks[f"{side}{top + 1}"] = TITLE, HEAD
        looks[f"{NEXT[side][0]}{top + 1}:{last}{top + 1}"] = HEAD_RIGHT
        borders[f"{side}{top + 1}:{last}{top + 1}"] = 1
        for column, (_head, _name, shown) in zip(
            NEXT[side], table.columns, strict=False
        ):
            zone = f"{column}{top + 2}:{column}{top + 1 + table.rows}"
            looks[zone], formats[zone] = FIGURE, shown
    top = last_row(board)
    looks[f"A{top}"] = TITLE
    looks[f"A{top + 1}:B{top + len(lines(board))}"] = SMALL
    return looks, formats, borders


def front_sheet(board):
    """Return what the user sees."""
    looks, formats, borders = table_styles(board)
    content = formula_cells(board)
    for place in places(board):
        content |= table_cells(*place)
    figures = [scorecard(index, card) for index, card in enumerate(board.cards)]
    figures += [chart(index, item) for index, item in enumerate(board.charts)]
    count = last_row(board) + len(lines(board)) + 2
    return sheet(
        "front",
        board.title,
        cells=content,
        figures=figures,
        colNumber=len(WIDTHS),
        rowNumber=count,
        cols={str(index): {"size": width} for index, width in enumerate(WIDTHS)},
        styles=looks,
        formats=formats,
        borders=borders,
    )


def figures_sheet(board):
    """Return the sheet that cards read."""
    content, formats = {}, {}
    for row, card in enumerate(board.cards, 1):
        content[f"A{row}"] = translated(card.title)
        nothing = "0" if card.measure == COUNT else '"–"'
        value = f'PIVOT.VALUE({row},"{card.measure}")'
        content[f"B{row}"] = f'=IFERROR(IF({value}="",{nothing},{value}),{nothing})'
        formats[f"B{row}"] = card.shown
    return sheet("figures", "Figures", cells=content, formats=formats)


def filters(board):
    """Return the filters above the dashboard."""
    period = {"defaultValue": board.period} if board.period else {}
    details = {
        PERIOD: {"type": "date", **period},
        REGION: {
            "type": "relation",
            "modelName": "retail.region",
            "defaultValueDisplayNames": [],
            "includeChildren": True,
        },
        FORMAT: {
            "type": "selection",
            "resModel": "retail.store",
            "selectionField": "format",
        },
        FAMILY: {
            "type": "selection",
            "resModel": "retail.exception.type",
            "selectionField": "family",
        },
    }
    return [{"id": key, "label": LABELS[key], **details[key]} for key in LABELS]


def references(board):
    """Return the menu that each card and chart opens."""
    menus = {f"card_{index}": card.menu for index, card in enumerate(board.cards)}
    charts = {f"chart_{index}": item.menu for index, item in enumerate(board.charts)}
    return {**menus, **charts}


def build(board):
    """Return a whole dashboard.

    :return: JSON-able dict in o-spreadsheet's format
    """
    return {
        "version": "18.4.14",
        "revisionId": "START_REVISION",
        "uniqueFigureIds": True,
        "sheets": [front_sheet(board), figures_sheet(board)],
        "styles": styles(),
        "borders": {"1": {"bottom": {"style": "thin", "color": "#CCCCCC"}}},
        "formats": FORMATS,
        "customTableStyles": {},
        "settings": {"locale": LOCALE},
        "pivots": pivots(board),
        "pivotNextId": len(board.cards) + len(board.tables) + 1,
        "lists": {},
        "listNextId": 1,
        "globalFilters": filters(board),
        "chartOdooMenusReferences": references(board),
    }
