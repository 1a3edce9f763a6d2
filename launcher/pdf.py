"""What turns Odoo's reports into PDF: the machine's wkhtmltopdf, or Debian's."""

from .errors import SetupError
from .program import Program, triplet

WKHTMLTOPDF = Program(
    title="wkhtmltopdf",
    names=("wkhtmltopdf",),
    packages=("wkhtmltopdf", "fonts-dejavu-core"),
    place="usr/bin/wkhtmltopdf",
    check=("--version",),
    advice="install wkhtmltopdf and start again; until then reports open as pages",
    variables=(
        "QT_QPA_PLATFORM=offscreen",
        f'QT_PLUGIN_PATH="{{folder}}/usr/lib/{triplet()}/qt5/plugins"',
    ),
)


def find(home):
    """The path of a wkhtmltopdf that starts, or None."""
    return WKHTMLTOPDF.find(home.pdf)


def ensure(home, progress):
    """A wkhtmltopdf, fetched when there is none.

    :raises SetupError: none can be had
    """
    return WKHTMLTOPDF.ensure(home.pdf, home, progress)


def offer(home, progress):
    """Fetch it if that is possible: without it Odoo works, and prints to the screen."""
    try:
        ensure(home, progress)
    except SetupError as error:
        progress.say(f"  --  No PDF: {error}")
