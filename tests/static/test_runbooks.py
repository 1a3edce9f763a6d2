"""Every alert has its runbook; they open from their screens and name real buttons."""

import ast
import re
import sys

import polib
import pytest

ADDRESS = re.compile(r"/static/runbooks\.html#([a-z0-9-]+)")
# What a page is made of; its words are left out.
SHAPE = re.compile(
    r'</?(?:h1|h2 id="[^"]+"|p|ol|ul|li)>|href="#[^"]+"|<code>.*?</code>'
)
# Words that a reader is to press or to read on a screen; topics end with a colon.
BOLD = re.compile(r"\*\*([^*]+)\*\*(?!:)")
FRENCH_BOLD = re.compile(r"\*\*([^*]+)\*\*(?! :)")


@pytest.fixture(scope="module")
def runbooks(repository):
    return (repository / "docs/runbooks.md").read_text("utf-8")


@pytest.fixture(scope="module")
def sections(runbooks):
    return {
        re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^## (.+)$", runbooks, re.MULTILINE)
    }


@pytest.fixture(scope="module")
def screens(repository):
    """What the addons show, as one text with single spaces."""
    paths = [
        path
        for path in (repository / "addons").rglob("*")
        if path.suffix in (".xml", ".py") and "tests" not in path.parts
    ]
    text = " ".join(path.read_text("utf-8") for path in sorted(paths))
    return re.sub(r"\s+", " ", text)


def test_each_kind_of_alert_has_a_section_in_the_runbooks(repository, sections):
    model = repository / "addons/retail_ops_integrations/models"
    tree = ast.parse((model / "retail_integration_alert.py").read_text("utf-8"))
    [anchors] = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "ANCHORS"
    ]
    assert {*anchors.values()} <= sections


def test_runbooks_open_from_integrations_approvals_and_exceptions(screens, sections):
    opened = set(ADDRESS.findall(screens))
    wanted = {"failed-integration", "delayed-approval", "workflow-exception", "outage"}
    assert wanted <= opened <= sections


@pytest.fixture
def made(repository, monkeypatch):
    """The module that makes the pages."""
    monkeypatch.syspath_prepend(repository / "addons/retail_ops_core/tools")
    monkeypatch.delitem(sys.modules, "runbooks", raising=False)
    import runbooks

    return runbooks


def test_the_pages_say_what_the_runbooks_say_in_each_language(made, sections):
    again = "run `python -m tools.write_runbooks` in addons/retail_ops_core"
    for language in made.LANGUAGES:
        text = made.source(language).read_text("utf-8")
        shown = made.target(language).read_text("utf-8")
        assert shown == made.page(text, language), again
        assert set(re.findall(r'<h2 id="([^"]+)"', shown)) == sections


def test_each_language_has_every_section_step_and_link(made):
    told = {
        language: SHAPE.findall(made.target(language).read_text("utf-8"))
        for language in made.LANGUAGES
    }
    for language, shape in told.items():
        assert shape == told["en"], language


def test_each_workflow_of_the_first_wave_has_its_runbook(screens, sections):
    wanted = {
        "held-stock-does-not-move",
        "goods-that-run-out-or-come-late",
        "an-order-of-a-store-does-not-go-on",
        "a-repair-does-not-go-on",
        "a-campaign-is-not-ready",
    }
    assert wanted <= set(ADDRESS.findall(screens)) & sections


def test_runbooks_name_buttons_and_fields_that_exist(runbooks, screens):
    named = {re.sub(r"\s+", " ", name) for name in BOLD.findall(runbooks)}
    assert len(named) > 10
    unknown = {
        name
        for name in named
        if f'"{name}"' not in screens and f">{name}<" not in screens
    }
    assert unknown == set()


def test_french_runbooks_name_buttons_as_the_french_screens_do(repository, made):
    said = {
        re.sub(r"<[^>]+>", "", entry.msgstr)
        for path in repository.glob("addons/*/i18n/fr.po")
        for entry in polib.pofile(str(path))
    }
    text = made.source("fr").read_text("utf-8")
    named = {re.sub(r"\s+", " ", name) for name in FRENCH_BOLD.findall(text)}
    assert len(named) > 10
    assert named - said == set()
