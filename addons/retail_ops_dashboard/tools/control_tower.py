"""The control tower as data: Community has no editor for dashboards.

``python -m control_tower`` in this folder writes the JSON that the addon ships;
a test asserts that the two agree. The format is that of Odoo 19's spreadsheets
(version 18.4.14 of o-spreadsheet).
"""

import json
from pathlib import Path

TARGET = Path(__file__).parent.parent / "data/files/control_tower_dashboard.json"

REGION, TYPE = "filter_region", "filter_type"
EXCEPTION, REQUEST, EVENT = (
    "retail.exception",
    "retail.approval.request",
    "retail.event.job",
)
MENUS = {
    EXCEPTION: "retail_ops_core.menu_exception_open",
    REQUEST: "retail_ops_approvals.menu_request_all",
    EVENT: "retail_ops_dashboard.menu_event_failed",
}
OPEN = [["is_open", "=", True]]
WAITING = [["state", "=", "pending"]]
FAILED = [["state", "in", ["dead", "parked"]]]
AGES = [
    ("Under 1 day", [["opened_at", ">=", "-1d"]]),
    ("1 to 3 days", [["opened_at", "<", "-1d"], ["opened_at", ">=", "-3d"]]),
    ("3 to 7 days", [["opened_at", "<", "-3d"], ["opened_at", ">=", "-7d"]]),
    ("Over 7 days", [["opened_at", "<", "-7d"]]),
]
SEVERITIES = [
    ("Critical", "critical", "#B3261E"),
    ("High", "high", "#E8710A"),
    ("Medium", "medium", "#3B82C4"),
    ("Low", "low", "#9AA5B1"),
]
AGE_TOP, REGION_TOP = 22, 30
REGION_ROWS = 8
RANKING_ROWS = 5
TITLE, HEAD, FIGURE, HEAD_RIGHT, SMALL = 1, 2, 3, 4, 5


def matching(model):
    """Return how the dashboard's filters reach the records of a model.

    :param model: one of the three models
    :return: dict filter id -> field chain
    """
    chains = {
        EXCEPTION: {REGION: "region_id", TYPE: "type_id"},
        REQUEST: {REGION: "region_id"},
        EVENT: {},
    }[model]
    return {key: {"chain": chain, "type": "many2one"} for key, chain in chains.items()}


def pivot(number, name, model, domain, rows=(), columns=()):
    """Return one pivot that counts records.

    :param number: its id within the spreadsheet
    :param domain: list domain
    :param rows: field names
    :param columns: field names
    :return: dict in o-spreadsheet's format
    """
    return {
        "type": "ODOO",
        "id": str(number),
        "formulaId": str(number),
        "name": name,
        "model": model,
        "domain": domain,
        "context": {},
        "fieldMatching": matching(model),
        "measures": [{"id": "__count", "fieldName": "__count"}],
        "rows": [{"fieldName": field} for field in rows],
        "columns": [{"fieldName": field} for field in columns],
        # Those with most come first: rows beyond the table's are the least.
        "sortedColumn": {"measure": "__count", "order": "desc", "domain": []}
        if rows
        else None,
    }


def pivots():
    """Return every pivot of the dashboard, by number."""
    made = [
        pivot(1, "Open exceptions", EXCEPTION, OPEN),
        pivot(2, "Overdue exceptions", EXCEPTION, [["is_overdue", "=", True]]),
        pivot(
            3,
            "Escalated exceptions",
            EXCEPTION,
            [*OPEN, ["escalation_level", ">", 0]],
        ),
        pivot(4, "Approvals waiting", REQUEST, WAITING),
        pivot(5, "Events failed", EVENT, FAILED),
        pivot(6, "By region", EXCEPTION, OPEN, ["region_id"], ["severity"]),
        pivot(7, "Approvals by kind", REQUEST, WAITING, ["kind_id"]),
        pivot(8, "Events failed by source", EVENT, FAILED, ["source_id"]),
        pivot(9, "By severity", EXCEPTION, OPEN, [], ["severity"]),
    ]
    made += [
        pivot(10 + index, label, EXCEPTION, [*OPEN, *age], [], ["severity"])
        for index, (label, age) in enumerate(AGES)
    ]
    return {item["id"]: item for item in made}


def scorecard(index, title, cell, colour):
    """Return one figure at the top, reading a cell of the second sheet."""
    return {
        "id": f"card_{index}",
        "tag": "chart",
        "width": 190,
        "height": 105,
        "col": 0,
        "row": 0,
        "offset": {"x": 200 * index, "y": 10},
        "data": {
            "type": "scorecard",
            "title": {"text": title, "bold": True, "color": "#434343"},
            "keyValue": f"Figures!{cell}",
            "background": colour,
            "baselineMode": "text",
            "baselineDescr": {"text": ""},
            "baselineColorUp": "#00A04A",
            "baselineColorDown": "#DC6965",
            "humanize": False,
        },
    }


