"""Each guided tour, run to its end in a real browser by whom it is made for.

What it prints is how long the browser took, from the login on; a person reads.
"""

import time

import pytest

from tests.browser.conftest import DESKTOP
from tests.webclient import WebClient

# The tour, who takes it, and how the console tells that it is through.
TOURS = {
    "retail_ops_store": "store0043",
    "retail_ops_approver": "region.useast",
    "retail_ops_headquarters": "hq",
    "retail_ops_integrator": "integrator",
}
KIND = "local_procurement"
THROUGH = "tour succeeded"


@pytest.fixture
def request_to_decide(base_url, db):
    """A store of the East asks for something small, so that its region can decide."""
    store = WebClient(base_url, db, "store0105")
    [kind] = store.find("retail.request.kind", [("code", "=", KIND)], ["name"])
    [place] = store.find("retail.store", [("code", "=", "0105")], ["name"])
    asked = {
        "kind_id": kind["id"],
        "store_id": place["id"],
        "summary": "A fan for the bakery",
        "reason": "It is 34 degrees beside the ovens.",
        "amount": 120,
    }
    request = store.call("retail.request", "create", [asked])
    store.call("retail.request", "action_submit", request)


@pytest.mark.parametrize("tour", TOURS)
def test_a_newcomer_is_guided_to_the_end(
    log_in, page, picture, errors, request_to_decide, tour, capsys
):
    began = time.monotonic()
    log_in(TOURS[tour], size=DESKTOP)
    page.locator(".o_retail_section").first.wait_for()
    with page.expect_console_message(lambda each: THROUGH in each.text):
        page.evaluate(
            "name => odoo.startTour(name, {mode: 'auto', redirect: false})", tour
        )
    with capsys.disabled():
        print(f"\n{tour}: {time.monotonic() - began:.1f} s from login to end")
    picture(page, f"tour-{tour}")


def test_a_tour_is_begun_from_getting_started(log_in, page, picture, errors):
    log_in("store0044", size=DESKTOP)
    page.goto("/odoo/getting-started")
    page.get_by_role("heading", name="Learn by doing").wait_for()
    picture(page, "getting-started")
    page.get_by_role("button", name="Show me").first.click()
    page.locator(".o_tour_pointer").wait_for()
    picture(page, "tour-pointer")


def test_an_administrator_sees_what_is_set_up_and_puts_it_away(
    log_in, page, picture, errors, size
):
    log_in("retailadmin", size=size)
    page.goto("/odoo/getting-started")
    page.locator("[data-section=setup] [data-row=matrix]").wait_for()
    picture(page, "getting-started-admin")
    page.get_by_role("button", name="Put it away").click()
    page.get_by_role("heading", level=1, name="Headquarters").wait_for()
    assert page.locator("[data-page=started]").count() == 0
    page.goto("/odoo/getting-started")
    page.get_by_role("button", name="Open it with my day").click()
    page.locator("[data-page=started]").wait_for()
