"""Each guided tour, run to its end in a real browser by whom it is made for.

What it prints is how long the browser took, from the login on; a person reads.
"""

import time

import pytest

from tests.browser.conftest import DESKTOP, PHONE
from tests.waiting import eventually
from tests.webclient import WebClient

# Who takes it, the tour, and the screen he has.
NEWCOMERS = [
    ("store0043", "retail_ops_store", DESKTOP),
    ("store0044", "retail_ops_store", PHONE),
    ("region.useast", "retail_ops_approver", DESKTOP),
    ("region.useast", "retail_ops_approver", PHONE),
    ("hq", "retail_ops_headquarters", DESKTOP),
    ("hq", "retail_ops_headquarters", PHONE),
    ("integrator", "retail_ops_integrator", DESKTOP),
    ("integrator", "retail_ops_integrator", PHONE),
]
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


# What the tour leads to: model, domain, and the field that says whose it is.
FIRSTS = {
    "retail_ops_store": (
        "retail.exception",
        [("state", "=", "resolved"), ("summary", "like", "label of the coffee")],
        "create_uid",
    ),
    "retail_ops_approver": (
        "retail.approval.decision",
        [("verdict", "=", "approved")],
        "user_id",
    ),
    "retail_ops_integrator": (
        "retail.delivery",
        [("outbox_id.type", "like", "ping")],
        None,
    ),
}


def in_words(who):
    login, tour, size = who
    return f"{tour}-{login}-{size['width']}"


@pytest.mark.parametrize("who", NEWCOMERS, ids=in_words)
def test_a_newcomer_is_guided_to_the_end(
    page, picture, errors, base_url, db, request_to_decide, who, capsys
):
    login, tour, size = who
    newcomer = WebClient(base_url, db, login)
    before = firsts(newcomer, tour)
    began = time.monotonic()
    page.set_viewport_size(size)
    come_in(page, login)
    with page.expect_console_message(lambda each: THROUGH in each.text):
        page.evaluate(
            "name => odoo.startTour(name, {mode: 'auto', redirect: false})", tour
        )
    with capsys.disabled():
        took = time.monotonic() - began
        print(f"\n{in_words(who)}: {took:.1f} s from the login page to the end")
    picture(page, f"tour-{tour}")
    if tour in FIRSTS:
        eventually(lambda: firsts(newcomer, tour) > before, 60)


def firsts(newcomer, tour):
    """Return how many of what the tour leads to the newcomer has made."""
    if tour not in FIRSTS:
        return 0
    model, domain, owner = FIRSTS[tour]
    mine = [(owner, "=", newcomer.user["uid"])] if owner else []
    return newcomer.call(model, "search_count", [*domain, *mine])


def come_in(page, login):
    """Log in as the README says, on the page where everybody begins."""
    page.goto("/web/login")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", "demo")
    page.click("button[type=submit]")
    page.locator(".o_retail_section").first.wait_for()


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
