"""Each dashboard of the suite, opened by headquarters; leaves pictures behind.

Figures and cells are drawn on canvases: what they show is read from the spreadsheet
that draws them.
"""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE
from tests.browser.steps import press_by_key
from tests.browser.test_accessibility import hindrances
from tests.waiting import eventually
from tests.webclient import WebClient

DASHBOARDS = [
    "Network health",
    "Exceptions and SLA",
    "Approvals",
    "Campaigns",
    "Integrations",
    "Value",
]
PATIENCE = 90  # s
COUNTRY, WEST = "United States", "United States / West"
SHEET = """([work, ...given]) => {
    const {App} = odoo.loader.modules.get("@odoo/owl");
    const nodes = [...App.apps].map((app) => app.root);
    while (nodes.length) {
        const node = nodes.pop();
        const model = node?.props?.model || node?.props?.spreadsheetModel;
        if (model?.getters?.getEvaluatedCell) {
            return new Function("getters", "given", work)(model.getters, given);
        }
        nodes.push(...Object.values(node?.children || {}));
    }
    return null;
}"""
VALUE = """
    const [sheetId, col, row] = given;
    return getters.getEvaluatedCell({sheetId, col, row}).value;
"""
CLICKABLE = """
    const [col, row] = given;
    const zone = {left: col, right: col, top: row, bottom: row};
    const {x, y} = getters.getVisibleRect(zone);
    const cells = [...document.querySelectorAll(".o-dashboard-clickable-cell")];
    const near = (shown, rect) => Math.abs(parseFloat(shown) - rect) < 1;
    return cells.findIndex(({style}) => near(style.left, x) && near(style.top, y));
"""
BAR = """(canvas) => {
    const chart = Chart.getChart(canvas);
    if (!chart) return null;
    const bars = chart.data.datasets.flatMap((dataset, number) =>
        dataset.data.map((value, index) => ({value, number, index})));
    const {value, number, index} = bars.reduce(
        (a, b) => (b.value > a.value ? b : a), {value: 0});
    if (!value) return null;
    const {x, y, base} = chart.getDatasetMeta(number).data[index].getProps(
        ["x", "y", "base"], true);
    const shown = canvas.getBoundingClientRect();
    return {value, x: shown.x + x, y: shown.y + (y + base) / 2};
}"""


@pytest.fixture
def board(screen):
    """Open a dashboard as headquarters: `board("Value")` returns the page."""
    page = screen("operations")

    def board(name):
        page.goto("/odoo/dashboards")
        page.locator(".o-figure").first.wait_for()
        entry = page.locator(f".o_search_panel_category_value[data-name='{name}']")
        with page.expect_response(lambda answer: "/dashboard/data/" in answer.url):
            entry.last.click()
        page.locator(".o_search_panel_category_value.active", has_text=name).wait_for()
        page.locator(".o-figure canvas, .o-dashboard-clickable-cell").first.wait_for()
        return page

    return board


@pytest.fixture
def waiting(server):
    """Count requests that wait, in the company that the screen opens with."""
    client = WebClient(server.url, server.db, "operations")
    here = client.user["user_companies"]["current_company"]

    def waiting(*conditions):
        return client.call(
            "retail.approval.request",
            "search_count",
            [["state", "=", "pending"], *conditions],
            context={"allowed_company_ids": [here]},
        )

    return waiting


def value(page, sheet, col, row):
    """Return what a cell shows; None as long as it loads."""
    found = page.evaluate(SHEET, [VALUE, sheet, col, row])
    return found if isinstance(found, int | float) else None


def first_card(page):
    """Return what the first figure at the top shows."""
    return value(page, "figures", 1, 0)


def listed(page):
    """Return how many records the list that opened holds."""
    page.locator(".o_list_view .o_data_row").first.wait_for()
    return int(page.locator(".o_pager_limit").inner_text().replace(",", ""))


