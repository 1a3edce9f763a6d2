"""The runbooks as a page: what docs/runbooks.md says, in HTML that needs nothing else.

A server without the internet shows it too. ``python -m tools.write_runbooks`` in the
addon's folder writes it.
"""

import re
from html import escape
from pathlib import Path

ADDON = Path(__file__).parents[1]
SOURCE = ADDON.parents[1] / "docs" / "runbooks.md"
TARGET = ADDON / "static" / "runbooks.html"
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Runbooks</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; color: #1f2328; background: #fff;
    max-width: 46rem; margin: 0 auto; padding: 1rem; }}
h2 {{ margin-top: 2.5rem; }}
:target {{ background: #fff3cd; }}
code {{ background: #f0f1f3; padding: 0 .2em; }}
a {{ color: #0b57a4; }}
li {{ margin-bottom: .4rem; }}
</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""
WORDS = [
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
    (re.compile(r"\*\*([^*]+)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"\*([^*]+)\*"), r"<em>\1</em>"),
    (re.compile(r"\[([^\]]+)\]\((#[a-z0-9-]+)\)"), r'<a href="\2">\1</a>'),
]
LISTS = {"ol": re.compile(r"^\d+\. ", re.M), "ul": re.compile(r"^\* ", re.M)}


def anchor(title):
    """Return the anchor of a section, as GitHub makes it of the title."""
    return re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")


def inline(text):
    """Return a paragraph's text as HTML: code, bold, italics and links of the page."""
    said = escape(" ".join(text.split()), quote=False)
    for pattern, tag in WORDS:
        said = pattern.sub(tag, said)
    return said


def block(text):
    """Return one block of Markdown as HTML: a title, a list or a paragraph."""
    if text.startswith("## "):
        return f'<h2 id="{anchor(text[3:])}">{inline(text[3:])}</h2>'
    if text.startswith("# "):
        return f"<h1>{inline(text[2:])}</h1>"
    for tag, mark in LISTS.items():
        if mark.match(text):
            items = "\n".join(
                f"<li>{inline(each)}</li>" for each in mark.split(text)[1:]
            )
            return f"<{tag}>\n{items}\n</{tag}>"
    return f"<p>{inline(text)}</p>"


def page(markdown):
    """Return the page.

    :param markdown: text of titles, paragraphs and flat lists, blank lines between
    """
    blocks = re.split(r"\n\s*\n", markdown.strip())
    return PAGE.format(body="\n".join(map(block, blocks)))
