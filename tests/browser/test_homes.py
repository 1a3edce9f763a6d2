"""The screens that people open first, as each role, on a phone and on a desk."""

import re

import pytest

KNOWN_ERROR = "selfie_segmentation"
OFFLINE_ERROR = "ERR_INTERNET_DISCONNECTED"
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
ROLES = {
    "store": "My store today",
    "region": "My region",
    "country": "My region",
    "hq": "Headquarters",
    "finance": "Headquarters",
}


@pytest.fixture
def errors(page):
    """What the browser's console complains of, the known one left out."""
    found = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on(
        "console",
        lambda message: message.type == "error" and found.append(message.text),
    )
    yield found
    assert [text for text in found if KNOWN_ERROR not in text] == []


@pytest.fixture
def picture(workshop):
    """Save a picture of the whole screen, however long: `picture(page, "name")`."""
    folder = workshop.home.folder / "screenshots"
    folder.mkdir(exist_ok=True)

    def picture(page, name):
        before = page.viewport_size
        height = page.evaluate(
            "document.querySelector('.o_retail_home').scrollHeight + 60"
        )
        page.set_viewport_size({**before, "height": max(height, 500)})
        page.wait_for_timeout(300)
        page.screenshot(path=folder / f"{name}.png")
        page.set_viewport_size(before)
        page.screenshot(path=folder / f"{name}-first.png")

    return picture


def home(page):
    """Wait for the home screen and return it."""
    screen = page.locator(".o_retail_home")
    screen.locator(".o_retail_section").first.wait_for()
    return screen


def tile(screen, key):
    """The figure at the top of the screen, by its key."""
    return screen.locator(f"[data-section=now] [data-figure={key}]")


@pytest.mark.parametrize("login", ROLES)
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_each_role_lands_on_its_own_home(log_in, page, picture, errors, login, size):
    page.set_viewport_size(size)
    log_in(login)
    screen = home(page)
    assert screen.get_by_role("heading", level=1, name=ROLES[login]).is_visible()
    assert screen.get_by_text("as of").is_visible()
    picture(page, f"home-{login}-{size['width']}")
    overflow = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert overflow <= 0


def test_every_target_on_a_phone_is_large_enough_for_a_thumb(log_in, page, errors):
    page.set_viewport_size(PHONE)
    log_in("store")
    for button in home(page).get_by_role("button").all():
        box = button.bounding_box()
        assert min(box["width"], box["height"]) >= 32, button.inner_text()


def test_each_figure_opens_as_many_records_as_it_says(log_in, page, errors):
    log_in("region")
    keys = [
        figure.get_attribute("data-figure")
        for figure in home(page).locator("[data-section=now] [data-figure]").all()
    ]
    assert {"escalated", "overdue", "reports", "checklists", "approvals"} <= set(keys)
    for key in keys:
        figure = tile(home(page), key)
        said = int(figure.locator(".o_retail_value").inner_text())
        figure.click()
        page.locator(".o_list_view").wait_for()
        assert count_of_list(page) == said, key
        page.go_back()


def count_of_list(page):
    """How many records the list has in all."""
    pager = page.locator(".o_control_panel .o_pager_limit")
    if pager.is_visible():
        return int(pager.inner_text())
    return page.locator(".o_data_row").count()


def test_a_store_acts_with_one_tap_on_a_phone(log_in, page, picture, errors):
    page.set_viewport_size(PHONE)
    log_in("store")
    screen = home(page)
    row = screen.locator("[data-section=mine] .o_retail_row", has_text="Cheddar")
    row.get_by_role("button", name="Start").click()
    row.get_by_role("button", name=re.compile("Resolve|approval")).wait_for()
    assert screen.get_by_role("status").inner_text().endswith("Start")

    due = int(tile(screen, "items_due").locator(".o_retail_value").inner_text())
    items = screen.locator("[data-section=items]")
    items.get_by_role("button", name="Done: First-aid box is complete").click()
    items.get_by_text("First-aid box is complete").wait_for(state="detached")
    left = int(tile(screen, "items_due").locator(".o_retail_value").inner_text())
    assert left == due - 1

    screen.get_by_role("button", name="File it now").first.click()
    page.locator(".o_form_view").wait_for()
    page.go_back()
    home(page).get_by_role("button", name="Report something").click()
    page.get_by_text("What happened?").wait_for()


def test_a_region_goes_into_a_store_and_back(log_in, page, picture, errors):
    log_in("region")
    screen = home(page)
    screen.get_by_role("button", name="0045 Phoenix Arcadia", exact=True).click()
    screen.get_by_role("heading", level=1, name="Store today").wait_for()
    assert screen.get_by_text("0045 Phoenix Arcadia").first.is_visible()
    picture(page, "home-region-store")
    screen.get_by_role("button", name="My region", exact=True).click()
    screen.get_by_role("heading", name="Stores compared").wait_for()


def test_a_home_without_connection_says_how_old_it_is(log_in, page, picture, errors):
    page.set_viewport_size(PHONE)
    log_in("store")
    screen = home(page)
    page.context.set_offline(True)
    screen.get_by_role("button", name="Bring up to date").click()
    banner = screen.get_by_role("alert")
    banner.get_by_text("What you see was true at").wait_for()
    picture(page, "home-offline")
    assert [text for text in errors if OFFLINE_ERROR not in text] == []
    errors.clear()
    page.context.set_offline(False)
    banner.wait_for(state="detached")


def test_a_home_is_brought_up_to_date_every_minute_while_it_is_seen(
    log_in, page, errors
):
    page.clock.install()
    log_in("store")
    home(page)
    with page.expect_request("**/retail.home/get_home"):
        page.clock.run_for(61_000)
    asked = []
    page.on(
        "request",
        lambda request: "retail.home" in request.url and asked.append(request.url),
    )
    page.evaluate(
        "Object.defineProperty(document, 'visibilityState', {value: 'hidden'})"
    )
    page.clock.run_for(180_000)
    assert asked == []


def test_headings_names_and_keys_lead_through_the_screen(log_in, page, errors):
    log_in("hq")
    screen = home(page)
    assert screen.get_by_role("heading", level=1).count() == 1
    sections = screen.locator("section").all()
    for section in sections:
        label = section.get_attribute("aria-labelledby")
        assert page.locator(f"#{label}").inner_text()
    for button in screen.get_by_role("button").all():
        name = button.get_attribute("aria-label") or button.inner_text()
        assert name.strip()
    first = screen.locator("[data-figure=open]")
    first.focus()
    page.keyboard.press("Enter")
    page.locator(".o_list_view").wait_for()