def bar_chart(key, x, labels, series):
    """Return one stacked bar chart over cells, in the order of the cells.

    :param x: pixels from the left
    :param labels: range of the labels
    :param series: list of ``(range, colour)``; the first cell of each is its name
    :return: dict in o-spreadsheet's format
    """
    return {
        "id": key,
        "tag": "chart",
        "width": 490,
        "height": 300,
        "col": 0,
        "row": 0,
        "offset": {"x": x, "y": 175},
        "data": {
            "type": "bar",
            "title": {"text": ""},
            "background": "#FFFFFF",
            "legendPosition": "top" if len(series) > 1 else "none",
            "dataSets": [
                {"dataRange": zone, "backgroundColor": colour}
                for zone, colour in series
            ],
            "labelRange": labels,
            "dataSetsHaveTitle": True,
            "verticalAxisPosition": "left",
            "stacked": True,
            "aggregated": False,
        },
    }


def region_chart():
    """Return the chart over the table by region, a colour for each severity."""
    first, last = REGION_TOP + 1, REGION_TOP + 1 + REGION_ROWS
    series = [
        (f"{column}{first}:{column}{last}", colour)
        for column, (_label, _code, colour) in zip("BCDE", SEVERITIES, strict=True)
    ]
    return bar_chart("chart_region", 505, f"A{first}:A{last}", series)


def figures():
    """Return score cards and charts."""
    titles = [
        ("Open exceptions", "B1", "#EFF6FF"),
        ("Overdue", "B2", "#FEF2F2"),
        ("Escalated", "B3", "#FFF7ED"),
        ("Approvals waiting", "B4", "#F5F3FF"),
        ("Events failed", "B5", "#FEF2F2"),
    ]
    cards = [scorecard(index, *title) for index, title in enumerate(titles)]
    return [
        *cards,
        bar_chart("chart_severity", 0, "Figures!D1:D5", [("Figures!E1:E5", "#0E7C86")]),
        region_chart(),
    ]


def translated(text):
    """Return the formula that shows a text in the user's language."""
    return f'=_t("{text}")'


def severity_cells(row, number, *position):
    """Return the counts of one row of a table, a cell for each severity."""
    place = "".join(f",{part}" for part in position)
    return {
        f"{column}{row}": f'=PIVOT.VALUE({number},"__count"{place},"severity","{code}")'
        for column, (_label, code, _colour) in zip("BCDE", SEVERITIES, strict=True)
    }


def severity_headers(row):
    """Return the heads of the severity columns."""
    return {
        f"{column}{row}": translated(label)
        for column, (label, _code, _colour) in zip("BCDE", SEVERITIES, strict=True)
    }


def age_table(top):
    """Return the cells of open exceptions by age and severity."""
    cells = {f"A{top}": translated("Open exceptions by age")}
    cells |= {f"A{top + 1}": translated("Open for"), **severity_headers(top + 1)}
    for index, (label, _domain) in enumerate(AGES):
        row = top + 2 + index
        cells[f"A{row}"] = translated(label)
        cells |= severity_cells(row, 10 + index)
    return cells


def region_table(top):
    """Return the cells of open exceptions by region and severity."""
    cells = {f"A{top}": translated("Open exceptions by region")}
    cells |= {f"A{top + 1}": translated("Region"), **severity_headers(top + 1)}
    for index in range(1, REGION_ROWS + 1):
        row = top + 1 + index
        cells[f"A{row}"] = f'=PIVOT.HEADER(6,"#region_id",{index})'
        cells |= severity_cells(row, 6, '"#region_id"', index)
    cells[f"A{top + 2 + REGION_ROWS}"] = most(REGION_ROWS)
    return cells


def most(rows):
    """Return the formula that says how many rows are shown, and which."""
    return f'=_t("Those with most come first; rows at most:")&" {rows}"'


def ranking(top, title, head, number, field):
    """Return the cells of a two-column table on the right-hand side."""
    cells = {
        f"G{top}": translated(title),
        f"G{top + 1}": translated(head),
        f"H{top + 1}": translated("Count"),
    }
    for index in range(1, RANKING_ROWS + 1):
        row = top + 1 + index
        cells[f"G{row}"] = f'=PIVOT.HEADER({number},"#{field}",{index})'
        cells[f"H{row}"] = f'=PIVOT.VALUE({number},"__count","#{field}",{index})'
    cells[f"G{top + 2 + RANKING_ROWS}"] = most(RANKING_ROWS)
    return cells


def cells():
    """Return every cell of the first sheet."""
    return {
        "A7": translated("Open exceptions by severity"),
        "G7": translated("Open exceptions by region and severity"),
        **age_table(AGE_TOP),
        **region_table(REGION_TOP),
        **ranking(AGE_TOP, "Approvals waiting by kind", "Kind", 7, "kind_id"),
        **ranking(REGION_TOP, "Events failed by source", "Source", 8, "source_id"),
    }


