"""./retail-ops test: every check there is, section by section, with counts."""

import re
import time
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from . import browser
from .commands import INTERRUPTED, attempt, clean_environment
from .errors import SetupError
from .lint import lint
from .server import free_port
from .settings import REPOSITORY
from .testbed import Testbed, below
from .workshop import ADDONS, suite

SECTIONS = ("lint", "static", "launcher", "addons", "pytest", "journeys", "browser")
# Only when they are named: a quarter of an hour, and 2.5 GB for a real n8n.
ON_DEMAND = ("soak", "n8n")
UNDER_PYTEST = ("static", "launcher", "pytest", "journeys", "browser")
SMALLEST = ("retail_ops_dashboard",)
WITH_DATABASE = ("addons", "pytest", "journeys", "browser")
# Two at a time, the longest first: where one waits, for the lowest addon or for a
# browser, the other computes, and what is short fills the time that is left at the end.
BESIDE_EACH_OTHER = (
    *("addons", "journeys", "browser"),
    *("launcher", "lint", "static", "pytest"),
)
TESTS = REPOSITORY / "tests"
NO_TESTS_COLLECTED = 5
RESULT = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests when loading")
SKIPPED = re.compile(r"odoo\.\S+: skipped (.+)")


@dataclass
class Result:
    """What one section came to."""

    section: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    remarks: list = field(default_factory=list)


@dataclass
class Selection:
    """What a person asked for: sections, addons, paths, an expression."""

    sections: tuple
    addons: tuple
    paths: dict
    expression: str
    is_everything: bool = False

    @property
    def is_part(self):
        """Whether it is a part of the addons' tests only."""
        return bool(self.expression or self.addons or self.paths.get("pytest"))


def select(words, expression):
    """Sort the words of the command line into sections, addons and paths.

    :param words: section names, or paths below addons/ and tests/
    :raises SetupError: a word is none of these
    """
    sections, addons, paths = [], [], {}
    for word in words:
        path = (REPOSITORY / word).resolve()
        if word in (*SECTIONS, *ON_DEMAND):
            sections.append(word)
        elif path.parent == ADDONS and path.name in suite():
            addons.append(path.name)
        elif path.exists() and ADDONS in path.parents:
            paths.setdefault("pytest", []).append(path)
        elif path.exists() and TESTS in path.parents:
            section = path.relative_to(TESTS).parts[0]
            paths.setdefault(section, []).append(path)
        else:
            raise SetupError(
                f"'{word}' is nothing to test: name a section "
                f"({', '.join((*SECTIONS, *ON_DEMAND))}), "
                f"an addon such as addons/retail_ops_core, or a test file."
            )
    if addons:
        sections.append("pytest" if expression else "addons")
    default = UNDER_PYTEST if expression else SECTIONS
    chosen = {*sections, *paths} or {*default}
    every = (*SECTIONS, *ON_DEMAND)
    ordered = tuple(section for section in every if section in chosen)
    everything = not words and not expression
    return Selection(ordered, tuple(addons), paths, expression, everything)


def test(workshop, selection):
    """Run the selected sections, print the table, and tell how it went.

    :return: the exit code
    """
    workshop.prepare("test")
    began = time.monotonic()
    if {"browser", "addons", "pytest"} & {*selection.sections}:
        browser.ensure(workshop.home, workshop.progress)
    if {*WITH_DATABASE} & {*selection.sections}:
        with workshop.postgres("pgtest", durable=False) as connection:
            results = run_sections(workshop, selection, Testbed(workshop, connection))
    else:
        results = run_sections(workshop, selection, None)
    return summarise(workshop.progress, results, time.monotonic() - began)


def run_sections(workshop, selection, testbed):
    """Two at a time, then what was named; a failure keeps no other from running."""

    def timed(section):
        workshop.progress.say(f"\n{section}")
        began = time.monotonic()
        result = run_section(section, workshop, selection, testbed)
        result.seconds = time.monotonic() - began
        return result

    results = []
    for sections in (BESIDE_EACH_OTHER, *((section,) for section in ON_DEMAND)):
        with ThreadPoolExecutor(max_workers=2) as pool:
            chosen = [one for one in sections if one in selection.sections]
            results += in_time([pool.submit(timed, section) for section in chosen])
    return sorted(results, key=lambda one: selection.sections.index(one.section))


def run_section(section, workshop, selection, testbed):
    if section == "lint":
        return linters(workshop)
    if section == "addons":
        return addon_tests(workshop, selection, testbed)
    if section == "pytest":
        return addon_tests_under_pytest(workshop, selection, testbed)
    targets = selection.paths.get(section) or [REPOSITORY / "tests" / section]
    result = pytest(workshop, section, targets, selection.expression)
    if section in ON_DEMAND:
        tell_figures(workshop, section)
    return result


