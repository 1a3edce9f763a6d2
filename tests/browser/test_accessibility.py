"""Nobody is kept out: axe-core looks at each role's screens, on a phone and a desk.

One window for each role and width goes through all its screens, since opening the web
client takes longer than looking at a screen.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import DESKTOP, PHONE
from tests.waiting import eventually
from tests.webclient import WebClient

HINDERS = ("serious", "critical")
# Odoo's own parts, the same in every app, which no view can mend; what is wrong there.
ODOOS_OWN = {
    ".o_control_panel": "search box: roles without their parts, icons alone",
    ".o_search_panel": "folding buttons and, on a phone, drop-downs without a name",
    ".o_search_panel_sidebar": "the same, folded",
    ".o_mobile_search": "the same, on a phone",
    ".o-mail-Form-chatter": "chatter: pictures and icons without a name",
    ".o_avatar": "a person's picture beside his name has no alt",
    ".o_notebook_headers": "tabs stand in a list without the role tablist",
    ".o_list_record_selector": "the box that selects a line has no name",
    ".o_optional_columns_dropdown": "the button for more columns has no name",
    ".o_data_cell .o-checkbox": "a box that is only shown, in a list, has no name",
    ".o_select_menu": "a drop-down tells whether it is open without a role",
    ".o-autocomplete": "likewise",
    ".o_tag": "likewise, a coloured word",
    ".o_tree_editor": "the editor of conditions: lists without a name, pale when shown",
    ".o_clipboard_button": "the button that copies has an icon only",
    ".o_button_more": "the phone's button for more figures has an icon only",
    ".o-mail-ActivityButton": "the clock's icon has no name",
    ".o_progressbar": "a bar tells its figure without a role; it stands beside it",
    ".o_pivot": "a pivot wider than a phone scrolls without taking the focus",
    ".o_field_code": "the editor of code has a hidden box without a name",
}
NEWEST = "id desc"
# As the browser's own arrows do: the web client stays, which takes a second less.
GO = """path => {
    document.querySelector(".o_action_manager > *").dataset.left = true;
    history.pushState({}, "", path);
    window.dispatchEvent(new PopStateEvent("popstate", {state: {}}));
}"""
# Colours in mid-fade are nobody's colours; a wheel that turns is waited for by nobody.
STILL = """() => Promise.allSettled(
    document.getAnimations()
        .filter(each => each.effect.getComputedTiming().endTime < Infinity)
        .map(each => each.finished)
)"""
SCREENS = {
    "store": [
        ("retail-home", ".o_retail_section"),
        ("my-exceptions", ".o_view_controller"),
        ("exceptions", "retail.exception"),
        ("report-exception", ".o_retail_report"),
        ("my-checklists", "retail.checklist"),
        ("daily-reports", "retail.store.report"),
        ("store-requests/new", ".o_form_view"),
        ("goods-that-run-out", ".o_view_controller"),
        ("kpi-figures", ".o_view_controller"),
        ("weekly-letters", ".o_view_controller"),
        ("weekly-letters", "retail.letter"),
        ("getting-started", ".o_retail_section"),
    ],
    "region": [
        ("retail-home", ".o_retail_section"),
        ("reports-to-validate", ".o_view_controller"),
        ("escalated-exceptions", ".o_view_controller"),
        ("stores", "retail.store"),
        ("weekly-letters", ".o_view_controller"),
        ("weekly-letters", "retail.letter"),
        ("getting-started", ".o_retail_section"),
    ],
    "hq": [
        ("retail-home", ".o_retail_section"),
        ("open-exceptions", ".o_view_controller"),
        ("storms", ".o_view_controller"),
        ("campaigns", "retail.campaign"),
        ("queue-ageing", ".o_view_controller"),
        ("kpis", ".o_view_controller"),
        ("kpis", "retail.kpi"),
        ("kpi-figures", ".o_view_controller"),
        ("kpi-hours", ".o_view_controller"),
        ("kpi-baselines", ".o_view_controller"),
        ("kpi-baselines", "retail.kpi.baseline"),
        ("weekly-letters", ".o_view_controller"),
        ("controls", ".o_view_controller"),
        ("controls", "retail.control"),
        ("dashboards", ".o-spreadsheet, .o_mobile_dashboard"),
    ],
    "finance": [
        ("retail-home", ".o_retail_section"),
        ("my-approvals", ".o_view_controller"),
        ("period-close", ".o_view_controller"),
        ("open-exceptions", ".o_view_controller"),
        ("store-requests", ".o_view_controller"),
        ("approval-outcomes", ".o_view_controller"),
    ],
    "lossprevention": [
        ("retail-home", ".o_retail_section"),
        ("approval-desk", ".o_retail_section"),
        ("my-approvals", ".o_view_controller"),
        ("approval-requests", "retail.approval.request"),
        ("outliers", ".o_view_controller"),
        ("outliers", "retail.outlier.flag"),
    ],
    "technician": [
        ("store-repairs", ".o_view_controller"),
        ("store-repairs", "maintenance.request"),
        ("store-equipment", ".o_view_controller"),
    ],
    "auditor": [
        ("retail-home", ".o_retail_section"),
        ("controls", ".o_view_controller"),
        ("policy-register", ".o_view_controller"),
        ("action-retail_ops_core.action_audit_entry", ".o_view_controller"),
        ("weekly-letters", ".o_view_controller"),
    ],
    "integrator": [
        ("retail-home", ".o_retail_section"),
        (
            "action-retail_ops_integrations.server_action_open_monitor",
            ".o_form_view",
        ),
        ("retail-events", ".o_view_controller"),
        ("retail-events", "retail.event.job"),
        ("retail-deliveries", "retail.delivery"),
        ("retail-sources", "retail.source"),
        ("retail-endpoints", "retail.endpoint"),
        ("retail-integration-alerts", ".o_view_controller"),
        ("retail-reconciliations", ".o_view_controller"),
        ("retail-reconciliations/new", ".o_form_view"),
    ],
    "retailadmin": [
        ("approval-policies", "retail.approval.policy"),
        ("action-retail_ops_core.action_exception_type", "retail.exception.type"),
        ("action-retail_ops_core.action_queue", "retail.queue"),
        ("getting-started", ".o_retail_section"),
        ("action-retail_ops_core.action_rollout_wave", ".o_view_controller"),
        ("action-retail_ops_core.action_rollout_wave", "retail.rollout.wave"),
        ("action-retail_ops_core.action_workflow", ".o_view_controller"),
        ("action-retail_ops_core.action_workflow", "retail.workflow"),
        ("action-retail_ops_core.action_outlier_plan", ".o_view_controller"),
        ("policy-register", ".o_view_controller"),
    ],
}


@pytest.mark.parametrize("login", SCREENS)
def test_no_screen_hinders_who_hears_or_types(
    log_in, page, base_url, db, errors, login
):
    client = WebClient(base_url, db, login)
    if login == "integrator":
        send_one(client)
    found = []
    for size in (DESKTOP, PHONE):
        log_in(login, size=size)
        page.locator(".o_action_manager > *").first.wait_for()
        for path, shown in SCREENS[login]:
            open_screen(page, client, path, shown)
            found += hindrances(page, f"{path} {size['width']}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", ["runbooks.html", "runbooks.fr.html"])
def test_no_runbook_hinders_who_hears_or_types(page, name):
    found = []
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        page.goto(f"/retail_ops_core/static/{name}")
        found += hindrances(page, f"{name} {size['width']}", "html")
    assert not found, "\n".join(found)


def send_one(client):
    """Have the demo's endpoint one delivery to look at."""
    open_ones = [("state", "=", "active")]
    [endpoint] = client.call("retail.endpoint", "search", open_ones, limit=1)
    client.call("retail.endpoint", "action_send_test", [endpoint])
    eventually(lambda: client.call("retail.delivery", "search", [], limit=1), 60)


def open_screen(page, client, path, shown):
    """Open a screen by its path; of a model, the form of its last record."""
    if not shown.startswith("."):
        [newest] = client.call(shown, "search", [], limit=1, order=NEWEST)
        path, shown = f"{path}/{newest}", ".o_form_view"
    page.evaluate(GO, f"/odoo/{path}")
    page.locator(".o_action_manager > [data-left]").wait_for(state="detached")
    page.locator(shown).first.wait_for()


def hindrances(page, where, part=".o_action_manager"):
    """Return what axe-core finds on our part of a page, each as a line to read.

    :param part: CSS selector of that part, such as a dialog
    """
    page.evaluate(STILL)
    parts = {
        "include": [[part]],
        "exclude": [[own] for own in ODOOS_OWN],
    }
    answer = Axe().run(page, parts, {"resultTypes": ["violations"]}).response
    return [
        f"{where}: {rule['id']} ({rule['impact']}): {', '.join(node['target'])}"
        f" {node['html'][:160]}"
        for rule in answer["violations"]
        if rule["impact"] in HINDERS
        for node in rule["nodes"]
    ]
