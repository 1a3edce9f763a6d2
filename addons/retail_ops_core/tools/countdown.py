"""Hours of a store's day, and working hours counted back from a launch."""

from datetime import time, timedelta


def hour_as_time(hour):
    """Return the time of day of a float, such as 07:30 for 7.5.

    :param hour: float, 0 <= hour < 24
    :return: datetime.time, cut to the minute
    """
    minutes = min(round(hour * 60), 24 * 60 - 1)
    return time(minutes // 60, minutes % 60)


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
