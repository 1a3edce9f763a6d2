"""People at their screens: logged in, at the width they use, their console watched."""

from contextlib import ExitStack

import pytest
from PIL import Image
from playwright.sync_api import expect, sync_playwright

from launcher import browser as chromium
from tests.browser.windows import Windows, enter
from tests.webclient import WebClient

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
# Debian's Odoo comes without this one file of Discuss.
KNOWN_ERROR = "selfie_segmentation"
# What a page comes to show may take its time on a slow machine.
expect.set_options(timeout=90_000)


@pytest.fixture(scope="session")
def chrome(workshop):
    """A running headless Chromium, driven by playwright."""
    path = chromium.ensure(workshop.home, workshop.progress)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=str(path),
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
        )
        yield running
        running.close()


@pytest.fixture(scope="session")
def windows(chrome, server):
    """The browser's windows, lent to one test after the other."""
    return Windows(chrome, server.url)


@pytest.fixture
def page(windows):
    """A browser window, logged in nowhere; `page.goto("/odoo")` works."""
    with windows.lend() as page:
        yield page


@pytest.fixture
def log_in(page, server):
    """Be somebody from now on: `log_in("store", size=PHONE)` returns the page."""

    def log_in(login, password="demo", size=None):
        if size:
            page.set_viewport_size(size)
        enter(page, WebClient(server.url, server.db, login, password))
        page.goto("/odoo")
        page.locator(".o_main_navbar").wait_for(state="visible")
        return page

    return log_in


@pytest.fixture(params=[PHONE, DESKTOP], ids=["phone", "desktop"])
def size(request):
    """Both widths in turn."""
    return request.param


@pytest.fixture
def picture(workshop):
    """Save a picture: `picture(page, "name")`."""
    folder = workshop.home.folder / "screenshots"
    folder.mkdir(exist_ok=True)

    def picture(page, name):
        page.wait_for_timeout(400)
        width = page.viewport_size["width"]
        page.screenshot(path=folder / f"{name}-{width}.png")

    return picture


@pytest.fixture
def photo(tmp_path):
    """A photo as a phone's camera hands it over."""
    path = tmp_path / "shelf.png"
    Image.new("RGB", (640, 480), "firebrick").save(path)
    return path


@pytest.fixture
def errors(page):
    """What the browser's console complains of, the known one left out."""
    found = []
    watch(page, found)
    yield found
    assert [text for text in found if KNOWN_ERROR not in text] == []


def watch(page, found):
    """Add to a list what the console of a page complains of."""
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on(
        "console",
        lambda message: message.type == "error" and found.append(message.text),
    )


@pytest.fixture
def screen(windows, server):
    """A person's own screen: `screen("store", PHONE)` returns the page, logged in.

    What its console complains of fails the test in the end.
    """
    found = []
    with ExitStack() as lent:

        def screen(login, size=DESKTOP):
            page = lent.enter_context(windows.lend(size, touch=size is PHONE))
            enter(page, WebClient(server.url, server.db, login))
            watch(page, found)
            return page

        yield screen
    assert [text for text in found if KNOWN_ERROR not in text] == []
