"""Is a store's rate higher than its peers', and what is it once chance is taken out.

Counts in a period are taken as Poisson numbers, whose mean grows with the exposure:
opening days, or transactions.
"""

import math

from .funnel import tails


def exceedance(count, exposure, peer_count, peer_exposure):
    """Return the chance of so many or more, if the store were like its peers.

    Of two Poisson numbers with one rate, given their sum, the first is binomial with
    the share of its exposure: exact, also for small counts (J. Przyborowski and
    H. Wilenski, "Homogeneity of results in testing samples from Poisson series",
    Biometrika 31 (1940) 313-323).

    :param count: the store's number of cases
    :param exposure: the store's days or transactions, > 0
    :param peer_count: the peers' number of cases, the store left out
    :param peer_exposure: the peers' days or transactions
    :return: float; what is below 1e-13 may be given as 0.0; 1.0 without peers
    """
    if exposure <= 0 or peer_exposure <= 0:
        return 1.0
    share = exposure / (exposure + peer_exposure)
    return tails(count, count + peer_count, share)[1]


def beyond(score):
    """Return the chance of a standard normal number above ``score``.

    :param score: a robust score, such as the modified z-score of a logarithm
    :return: float, 0 to 1
    """
    return math.erfc(score / math.sqrt(2)) / 2


def shrunk(rows):
    """Return each store's rate, drawn towards the common one as far as it is thin.

    The gamma-Poisson posterior mean ``(count + a) / (exposure + b)``, with the prior's
    mean ``a / b`` and variance ``a / b²`` estimated by moments from the stores
    themselves (R. J. Marshall, "Mapping disease and mortality rates using empirical
    Bayes estimators", Applied Statistics 40 (1991) 283-294). Where the stores differ no
    more than chance explains, all get the common rate.

    :param rows: list of ``(count, exposure)``, exposure > 0
    :return: list of float, cases for each unit of exposure, aligned with ``rows``
    """
    exposure = sum(each for _count, each in rows)
    if not exposure:
        return [0.0] * len(rows)
    common = sum(count for count, _exposure in rows) / exposure
    between = _between(rows, common, exposure)
    return [_drawn(count, each, common, between) for count, each in rows]


def _between(rows, common, exposure):
    """Return the variance of true rates: what is left once chance is subtracted."""
    spread = sum(each * (count / each - common) ** 2 for count, each in rows)
    return max(0.0, spread / exposure - common * len(rows) / exposure)


def _drawn(count, exposure, common, between):
    by_chance = common / exposure
    weight = between / (between + by_chance) if between + by_chance else 0.0
    return common + weight * (count / exposure - common)
