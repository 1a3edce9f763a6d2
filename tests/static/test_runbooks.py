"""Every alert has its runbook; they open from their screens and name real buttons."""

import ast
import re
import sys

import pytest

ADDRESS = re.compile(r"/static/runbooks\.html#([a-z0-9-]+)")
# Words that a reader is to press or to read on a screen; topics end with a colon.
BOLD = re.compile(r"\*\*([^*]+)\*\*(?!:)")


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


def test_the_page_says_what_the_runbooks_say(
    repository, runbooks, sections, monkeypatch
):
    monkeypatch.syspath_prepend(repository / "addons/retail_ops_core/tools")
    monkeypatch.delitem(sys.modules, "runbooks", raising=False)
    import runbooks as made

    shown = made.TARGET.read_text("utf-8")
    again = "run `python -m tools.write_runbooks` in addons/retail_ops_core"
    assert shown == made.page(runbooks), again
    assert set(re.findall(r'<h2 id="([^"]+)"', shown)) == sections


def test_each_workflow_of_the_first_wave_has_its_runbook(screens, sections):
    wanted = {
        "held-stock-does-not-move",
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