def sheet(key, name, **extra):
    """Return one sheet with the keys that every sheet has."""
    empty = {
        "merges": [],
        "formats": {},
        "borders": {},
        "conditionalFormats": [],
        "dataValidationRules": [],
        "tables": [],
        "headerGroups": {"ROW": [], "COL": []},
        "comments": {},
        "figures": [],
        "styles": {},
        "rows": {},
        "cols": {},
    }
    return {
        "id": key,
        "name": name,
        "colNumber": 8,
        "rowNumber": 42,
        "areGridLinesVisible": False,
        "isVisible": True,
        **empty,
        **extra,
    }


def front_sheet():
    """Return what the user sees."""
    widths = [190, 72, 72, 72, 72, 27, 390, 100]
    titles = ["A7", "G7", "A22", "G22", "A30", "G30"]
    heads = ["A23:E23", "A31:E31", "G23:H23", "G31:H31"]
    over_counts = ["B23:E23", "B31:E31", "H23", "H31"]
    counts = ["B24:E27", "B32:E39", "H24:H28", "H32:H36"]
    return sheet(
        "front",
        "Control tower",
        cells=cells(),
        figures=figures(),
        cols={str(index): {"size": width} for index, width in enumerate(widths)},
        styles={
            **{cell: TITLE for cell in titles},
            **{zone: HEAD for zone in ("A23", "A31", "G23", "G31")},
            **{zone: HEAD_RIGHT for zone in over_counts},
            **{zone: FIGURE for zone in counts},
            **{cell: SMALL for cell in ("A40", "G29", "G37")},
        },
        borders={zone: 1 for zone in heads},
    )


def figures_sheet():
    """Return the sheet that score cards and charts read."""
    labels = ["Open", "Overdue", "Escalated", "Approvals waiting", "Events failed"]
    content = {}
    for row, label in enumerate(labels, 1):
        content[f"A{row}"] = translated(label)
        content[f"B{row}"] = f'=IFERROR(PIVOT.VALUE({row},"__count"),0)'
    content["E1"] = translated("Open exceptions")
    for row, (label, code, _colour) in enumerate(SEVERITIES, 2):
        content[f"D{row}"] = translated(label)
        content[f"E{row}"] = f'=PIVOT.VALUE(9,"__count","severity","{code}")'
    return sheet("figures", "Figures", cells=content)


def references():
    """Return the menu that each figure opens."""
    cards = [EXCEPTION, EXCEPTION, EXCEPTION, REQUEST, EVENT]
    menus = {f"card_{index}": MENUS[model] for index, model in enumerate(cards)}
    charts = {key: MENUS[EXCEPTION] for key in ("chart_severity", "chart_region")}
    return {**menus, **charts}


def filters():
    """Return the filters above the dashboard."""
    region = {"id": REGION, "label": "Region", "modelName": "retail.region"}
    kind = {"id": TYPE, "label": "Exception type", "modelName": "retail.exception.type"}
    shared = {"type": "relation", "defaultValueDisplayNames": []}
    return [{**region, **shared, "includeChildren": True}, {**kind, **shared}]


def styles():
    """Return the named styles that cells refer to."""
    return {
        str(TITLE): {"textColor": "#01666b", "fontSize": 16, "bold": True},
        str(HEAD): {"textColor": "#434343", "bold": True, "fontSize": 11},
        str(FIGURE): {"align": "right"},
        str(HEAD_RIGHT): {
            "textColor": "#434343",
            "bold": True,
            "fontSize": 11,
            "align": "right",
        },
        str(SMALL): {"fontSize": 9},
    }


LOCALE = {
    "name": "English (US)",
    "code": "en_US",
    "thousandsSeparator": ",",
    "decimalSeparator": ".",
    "dateFormat": "mm/dd/yyyy",
    "timeFormat": "hh:mm:ss",
    "formulaArgSeparator": ",",
    "weekStart": 7,
}


def build():
    """Return the whole dashboard.

    :return: JSON-able dict in o-spreadsheet's format
    """
    return {
        "version": "18.4.14",
        "revisionId": "START_REVISION",
        "uniqueFigureIds": True,
        "sheets": [front_sheet(), figures_sheet()],
        "styles": styles(),
        "borders": {"1": {"bottom": {"style": "thin", "color": "#CCCCCC"}}},
        "formats": {},
        "customTableStyles": {},
        "settings": {"locale": LOCALE},
        "pivots": pivots(),
        "pivotNextId": 20,
        "lists": {},
        "listNextId": 1,
        "globalFilters": filters(),
        "chartOdooMenusReferences": references(),
    }


if __name__ == "__main__":
    TARGET.write_text(json.dumps(build(), indent=1, ensure_ascii=False) + "\n")
