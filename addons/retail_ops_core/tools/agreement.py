"""How far two ratings of the same cases agree: what rules propose, what people did."""

from collections import Counter
from typing import NamedTuple


class Agreement(NamedTuple):
    """Two ratings of the same cases, compared."""

    count: int  # how many cases were compared
    same: int  # how many were rated alike
    percent: float  # 100 × same / count; 0 without cases
    kappa: float | None  # None where chance alone explains every rating


def compare(pairs):
    """Return how far pairs of ratings agree.

    Kappa is Cohen's ``(p - e) / (1 - e)``: the share ``p`` rated alike, less the share
    ``e`` that two raters who give each category as often as these two did would rate
    alike by chance (J. Cohen, "A Coefficient of Agreement for Nominal Scales",
    Educational and Psychological Measurement 20 (1960) 37-46). 1 is full agreement, 0
    what chance gives, below 0 less than that.

    :param pairs: list of ``(proposed, done)``, hashable categories
    :return: :class:`Agreement`
    """
    count = len(pairs)
    same = sum(proposed == done for proposed, done in pairs)
    if not count:
        return Agreement(0, 0, 0.0, None)
    share = same / count
    chance = _by_chance(pairs)
    kappa = (share - chance) / (1 - chance) if chance < 1 else None
    return Agreement(count, same, 100 * share, kappa)


def _by_chance(pairs):
    proposed = Counter(pair[0] for pair in pairs)
    done = Counter(pair[1] for pair in pairs)
    return sum(proposed[each] * done[each] for each in proposed) / len(pairs) ** 2
