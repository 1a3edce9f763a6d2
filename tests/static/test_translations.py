"""Languages are whole: each term said, with the same places for what is filled in."""

import re

import polib
import pytest

from launcher.workshop import ADDONS, suite

PLACES = re.compile(r"%(?:\(\w+\))?[-+0-9.]*[sdfx]|%%|\{\w+\}")
TAGS = re.compile(r"</?(\w+)")
LANGUAGES = sorted(ADDONS.glob("*/i18n/*.po"))


def name(path):
    return f"{path.parent.parent.name}-{path.stem}"


@pytest.mark.parametrize("addon", suite())
def test_each_addon_ships_its_terms(addon):
    assert (ADDONS / addon / "i18n" / f"{addon}.pot").is_file()


@pytest.mark.parametrize("path", LANGUAGES, ids=name)
def test_a_language_says_every_term_and_is_sure_of_each(path):
    addon = path.parent.parent.name
    said = {entry.msgid: entry for entry in polib.pofile(str(path))}
    terms = polib.pofile(str(path.with_name(f"{addon}.pot")))
    missing = [
        term.msgid
        for term in terms
        if term.msgid not in said or not said[term.msgid].translated()
    ]
    assert missing == []


@pytest.mark.parametrize("path", LANGUAGES, ids=name)
@pytest.mark.parametrize("part", [PLACES, TAGS], ids=["places", "tags"])
def test_what_is_filled_in_has_its_place_in_every_language(path, part):
    wrong = [
        entry.msgid
        for entry in polib.pofile(str(path))
        if entry.msgstr
        and sorted(part.findall(entry.msgid)) != sorted(part.findall(entry.msgstr))
    ]
    assert wrong == []
