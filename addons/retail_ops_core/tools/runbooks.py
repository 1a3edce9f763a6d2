"""The runbooks as pages: what docs/runbooks*.md say, in HTML that needs nothing else.

A server without the internet shows them too. ``python -m tools.write_runbooks`` in the
addon's folder writes them. A section has the same anchor in every language.
"""

import re
from html import escape
from pathlib import Path

ADDON = Path(__file__).parents[1]
DOCS = ADDON.parents[1] / "docs"
ADDRESS = "/retail_ops_core/static/runbooks.html"
# Language -> end of the names of its files, its own name and the title of its page.
LANGUAGES = {
    "en": ("", "English", "Runbooks"),
    "fr": (".fr", "Français", "Fiches d'intervention"),
}
PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
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
<nav>{others}</nav>
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
# An anchor of one's own, for a title that is said in another language.
ANCHORED = re.compile(r'<a id="([a-z0-9-]+)"></a>\n## (.+)')
LISTS = {"ol": re.compile(r"^\d+\. ", re.M), "ul": re.compile(r"^\* ", re.M)}


def source(language):
    """Return the path of the text in a language of :data:`LANGUAGES`."""
    return DOCS / f"runbooks{LANGUAGES[language][0]}.md"


def target(language):
    """Return the path of the page in a language of :data:`LANGUAGES`."""
    return ADDON / "static" / f"runbooks{LANGUAGES[language][0]}.html"


def spoken(address, lang):
    """Return the address of the suite's runbook in a language, if it has it.

    :param address: any address, with or without anchor; others stay as they are
    :param lang: code of a language of Odoo, such as fr_CA, or None
    """
    end = LANGUAGES.get((lang or "").split("_")[0], LANGUAGES["en"])[0]
    page, hash_sign, section = address.partition("#")
    if page != ADDRESS:
        return address
    return page.removesuffix(".html") + f"{end}.html{hash_sign}{section}"


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
    if anchored := ANCHORED.fullmatch(text):
        return f'<h2 id="{anchored[1]}">{inline(anchored[2])}</h2>'
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


def page(markdown, language):
    """Return the page.

    :param markdown: text of titles, paragraphs and flat lists, blank lines between
    :param language: key of :data:`LANGUAGES`
    """
    blocks = re.split(r"\n\s*\n", markdown.strip())
    return PAGE.format(
        body="\n".join(map(block, blocks)),
        language=language,
        title=LANGUAGES[language][2],
        others=" ".join(
            f'<a href="{target(code).name}" hreflang="{code}" lang="{code}">{name}</a>'
            for code, (_end, name, _title) in LANGUAGES.items()
            if code != language
        ),
    )
