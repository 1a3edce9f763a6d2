"""Browser windows that are lent to one test after the other."""

from contextlib import contextmanager

DESK = {"width": 1366, "height": 900}
# The first page of a fresh server builds its assets.
PATIENCE = 90_000  # ms
# As in a private window: Odoo's worker fetches the home page once more a second later,
# for whoever is here by then, and the answer would log the next person out.
WITHOUT_SERVICE_WORKERS = "delete Navigator.prototype.serviceWorker"


class Windows:
    """Windows in which nobody is logged in; what they downloaded stays with them.

    A new window for each test would fetch and compile the web client's code once
    more, which takes longer than most tests.
    """

    def __init__(self, browser, url):
        self.browser = browser
        self.url = url
        self.idle = {True: [], False: []}

    @contextmanager
    def lend(self, size=DESK, touch=False):
        """Lend a page of a size; what it keeps is forgotten afterwards."""
        context = self._take(touch)
        page = context.new_page()
        page.set_viewport_size(size)
        page.set_default_timeout(PATIENCE)
        yield page
        context.set_offline(False)
        forget(page, self.url)
        page.close()
        self.idle[touch].append(context)

    def _take(self, touch):
        if self.idle[touch]:
            return self.idle[touch].pop()
        context = self.browser.new_context(base_url=self.url, has_touch=touch)
        context.add_init_script(WITHOUT_SERVICE_WORKERS)
        return context


def forget(page, url):
    """Make the browser forget who was here and what he wrote, not what it fetched."""
    page.goto("about:blank")
    page.context.clear_cookies()
    devtools = page.context.new_cdp_session(page)
    # Not IndexedDB: a worker of the bus may hold it still, and who opens it waits.
    what = {"origin": url, "storageTypes": "local_storage"}
    devtools.send("Storage.clearDataForOrigin", what)
    devtools.detach()


def enter(page, client):
    """Let a page be used by the person whom a `WebClient` is logged in as."""
    forget(page, client.base_url)
    session = client.session.cookies["session_id"]
    page.context.add_cookies(
        [{"name": "session_id", "value": session, "url": client.base_url}]
    )
