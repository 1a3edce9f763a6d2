"""The arithmetic of outliers, judged by SciPy and statsmodels themselves.

The product computes in plain Python; these libraries are there for this file alone.
"""

import importlib
import importlib.util
import random
import sys
from itertools import product

import pytest

from launcher.workshop import ADDONS

TOOLS = ADDONS / "retail_ops_core" / "tools"
COUNTS = (0, 1, 3, 14, 60)
PEERS = (0, 7, 98, 900)
EXPOSURES = ((7, 161), (7, 7), (1, 700), (11578, 266294))
# Below this the product may say 0.
NEGLIGIBLE = 1e-12


@pytest.fixture(scope="module")
def tools():
    """Load the addon's plain Python: `tools("rates")`."""
    name = "tools_of_core"
    place = [str(TOOLS)]
    spec = importlib.util.spec_from_file_location(
        name, TOOLS / "__init__.py", submodule_search_locations=place
    )
    sys.modules[name] = importlib.util.module_from_spec(spec)
    yield lambda module: importlib.import_module(f"{name}.{module}")
    for loaded in [each for each in sys.modules if each.startswith(name)]:
        del sys.modules[loaded]


@pytest.fixture(scope="module")
def stats(workshop):
    """SciPy's statistics."""
    workshop.environment.ensure("oracles")
    importlib.invalidate_caches()
    return importlib.import_module("scipy.stats")


@pytest.fixture(scope="module")
def multitest(workshop):
    """What statsmodels has on many tests at once."""
    workshop.environment.ensure("oracles")
    importlib.invalidate_caches()
    return importlib.import_module("statsmodels.stats.multitest")


def close(number):
    return pytest.approx(number, rel=1e-9, abs=NEGLIGIBLE)


def test_the_chance_of_so_many_is_that_of_scipys_binomial_test(tools, stats):
    rates = tools("rates")
    for count, peers, (own, rest) in product(COUNTS, PEERS, EXPOSURES):
        if not count + peers:
            continue
        found = stats.binomtest(
            count, count + peers, own / (own + rest), alternative="greater"
        )
        told = rates.exceedance(count, own, peers, rest)
        assert told == close(found.pvalue), (count, peers, own, rest)


def test_the_tail_of_the_normal_is_scipys(tools, stats):
    rates = tools("rates")
    for tenths in range(-40, 81):
        score = tenths / 10
        assert rates.beyond(score) == pytest.approx(stats.norm.sf(score), rel=1e-9)


def test_the_limits_of_a_range_are_scipys_quantiles(tools, stats):
    funnel = tools("funnel")
    for total, share, level in product(
        (1, 9, 40, 1000), (0.013, 0.25, 0.61), (0.05, 0.002)
    ):
        theirs = stats.binom(total, share)
        expected = (theirs.ppf(level / 2), theirs.isf(level / 2))
        assert funnel.limits(total, share, level) == expected, (total, share, level)


def test_the_score_is_by_scipys_median_absolute_deviation(tools, stats):
    outlier = tools("outlier")
    draw = random.Random(19)
    for size in (8, 9, 30, 101):
        earlier = [draw.lognormvariate(4, 1) for _each in range(size)]
        amount = max(earlier) * 1.2
        spread = stats.median_abs_deviation(earlier, scale=0.6745)
        middle = sorted(earlier)[size // 2] if size % 2 else None
        found = outlier.compare(amount, earlier)
        score = min((amount - found.middle) / spread, outlier.HIGHEST)
        assert found.score == pytest.approx(score, rel=1e-9)
        assert middle in (None, found.middle)


def test_the_adjusted_values_are_those_of_statsmodels(tools, multitest):
    budget = tools("budget")
    draw = random.Random(19)
    for size in (1, 2, 12, 400):
        chances = [draw.random() ** 4 for _each in range(size)]
        chances += chances[: size // 3]  # ties
        _rejected, adjusted, *_rest = multitest.multipletests(chances, method="fdr_bh")
        assert budget.adjust(chances) == pytest.approx(list(adjusted), rel=1e-9)


def test_what_is_believed_is_what_statsmodels_rejects(tools, multitest):
    budget = tools("budget")
    draw = random.Random(7)
    chances = [draw.random() ** 6 for _each in range(300)]
    rejected, *_rest = multitest.multipletests(chances, alpha=0.1, method="fdr_bh")
    chosen = budget.choose(chances, 5, 0.1)
    assert [each.is_believed for each in chosen] == list(rejected)
    assert sum(each.is_flagged for each in chosen) == 5


def test_a_drawn_rate_is_the_mean_of_scipys_gamma(tools, stats):
    rates = tools("rates")
    rows = [(14, 7), (1, 7), (0, 7), (3, 2), (9, 28)]
    exposure = sum(each for _count, each in rows)
    common = sum(count for count, _each in rows) / exposure
    spread = sum(each * (count / each - common) ** 2 for count, each in rows)
    between = spread / exposure - common * len(rows) / exposure
    assert between > 0
    a, b = common**2 / between, common / between
    expected = [
        stats.gamma(count + a, scale=1 / (each + b)).mean() for count, each in rows
    ]
    assert rates.shrunk(rows) == pytest.approx(expected, rel=1e-9)
