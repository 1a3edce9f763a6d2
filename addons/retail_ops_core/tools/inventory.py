"""Which workflow to automate first: much of it, slow, and with a clear policy."""

import math

POINTS = 5


def points(value, largest):
    """Return 0 to 5: fifths of the largest value among the workflows, rounded up.

    :param value: float, >= 0
    :param largest: the largest value of any workflow, >= 0
    :return: int; 0 for nothing at all
    """
    if value <= 0 or largest <= 0:
        return 0
    return min(POINTS, math.ceil(POINTS * value / largest))


def score(volume, delay, clarity):
    """Return the product of three facts, 0 to 125.

    A product, so that a workflow which lacks one of the three comes last, as the risk
    priority number of a failure mode analysis does (IEC 60812:2006, 5.3.4).

    :param volume: 0 to 5
    :param delay: 0 to 5
    :param clarity: 0 to 5; 0 as long as nobody has stated it
    :return: int
    """
    return volume * delay * clarity