@pytest.mark.parametrize("name", DASHBOARDS)
def test_headquarters_opens_each_dashboard(board, picture, name):
    page = board(name)
    picture(page, f"dashboard-{name.split()[0].lower()}")
    assert hindrances(page, name) == []


def test_a_phone_shows_the_cards_and_charts_of_each_dashboard(screen, picture):
    page = screen("operations", PHONE)
    page.goto("/odoo/dashboards")
    for name in DASHBOARDS:
        page.locator(".o_search_panel_current_selection").click()
        page.locator(".o_search_panel_category_value", has_text=name).last.click()
        chosen = page.locator(".o_search_panel_current_selection", has_text=name)
        chosen.wait_for()
        expect(page.locator(".o-mobile-figure .o-scorecard")).to_have_count(5)
        expect(page.locator(".o-mobile-figure canvas")).to_have_count(7)
        picture(page, f"dashboard-{name.split()[0].lower()}")
        assert hindrances(page, f"{name}, phone") == []


def test_a_region_that_is_chosen_narrows_the_figures(board, waiting, picture):
    """One region, and then the country, whose stores belong to regions below it."""
    country, west = (
        waiting(["region_id", operator, name])
        for operator, name in (("child_of", COUNTRY), ("=", WEST))
    )
    assert 0 < west < country
    page = board("Approvals")
    eventually(lambda: first_card(page) == waiting(), PATIENCE)
    choose_region(page, WEST)
    eventually(lambda: first_card(page) == west, PATIENCE)
    picture(page, "dashboard-region-chosen")
    choose_region(page, COUNTRY)
    eventually(lambda: first_card(page) == country, PATIENCE)


def choose_region(page, name):
    """Choose a region, and no other, in the filters above the dashboard."""
    page.locator(".o_searchview_dropdown_toggler").click()
    item = page.locator(".o-filter-item[data-id=filter_region]")
    item.wait_for()
    for chosen in item.locator(".o_tag .o_delete").all():
        chosen.click()
    item.locator("input").fill(name)
    page.locator(".o-autocomplete--dropdown-item").get_by_text(name, exact=True).click()
    item.locator(".o_tag", has_text=name).wait_for()
    page.locator(".o-filter-values-footer .btn-primary").click()
    page.locator(".o_searchview_facet", has_text=name).wait_for()


def test_a_cell_of_a_table_opens_the_records_it_counts(board):
    page = board("Approvals")
    # The first table on the right: what waits by kind, its first row.
    counted = eventually(lambda: value(page, "front", 5, 20), PATIENCE)
    number = page.evaluate(SHEET, [CLICKABLE, 5, 20])
    page.locator(".o-dashboard-clickable-cell").nth(number).click()
    assert listed(page) == counted


def test_a_cell_and_a_card_open_their_records_by_keyboard(board, picture):
    page = board("Approvals")
    counted = eventually(lambda: value(page, "front", 5, 20), PATIENCE)
    cells = page.locator(".o-dashboard-clickable-cell")
    cell = cells.nth(page.evaluate(SHEET, [CLICKABLE, 5, 20]))
    expect(cell).to_have_accessible_name(re.compile(rf"\w, Count: {counted}$"))
    press_by_key(page, cell)
    assert listed(page) == counted
    board("Approvals")
    counted = eventually(lambda: first_card(page), PATIENCE)
    card = page.get_by_role("button", name=f"Waiting: {counted}", exact=True)
    press_by_key(page, card)
    picture(page, "dashboard-by-keyboard")
    assert listed(page) == counted


def test_a_bar_of_a_chart_opens_the_records_it_counts(board):
    page = board("Approvals")
    canvas = page.locator(".o-figure[data-id=chart_1] canvas")
    canvas.wait_for()
    bar = eventually(lambda: still(lambda: canvas.evaluate(BAR)), PATIENCE)
    page.mouse.click(bar["x"], bar["y"])
    assert listed(page) == bar["value"]


def still(measured):
    """Return what is measured once it no longer moves, as bars do that grow."""
    before = measured()
    time.sleep(0.5)
    return measured() == before and before
