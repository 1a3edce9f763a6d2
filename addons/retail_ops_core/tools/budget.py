"""Which of many surprises are looked at: what can be believed, within a budget."""

from typing import NamedTuple


class Budgeted(NamedTuple):
    """One finding among all that were tested."""

    adjusted: float  # share of false alarms among all that are at least as strong
    rank: int  # 1 is the strongest
    is_believed: bool
    is_flagged: bool


def choose(chances, budget, level):
    """Return which findings become flags: strongest first, at most ``budget``.

    A finding is believed when its adjusted value is at most ``level``: of all that are
    believed, about that share at most are false alarms (Y. Benjamini and Y. Hochberg,
    "Controlling the false discovery rate", Journal of the Royal Statistical Society B
    57 (1995) 289-300). The budget then sets the threshold.

    :param chances: list of float, the chance of each finding if nothing were unusual
    :param budget: how many can be looked at, >= 0
    :param level: largest adjusted value that is believed, 0 to 1
    :return: list of :class:`Budgeted`, aligned with ``chances``
    """
    adjusted = adjust(chances)
    order = sorted(range(len(chances)), key=lambda at: (chances[at], at))
    rank = {at: place for place, at in enumerate(order, start=1)}
    return [
        Budgeted(
            adjusted[at],
            rank[at],
            adjusted[at] <= level,
            adjusted[at] <= level and rank[at] <= budget,
        )
        for at in range(len(chances))
    ]


def adjust(chances):
    """Return the step-up adjusted values of Benjamini and Hochberg.

    :param chances: list of float, 0 to 1
    :return: list of float aligned with ``chances``
    """
    count = len(chances)
    order = sorted(range(count), key=lambda at: chances[at], reverse=True)
    adjusted, smallest = [1.0] * count, 1.0
    for above, at in enumerate(order):
        smallest = min(smallest, chances[at] * count / (count - above))
        adjusted[at] = smallest
    return adjusted
