"""The screens that people open first, as each role, on a phone and on a desk."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE
from tests.browser.windows import enter
from tests.webclient import WebClient

ROLES = {
    "store": ("store", "My store today"),
    "region": ("region", "My region"),
    "country": ("region", "My region"),
    "hq": ("headquarters", "Headquarters"),
    "operations": ("headquarters", "Headquarters"),
    "finance": ("headquarters", "Headquarters"),
    "lossprevention": ("headquarters", "Headquarters"),
    "auditor": ("headquarters", "Headquarters"),
    "integrator": ("integrations", "Integrations"),
}


# Two frames later what a new width moves has moved.
DRAWN = """() => new Promise(
    drawn => requestAnimationFrame(() => requestAnimationFrame(drawn))
)"""


@pytest.fixture
def picture(workshop):
    """Save a picture of the whole screen, however long: `picture(page, "name")`."""
    folder = workshop.home.folder / "screenshots"
    folder.mkdir(exist_ok=True)

    def picture(page, name):
        width = page.viewport_size["width"]
        height = page.evaluate(
            "document.querySelector('.o_retail_home').scrollHeight + 60"
        )
        before = page.viewport_size
        page.set_viewport_size({"width": width, "height": max(height, 500)})
        page.evaluate(DRAWN)
        page.screenshot(path=folder / f"{name}.png")
        page.set_viewport_size(before)

    return picture


def home(page):
    """Wait for the home screen and return it."""
    screen = page.locator(".o_retail_home")
    screen.locator(".o_retail_section").first.wait_for()
    return screen


@pytest.mark.parametrize("login", ROLES)
def test_each_role_lands_on_its_own_home(log_in, page, picture, errors, login, size):
    log_in(login, size=size)
    screen = home(page)
    _key, title = ROLES[login]
    screen.get_by_role("heading", level=1, name=title).wait_for()
    screen.get_by_text("as of").wait_for()
    picture(page, f"home-{login}-{size['width']}")
    overflow = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert overflow <= 0


# === Kept up to date, with any hands, on any line === #
def test_everything_on_a_home_is_reached_by_keyboard(log_in, page, errors):
    log_in("store")
    screen = home(page)
    buttons = screen.locator("button:visible:enabled")
    page.evaluate(
        "() => document.querySelectorAll('.o_retail_home button')"
        ".forEach((each, place) => each.dataset.place = place)"
    )
    wanted = set(buttons.evaluate_all("all => all.map(each => each.dataset.place)"))
    reached = set()
    for _tab in range(len(wanted) + 40):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("() => document.activeElement.dataset.place"))
    assert wanted <= reached
    screen.get_by_role("button", name="Report something").first.focus()
    page.keyboard.press("Enter")
    page.locator(".o_retail_report").wait_for()


def test_what_is_touched_on_a_phone_is_large_enough(log_in, page, errors):
    log_in("store", size=PHONE)
    sizes = (
        home(page)
        .locator("button:visible")
        .evaluate_all(
            "all => all.map(each => [each.textContent.trim(),"
            " each.getBoundingClientRect().width, each.getBoundingClientRect().height])"
        )
    )
    assert sizes
    assert [size for size in sizes if min(size[1:]) < 32] == []


def test_without_a_line_a_home_keeps_what_it_knew_and_says_so(log_in, page):
    log_in("store", size=PHONE)
    screen = home(page)
    page.context.set_offline(True)
    screen.locator(".o_retail_refresh").click()
    screen.get_by_role("alert").wait_for()
    assert screen.locator(".o_retail_section").first.is_visible()
    page.context.set_offline(False)
    screen.get_by_role("alert").wait_for(state="detached")


def test_a_home_that_is_looked_at_stays_up_to_date_by_itself(chrome, server):
    # A clock that was moved stays with its window: this one is lent to nobody else.
    window = chrome.new_context(base_url=server.url)
    page = window.new_page()
    page.set_default_timeout(90_000)
    page.clock.install()
    enter(page, WebClient(server.url, server.db, "operations"))
    page.goto("/odoo")
    home(page)
    with page.expect_response(lambda answer: "get_home" in answer.url):
        page.clock.fast_forward(61_000)
    window.close()


def test_an_answer_that_comes_late_does_not_turn_the_page_back(log_in, page, errors):
    log_in("retailadmin")
    screen = home(page)
    late = []

    def hold_the_first(route):
        if late:
            route.continue_()
        else:
            late.append(route)

    page.route("**/get_home*", hold_the_first)
    with page.expect_request(lambda sent: "get_home" in sent.url):
        screen.locator(".o_retail_refresh").click()
    screen.locator("nav").get_by_text("Integrations", exact=True).click()
    wanted = screen.get_by_role("heading", level=1, name="Integrations")
    wanted.wait_for()
    with page.expect_response(lambda answer: "get_home" in answer.url):
        late[0].continue_()
    page.evaluate(DRAWN)
    expect(wanted).to_be_visible()
    page.unroute("**/get_home*")


# What the browser says of a tab that lies behind another.
HIDEABLE = """Object.defineProperty(
    document, "visibilityState", {get: () => window.isBehind ? "hidden" : "visible"}
)"""
TURN = """isBehind => {
    window.isBehind = isBehind;
    document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_a_home_in_a_hidden_tab_asks_nothing_and_then_once_a_minute(chrome, server):
    window = chrome.new_context(base_url=server.url)
    page = window.new_page()
    page.set_default_timeout(90_000)
    page.add_init_script(HIDEABLE)
    page.clock.install()
    enter(page, WebClient(server.url, server.db, "operations"))
    page.goto("/odoo")
    home(page)
    asked = []
    page.on("request", lambda sent: "get_home" in sent.url and asked.append(sent))
    page.evaluate(TURN, True)
    for _minute in range(5):
        page.clock.fast_forward(61_000)
    for minute in range(3):
        with page.expect_response(lambda answer: "get_home" in answer.url):
            if minute:
                page.clock.fast_forward(61_000)
            else:
                page.evaluate(TURN, False)
        page.locator(".o_retail_home[aria-busy=false]").wait_for()
        assert len(asked) == minute + 1
    window.close()
