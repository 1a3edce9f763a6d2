"""The screens of who watches the doors, by clicking; leaves pictures behind."""

import re

from tests.browser.conftest import DESKTOP
from tests.browser.windows import enter
from tests.waiting import eventually
from tests.webclient import WebClient

NEEDS_A_PERSON = "retail_ops_integrations.action_event_attention"
SCREENS = {
    "monitor": ("Integrations monitor", "Sources and endpoints"),
    "alerts": ("retail-integration-alerts", "Integration alerts"),
    "replays": ("retail-replays", "Replays"),
    "reconciliations": ("retail-reconciliations", "Reconciliations"),
    "endpoints": ("retail-endpoints", "Demo listener"),
    "masking": ("retail-mask-rules", "Masking rules"),
    "retention": ("retail-retention", "Retention"),
}


def open_monitor(page):
    page.goto("/odoo/action-retail_ops_integrations.server_action_open_monitor")
    page.get_by_text("Sources and endpoints").first.wait_for()


def open_the_unknown_store(page):
    """Open the demo's dead letter, as soon as the server has looked at it."""

    def is_listed():
        page.goto(f"/odoo/action-{NEEDS_A_PERSON}")
        page.locator(".o_data_row, .o_view_nocontent").first.wait_for()
        return page.get_by_text("Unknown store 9943").count()

    eventually(is_listed, seconds=90)
    page.get_by_text("Unknown store 9943").first.click()


def test_every_screen_of_the_watch_opens(log_in, page, picture, errors, size):
    log_in("retailadmin", size=size)
    open_monitor(page)
    picture(page, "integrations-monitor")
    for tab in ("Event types", "Heartbeats", "Scheduled Actions"):
        page.get_by_role("tab", name=tab).click()
        picture(page, f"integrations-monitor-{tab.split()[0].lower()}")
    for name, (path, text) in list(SCREENS.items())[1:]:
        page.goto(f"/odoo/{path}")
        page.get_by_text(text).first.wait_for()
        picture(page, f"integrations-{name}")


def test_the_monitor_that_is_looked_at_stays_up_to_date_by_itself(chrome, server):
    # A clock that was moved stays with its window: this one is lent to nobody else.
    window = chrome.new_context(base_url=server.url)
    page = window.new_page()
    page.set_default_timeout(90_000)
    page.clock.install()
    enter(page, WebClient(server.url, server.db, "integrator"))
    open_monitor(page)
    for method in ("action_refresh", "web_read"):
        with page.expect_response(lambda answer, name=method: name in answer.url):
            page.clock.fast_forward(61_000)
    window.close()


def test_a_dead_letter_is_fixed_without_showing_personal_data(
    log_in, page, picture, errors
):
    log_in("retailadmin", size=DESKTOP)
    open_the_unknown_store(page)
    page.get_by_role("button", name="Fix and replay").wait_for()
    page.get_by_text("Personal data is hidden").wait_for()
    assert "a.customer@example.com" not in page.content()
    picture(page, "integrations-masked")
    page.get_by_role("button", name="Fix and replay").click()
    page.get_by_text("What arrived is kept as it is").wait_for()
    assert "4111 1111" not in page.content()
    picture(page, "integrations-fix")


def test_a_look_at_the_original_asks_why(log_in, page, picture, errors):
    log_in("retailadmin", size=DESKTOP)
    open_the_unknown_store(page)
    page.get_by_role("button", name="Show it as it came").click()
    page.get_by_text("You are about to see personal data").wait_for()
    page.get_by_label("Reason").fill("The customer asks what we hold")
    page.get_by_role("button", name="Show", exact=True).click()
    page.get_by_text("a.customer@example.com").first.wait_for()
    picture(page, "integrations-raw")


def test_a_store_file_is_taken_in_and_reported(
    log_in, page, picture, errors, base_url, db
):
    log_in("retailadmin", size=DESKTOP)
    page.goto("/odoo/retail-reconciliations")
    page.get_by_role("cell", name=re.compile("^POS United States")).first.click()
    take_in = page.get_by_role("button", name="Take it in")
    take_in.click()
    take_in.wait_for(state="detached")
    client = WebClient(base_url, db, "retailadmin")
    run = int(page.url.rsplit("/", 1)[1])
    finished = [("id", "=", run), ("state", "=", "done")]
    eventually(lambda: client.find("retail.reconciliation.run", finished, ["id"]), 90)
    page.reload()
    page.get_by_text("No event of this source").first.wait_for()
    assert page.get_by_text("Missing, taken in now").count() == 2
    picture(page, "integrations-reconciled")


def test_a_case_shows_every_hop_with_its_time(log_in, page, picture, errors):
    log_in("retailadmin", size=DESKTOP)
    page.goto("/odoo/retail-events")
    page.get_by_text("EXC/").first.wait_for()
    page.get_by_role("row").filter(has_text="EXC/").first.click()
    page.get_by_role("button", name="Trace").click()
    page.get_by_text("Event received").first.wait_for()
    picture(page, "integrations-trace")
