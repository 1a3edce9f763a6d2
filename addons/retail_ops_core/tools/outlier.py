"""How far an amount lies from those that came before it."""

from statistics import fmean, median
from typing import NamedTuple

LEAST = 8  # with fewer earlier amounts nothing is called unusual
HIGHEST = 99.0  # where the earlier amounts hardly differ, any other lies far off


class Outlier(NamedTuple):
    """An amount against earlier ones."""

    score: float  # modified z-score, above the median only; 0 to 99
    middle: float  # median of the earlier amounts
    count: int  # how many there were


def compare(amount, earlier):
    """Return the modified z-score of an amount that is larger than usual.

    ``0.6745 (x - median) / MAD``, where MAD is the median absolute deviation; where
    more than half of the amounts are equal and it is 0, the mean absolute deviation
    times 1.2533 takes its place. From 3.5 on a value is customarily called an outlier
    (B. Iglewicz and D. C. Hoaglin, How to Detect and Handle Outliers, 1993).

    :param amount: float
    :param earlier: list of float, in the same currency
    :return: :class:`Outlier`; score 0 for amounts up to the median, and with fewer than
        eight earlier ones
    """
    middle = median(earlier) if earlier else 0.0
    if len(earlier) < LEAST or amount <= middle:
        return Outlier(0.0, middle, len(earlier))
    distances = [abs(each - middle) for each in earlier]
    spread = median(distances) / 0.6745 or fmean(distances) * 1.253314
    score = (amount - middle) / spread if spread else HIGHEST
    return Outlier(min(score, HIGHEST), middle, len(earlier))
