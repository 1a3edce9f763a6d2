"""What the test command selects, and how it counts."""

import io
import threading
import time
from types import SimpleNamespace

import pytest

from launcher import commands, testing
from launcher.errors import SetupError
from launcher.progress import Progress
from launcher.testbed import below
from launcher.testing import Result
from launcher.workshop import suite

SUMMARY = "odoo.tests.result: {} failed, {} error(s) of {} tests when loading database"


def summarise(*results):
    stream = io.StringIO()
    code = testing.summarise(Progress(stream), results, 1.0)
    return code, stream.getvalue().splitlines()[-1]


def test_without_words_everything_is_selected():
    assert testing.select([], None).sections == testing.SECTIONS


def test_what_takes_long_runs_only_when_it_is_named():
    assert testing.select(["soak"], None).sections == ("soak",)
    assert testing.select(["tests/soak/test_soak.py"], None).sections == ("soak",)
    assert testing.select(["n8n"], None).sections == ("n8n",)
    assert not {"soak", "n8n"} & {*testing.select([], None).sections}


def test_an_expression_alone_selects_what_runs_under_pytest():
    assert testing.select([], "severity").sections == testing.UNDER_PYTEST


def test_sections_run_in_their_order_whatever_the_order_of_words():
    assert testing.select(["browser", "lint"], None).sections == ("lint", "browser")


def test_everything_and_pytest_by_name_are_told_apart():
    assert testing.select([], None).is_everything
    assert not testing.select(["pytest"], None).is_everything
    assert not testing.select([], "severity").is_everything


def test_an_addon_is_tested_by_odoo_and_by_pytest_when_there_is_an_expression():
    selection = testing.select(["addons/retail_ops_core"], None)
    assert (selection.sections, selection.addons) == (("addons",), ("retail_ops_core",))
    selection = testing.select(["addons/retail_ops_core"], "severity")
    assert selection.sections == ("pytest",)


def test_a_test_file_selects_its_section():
    selection = testing.select(["tests/static/test_style.py"], None)
    assert selection.sections == ("static",)
    assert [path.name for path in selection.paths["static"]] == ["test_style.py"]


@pytest.mark.parametrize("word", ["nothing", "/etc", "README.md", "tests"])
def test_a_word_that_names_no_tests_is_refused(word):
    with pytest.raises(SetupError, match="nothing to test"):
        testing.select([word], None)


def test_the_last_line_counts_what_passed_and_failed():
    assert summarise(Result("static", 3), Result("addons", 2, 1)) == (
        1,
        "5 passed, 1 failed",
    )
    assert summarise(Result("static", 3)) == (0, "3 passed, 0 failed")


def test_a_skipped_test_fails_the_run():
    assert summarise(Result("addons", 3, 0, 1)) == (1, "3 passed, 0 failed, 1 skipped")


def test_a_run_without_tests_fails():
    assert summarise(Result("static"))[0] == 1


def test_odoos_log_is_counted():
    text = SUMMARY.format(1, 2, 10) + "\nodoo.addons.x: skipped test_tour : no Chrome\n"
    result = testing.read_odoo_log(text, 1)
    assert (result.passed, result.failed, result.skipped) == (6, 3, 1)


def test_an_odoo_that_broke_down_before_its_tests_has_failed():
    assert testing.read_odoo_log("", 1).failed == 1


def test_a_pytest_that_broke_down_has_failed(tmp_path):
    assert testing.read_report("static", tmp_path / "none.xml", 3).failed == 1


def test_an_addon_is_tested_after_those_below_it_and_beside_one_other(monkeypatch):
    began, ended, most = [], [], []

    def tests_of_one_addon(workshop, testbed, name):
        assert {*below(name)} - {name} <= {*ended}
        began.append(name)
        most.append(len(began) - len(ended))
        time.sleep(0.05)
        ended.append(name)
        return Result("addons", 1)

    monkeypatch.setattr(testing, "tests_of_one_addon", tests_of_one_addon)
    built = []
    testbed = SimpleNamespace(
        base=lambda: built.append("base"), demo=lambda: built.append("demo")
    )
    total = testing.addon_tests(None, testing.select([], None), testbed)
    assert total.passed == len(suite()) == len(ended)
    assert max(most) == 2
    assert built == ["base", "demo"]


def test_two_sections_run_at_a_time_the_longest_first_and_what_was_named_last(
    monkeypatch,
):
    began, ended, most = [], [], []

    def run_section(section, workshop, selection, testbed):
        began.append(section)
        most.append(len(began) - len(ended))
        if section == "soak":
            assert {*testing.SECTIONS} == {*ended}
        time.sleep(0.02)
        ended.append(section)
        return Result(section, 1)

    monkeypatch.setattr(testing, "run_section", run_section)
    shop = SimpleNamespace(progress=Progress(io.StringIO()))
    chosen = testing.select([*testing.SECTIONS, "soak"], None)
    results = testing.run_sections(shop, chosen, None)
    assert {*began[:2]} == {"addons", "journeys"}
    assert max(most) == 2
    assert tuple(one.section for one in results) == (*testing.SECTIONS, "soak")


def test_programs_end_when_a_person_stops_the_launcher(tmp_path, monkeypatch):
    monkeypatch.setattr(commands, "INTERRUPTED", threading.Event())
    commands.INTERRUPTED.set()
    step = Progress(io.StringIO()).step("Sleeping")
    with pytest.raises(KeyboardInterrupt), step as running:
        commands.attempt(["sleep", "60"], step=running, log=tmp_path / "sleep.log")
