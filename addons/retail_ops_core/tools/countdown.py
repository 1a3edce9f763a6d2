"""Working hours counted back from a moment that is fixed, such as a launch."""

from datetime import timedelta


def moment_before(intervals, end, hours):
    """Return when ``hours`` working hours are left before ``end``.

    :param intervals: list of ``(begin, close)`` naive UTC datetimes, ascending
    :param end: naive UTC datetime
    :param hours: working hours, a float >= 0; 0 is ``end`` itself
    :return: naive UTC datetime, or None when the intervals begin too late
    """
    left = timedelta(hours=hours)
    if not left:
        return end
    for begin, close in reversed(intervals):
        close = min(close, end)
        if begin >= close:
            continue
        if close - begin >= left:
            return close - left
        left -= close - begin
    return None
