"""Which of many amount bands comes first, found without trying them all.

The ends of all bands cut the amounts into segments; rows paint, in their order, the
segments that no earlier row has taken (disjoint sets: Tarjan, 1975). That is done once
for each variance threshold, over the rows that ask for no more than it.
"""

from bisect import bisect_left, bisect_right


class Bands:
    """The rows of one scope and one currency."""

    def __init__(self, entries):
        """Cut and paint.

        :param entries: list of ``(position, low, high, variance)`` by position; a
            ``high`` of 0 is an open end
        """
        ends = {
            end for _position, low, high, _variance in entries for end in (low, high)
        }
        self._starts = sorted(ends | {0.0})
        self._variances = sorted({variance for *_band, variance in entries})
        self._firsts = [
            self._paint([entry for entry in entries if entry[3] <= threshold])
            for threshold in self._variances
        ]

    def first(self, amount, variance):
        """Return the position of the first row that holds, or None.

        :param amount: in the currency of the bands
        :param variance: percent, >= 0
        """
        level = bisect_right(self._variances, variance) - 1
        segment = bisect_right(self._starts, amount) - 1
        if level < 0 or segment < 0:
            return None
        return self._firsts[level][segment]

    def _paint(self, entries):
        count = len(self._starts)
        firsts, free = [None] * count, list(range(count + 1))
        for position, low, high, _variance in entries:
            end = bisect_left(self._starts, high) if high else count
            segment = _next_free(free, bisect_left(self._starts, low))
            while segment < end:
                firsts[segment] = position
                free[segment] = segment + 1
                segment = _next_free(free, segment + 1)
        return firsts


def _next_free(free, segment):
    """Return the first segment from ``segment`` on that nobody has painted."""
    while free[segment] != segment:
        free[segment] = free[free[segment]]
        segment = free[segment]
    return segment