def tell_figures(workshop, section):
    """Print what a section has measured, if it got that far."""
    figures = workshop.home.log(f"{section}-figures")
    if figures.exists():
        workshop.progress.say(figures.read_text(encoding="utf-8"))


def linters(workshop):
    outcomes = lint(workshop)
    passed = sum(good for _name, good in outcomes)
    return Result("lint", passed, len(outcomes) - passed)


def addon_tests(workshop, selection, testbed):
    """Odoo's own runner on each addon, two at a time, in the order of the layers."""
    names = [name for name in suite() if name in (selection.addons or suite())]
    runs = {}
    with ThreadPoolExecutor(max_workers=2) as pool:
        if selection.is_everything:
            build_ahead(testbed, pool)
        for name in names:
            lower = [runs[each] for each in below(name) if each in runs]
            runs[name] = pool.submit(
                tests_after, lower, workshop=workshop, testbed=testbed, name=name
            )
        return added_up("addons", runs.values())


def build_ahead(testbed, pool):
    """Make the demo's database for the sections to come while the lowest addon, whose
    tests nothing else may accompany, leaves half of the machine idle.

    A build that fails here fails there again, where it is told.
    """
    testbed.base()  # one template is made at a time, and the first tests need this one
    pool.submit(testbed.demo)


def tests_after(lower, **what):
    """The tests of one addon, once those of the addons below it are through."""
    wait(lower)
    return tests_of_one_addon(**what)


def added_up(section, runs):
    """The counts of all runs."""
    total = Result(section)
    for part in in_time(runs):
        add(total, part)
    return total


def in_time(runs):
    """What each run came to; whoever stops the launcher stops each of them."""
    try:
        return [run.result() for run in runs]
    except BaseException:
        INTERRUPTED.set()
        raise


def tests_of_one_addon(workshop, testbed, name):
    """Install an addon upon those below it, run its tests, let checklog-odoo look."""
    log = workshop.home.log(f"test-{name}")
    log.unlink(missing_ok=True)
    with testbed.copy(testbed.before(name), f"addons_{name}") as database:
        with workshop.progress.step(f"Odoo's tests of {name}") as step:
            code, output = attempt(
                database.instance.command(
                    *(f"--init={name}", f"--test-tags=/{name}", "--test-enable"),
                    *("--stop-after-init", "--http-interface=127.0.0.1"),
                    f"--http-port={free_port()}",
                ),
                step=step,
                log=log,
                measure=lambda: last_test(log),
                env=database.instance.environment,
            )
            step.fail_if(code)
        result = read_odoo_log(output, code)
        result.failed += check_log(workshop, log)
        if not result.failed:
            testbed.keep(database, name)
    return result


def add(total, part):
    """Add the counts of a part of a section to the whole."""
    total.passed += part.passed
    total.failed += part.failed
    total.skipped += part.skipped
    total.remarks += part.remarks


def last_test(log):
    """Which test Odoo's log names last."""
    with open(log, "rb") as file:
        file.seek(max(0, log.stat().st_size - 4000))
        found = re.findall(rb"Starting (\S+)", file.read())
    return found[-1].decode() if found else ""


def read_odoo_log(output, code):
    """Counts from Odoo's log; a run that ended before its tests has failed."""
    result = Result("addons")
    counts = RESULT.findall(output)
    for failed, errors, total in counts:
        result.failed += int(failed) + int(errors)
        result.passed += int(total) - int(failed) - int(errors)
    skipped = SKIPPED.findall(output)
    result.skipped = len(skipped)
    result.passed -= len(skipped)
    result.remarks = [f"skipped: {reason}" for reason in skipped]
    if code and not result.failed:
        result.failed = 1
    return result


def check_log(workshop, log):
    """Let checklog-odoo look for warnings and errors nobody expected.

    :return: 1 when it found some, else 0
    """
    with workshop.progress.step(f"checklog-odoo, {log.stem}") as step:
        code, output = attempt(
            [workshop.environment.scripts / "checklog-odoo", log],
            step=step,
            log=workshop.home.log(f"checklog-{log.stem}"),
            cwd=REPOSITORY,
            env=clean_environment(),
        )
        step.fail_if(code)
    if code:
        workshop.progress.say(output.rstrip())
    return int(code != 0)


def addon_tests_under_pytest(workshop, selection, testbed):
    """pytest-odoo on each addon: a selection on a lasting database, all on a copy."""
    total = Result("pytest")
    # Each addon's tests have run under Odoo's own runner by then: the whole run takes
    # the smallest addon, to show that the daily way works; `test pytest` takes all.
    for name in SMALLEST if selection.is_everything else suite():
        targets = targets_in(selection, name)
        if not targets:
            continue
        if selection.is_part:
            part = _pytest_odoo(workshop, selection, testbed.daily(name), targets)
        else:
            with testbed.copy(testbed.stage(name), "pytest") as database:
                part = _pytest_odoo(workshop, selection, database, targets)
        add(total, part)
    return total


