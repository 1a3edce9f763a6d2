"""Each dashboard of the suite, opened by headquarters; leaves pictures behind."""

DASHBOARDS = [
    "Network health",
    "Exceptions and SLA",
    "Approvals",
    "Campaigns",
    "Integrations",
    "Value",
]


def test_headquarters_opens_each_dashboard(screen, picture):
    page = screen("operations")
    page.goto("/odoo/dashboards")
    page.locator(".o-figure").first.wait_for()
    for name in DASHBOARDS:
        entry = page.locator(f".o_search_panel_category_value[data-name='{name}']")
        with page.expect_response(lambda answer: "/dashboard/data/" in answer.url):
            entry.last.click()
        page.locator(".o_search_panel_category_value.active", has_text=name).wait_for()
        page.locator(".o-figure canvas, .o-dashboard-clickable-cell").first.wait_for()
        picture(page, f"dashboard-{name.split()[0].lower()}")
