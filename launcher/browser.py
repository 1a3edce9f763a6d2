"""A Chromium for tests: the machine's own, or Debian's unpacked without root."""

from .program import Program

CHROMIUM = Program(
    title="Chromium",
    names=("google-chrome", "chromium", "chromium-browser", "google-chrome-stable"),
    packages=("chromium", "fonts-dejavu-core"),
    place="usr/lib/chromium/chromium",
    check=("--version", "--no-sandbox"),
    advice=(
        "install Chromium (on Debian: apt-get install chromium) and run the tests again"
    ),
)


def find(home):
    """The path of a browser that starts, or None."""
    return CHROMIUM.find(home.browser)


def ensure(home, progress):
    """A browser, fetched when there is none.

    :raises SetupError: none can be had
    """
    return CHROMIUM.ensure(home.browser, home, progress)