def targets_in(selection, addon):
    """What of one addon is selected, as paths for pytest."""
    folder = ADDONS / addon
    paths = selection.paths.get("pytest", [])
    if paths or selection.addons:
        whole = [folder] if addon in selection.addons else []
        return whole + [path for path in paths if folder in path.parents]
    return [folder]


def _pytest_odoo(workshop, selection, database, targets):
    extra = [option.removeprefix("--") for option in database.connection.options]
    extra += [f"data-dir={database.instance.data}", f"db-filter=^{database.name}$"]
    options = [
        f"--odoo-database={database.name}",
        f"--odoo-config={workshop.settings.config}",
        f"--odoo-addons-path={workshop.addons_path}",
        *("--override-ini=addopts=", "--odoo-http", "--odoo-log-level=error"),
        *(f"--odoo-extra={option}" for option in extra),
    ]
    environment = database.instance.environment
    return pytest(
        workshop, "pytest", targets, selection.expression, options, environment
    )


def pytest(workshop, section, targets, expression, options=(), environment=None):
    """Run pytest, show what it printed when it failed, and count from its report."""
    log = workshop.home.log(f"test-{section}")
    report = log.with_suffix(".xml")
    for old in (log, report):
        old.unlink(missing_ok=True)
    choice = ["-k", expression] if expression else []
    with workshop.progress.step(f"pytest, {section}") as step:
        code, output = attempt(
            [
                *(workshop.home.python, "-m", "pytest", "-q", f"--junitxml={report}"),
                *(*options, *choice, *targets),
            ],
            step=step,
            log=log,
            measure=lambda: how_far(log),
            cwd=REPOSITORY,
            env=environment or test_environment(workshop),
        )
        step.fail_if(code not in (0, NO_TESTS_COLLECTED))
    if code not in (0, NO_TESTS_COLLECTED):
        workshop.progress.say(output.rstrip())
    return read_report(section, report, code)


def test_environment(workshop):
    """For tests that use the launcher themselves: the same home and settings."""
    settings = workshop.settings
    named = {
        "RETAIL_OPS_DB_HOST": settings.db_host,
        "RETAIL_OPS_DB_PORT": settings.db_port,
        "RETAIL_OPS_DB_USER": settings.db_user,
        "RETAIL_OPS_DB_PASSWORD": settings.db_password,
        "RETAIL_OPS_ODOO_PATH": settings.odoo_path,
        "RETAIL_OPS_HOME": settings.home,
        "RETAIL_OPS_CONFIG": settings.config,
    }
    return clean_environment(**{key: value for key, value in named.items() if value})


def how_far(log):
    """The percentage that pytest printed last."""
    found = re.findall(r"\[ *(\d+%)\]", log.read_text(errors="replace"))
    return found[-1] if found else ""


def read_report(section, report, code):
    """Counts from pytest's XML report; no report means that it broke down."""
    result = Result(section)
    try:
        cases = list(ElementTree.parse(report).getroot().iter("testcase"))
    except (OSError, ElementTree.ParseError):
        result.failed = 0 if code in (0, NO_TESTS_COLLECTED) else 1
        return result
    for case in cases:
        bad = case.find("failure") is not None or case.find("error") is not None
        skipped = case.find("skipped")
        result.failed += bad
        result.skipped += skipped is not None and not bad
        result.passed += skipped is None and not bad
        if skipped is not None:
            result.remarks.append(
                f"skipped: {case.get('name')}: {skipped.get('message')}"
            )
    if code not in (0, NO_TESTS_COLLECTED) and not result.failed:
        result.failed = 1
    return result


def summarise(progress, results, seconds):
    """Print the table and the closing line.

    :return: 0 when all passed, none was skipped and at least one ran
    """
    say = progress.say
    say(f"\n{'section':<10}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}")
    for one in results:
        counts = f"{one.passed:>8}{one.failed:>8}{one.skipped:>9}{one.seconds:>9.1f}"
        say(f"{one.section:<10}{counts}")
    for remark in (remark for one in results for remark in one.remarks):
        say(f"  {remark}")
    passed, failed, skipped = (
        sum(getattr(one, name) for one in results)
        for name in ("passed", "failed", "skipped")
    )
    say(f"{seconds:.0f} seconds in all\n")
    if skipped:
        say("A skipped test proves nothing: give it what it needs, or remove it.")
    if not passed + failed:
        say("Nothing was tested: no test fits the selection.")
    say(
        f"{passed} passed, {failed} failed"
        + (f", {skipped} skipped" if skipped else "")
    )
    return 0 if passed and not failed and not skipped else 1
