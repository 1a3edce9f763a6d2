"""Stores compared by what chance alone would explain, instead of a league table.

If every store had the same rate, then of ``total`` exceptions in a group a store with
the share ``p`` of the group's exposure (opening days, or transactions) would have a
binomial number: counts of Poisson processes, given their sum, are binomial. The limits
are therefore exact also for small groups, and a store with little exposure gets wide
ones instead of a bad place.

Sources: J. Przyborowski and H. Wilenski, "Homogeneity of results in testing samples
from Poisson series", Biometrika 31 (1940) 313-323, for the conditional binomial test;
D. J. Spiegelhalter, "Funnel plots for comparing institutional performance", Statistics
in Medicine 24 (2005) 1185-1202, for limits in place of ranks and their two levels, 95 %
and 99.8 %.
"""

import math
from functools import lru_cache

WATCH = 0.05
OUTSIDE = 0.002
THIN_DAYS = 7
NEGLIGIBLE = 1e-13


def compare(stores):
    """Return how each store stands against its group.

    What is clearly outside is then left out of the group, so that one bad store does
    not make all others look quiet.

    :param stores: list of dicts ``{"count", "exposure", "days"}``: exceptions of the
        period, opening days or transactions in it, opening days in it
    :return: list of dicts aligned with ``stores``: ``expected`` number, ``low`` and
        ``high`` end of the range that 95 of 100 like stores keep to, ``verdict`` and
        ``surprise``, the two-sided probability of being at least that far off
    """
    total, exposure = _sums(stores)
    first = [_stand(store, total, exposure) for store in stores]
    kept = [found["verdict"] != "above" for found in first]
    total, exposure = _sums(
        [store for store, is_in in zip(stores, kept, strict=True) if is_in]
    )
    return [
        _stand(
            store,
            total + (not is_in) * store["count"],
            exposure + (not is_in) * store["exposure"],
        )
        for store, is_in in zip(stores, kept, strict=True)
    ]


def _sums(stores):
    count = sum(store["count"] for store in stores)
    return count, sum(store["exposure"] for store in stores)


def _stand(store, total, exposure):
    share = store["exposure"] / exposure if exposure else 0.0
    low, high = limits(total, share, WATCH)
    below, above = tails(store["count"], total, share)
    return {
        "expected": total * share,
        "low": low,
        "high": high,
        "surprise": min(1.0, 2 * min(below, above)),
        "verdict": _verdict(store, total, share),
    }


def _verdict(store, total, share):
    """Return ``thin``, ``alone``, ``above``, ``high``, ``low`` or ``expected``."""
    if store["days"] < THIN_DAYS:
        return "thin"
    if share >= 1.0:
        return "alone"
    if store["count"] > limits(total, share, OUTSIDE)[1]:
        return "above"
    low, high = limits(total, share, WATCH)
    if store["count"] > high:
        return "high"
    return "low" if store["count"] < low else "expected"


@lru_cache(maxsize=4096)
def limits(total, share, level):
    """Return the smallest and the largest count that are no surprise.

    :param total: exceptions of the whole group
    :param share: the store's share of the exposure, 0 to 1
    :param level: probability of a count outside, both sides together
    :return: ``(low, high)``: beyond each end lies at most half of ``level``
    """
    first, terms = _distribution(total, share)
    low, tail = first, 0.0
    for term in terms:
        tail += term
        if tail > level / 2:
            break
        low += 1
    high, tail = first + len(terms) - 1, 0.0
    for term in reversed(terms):
        tail += term
        if tail > level / 2:
            break
        high -= 1
    return low, high


def tails(count, total, share):
    """Return the probabilities of so few or fewer, and of so many or more.

    :param count: exceptions of the store
    :param total: exceptions of the whole group
    :param share: the store's share of the exposure, 0 to 1
    :return: ``(P(X <= count), P(X >= count))`` of a binomial X
    """
    first, terms = _distribution(total, share)
    at = count - first
    below = math.fsum(terms[: max(at + 1, 0)])
    above = math.fsum(terms[max(at, 0) :])
    return min(below, 1.0), min(above, 1.0)


@lru_cache(maxsize=1024)
def _distribution(total, share):
    """Return the first count that matters and the probabilities from there on."""
    if not total or share <= 0.0:
        return 0, (1.0,)
    if share >= 1.0:
        return total, (1.0,)
    mode = min(total, int((total + 1) * share))
    down, up = _walk(mode, total, share, -1), _walk(mode, total, share, 1)
    return mode - len(down), (*reversed(down), _at(mode, total, share), *up)


def _at(count, total, share):
    ways = math.lgamma(total + 1)
    ways -= math.lgamma(count + 1) + math.lgamma(total - count + 1)
    return math.exp(
        ways + count * math.log(share) + (total - count) * math.log1p(-share)
    )


def _walk(mode, total, share, step):
    """Return the probabilities beside the mode, outwards until they vanish."""
    terms, count, term = [], mode, _at(mode, total, share)
    odds = share / (1.0 - share)
    while 0 <= count + step <= total:
        if step > 0:
            term *= (total - count) / (count + 1) * odds
        else:
            term *= count / (total - count + 1) / odds
        if term < NEGLIGIBLE:
            break
        terms.append(term)
        count += step
    return terms
