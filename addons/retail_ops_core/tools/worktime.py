"""Arithmetic on working intervals.

Intervals are ordered, non-overlapping ``(begin, end)`` pairs of naive UTC
datetimes, as a store's working calendar yields them in the store's own zone.
"""

from datetime import timedelta


def moment_after(intervals, start, hours):
    """Return when ``hours`` working hours have passed since ``start``.

    :param intervals: list of ``(begin, end)`` naive UTC datetimes, ascending
    :param start: naive UTC datetime
    :param hours: working hours, a float >= 0
    :return: naive UTC datetime, or None when the intervals end too early
    """
    left = timedelta(hours=hours)
    for begin, end in intervals:
        begin = max(begin, start)
        if begin >= end:
            continue
        if end - begin >= left:
            return begin + left
        left -= end - begin
    return None


def hours_between(intervals, start, end):
    """Return the working hours between two moments.

    :param intervals: list of ``(begin, end)`` naive UTC datetimes, ascending
    :param start: naive UTC datetime
    :param end: naive UTC datetime
    :return: working hours, a float >= 0
    """
    worked = timedelta()
    for begin, close in intervals:
        worked += max(min(close, end) - max(begin, start), timedelta())
    return worked.total_seconds() / 3600


def without(intervals, gaps):
    """Return the intervals with the gaps cut out.

    :param intervals: list of ``(begin, end)`` naive UTC datetimes, ascending
    :param gaps: list of ``(begin, end)`` naive UTC datetimes, in any order
    :return: list of ``(begin, end)`` naive UTC datetimes, ascending
    """
    for gap_begin, gap_end in gaps:
        pieces = (
            piece
            for begin, end in intervals
            for piece in ((begin, min(end, gap_begin)), (max(begin, gap_end), end))
        )
        intervals = [(begin, end) for begin, end in pieces if begin < end]
    return intervals
