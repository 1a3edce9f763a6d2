"""People at their screens: logged in, at the width they use, their console watched."""

import pytest
from PIL import Image

from tests.webclient import WebClient

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
# Debian's Odoo comes without this one file of Discuss.
KNOWN_ERROR = "selfie_segmentation"


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
def screen(chrome, server):
    """A person's own screen: `screen("store", PHONE)` returns the page, logged in.

    What its console complains of fails the test in the end.
    """
    contexts, found = [], []

    def screen(login, size=DESKTOP):
        client = WebClient(server.url, server.db, login)
        context = chrome.new_context(
            base_url=server.url, viewport=size, has_touch=size is PHONE
        )
        contexts.append(context)
        session = client.session.cookies["session_id"]
        context.add_cookies(
            [{"name": "session_id", "value": session, "url": server.url}]
        )
        page = context.new_page()
        page.set_default_navigation_timeout(60_000)
        page.set_default_timeout(20_000)
        watch(page, found)
        return page

    yield screen
    for context in contexts:
        context.close()
    assert [text for text in found if KNOWN_ERROR not in text] == []
