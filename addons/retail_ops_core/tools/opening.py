"""Opening hours of a week, placed on the days of a zone.

A week is a list of ``(weekday, parity, opens, closes)``: Monday is 0; parity is
None, or 0 or 1 where two weeks take turns; hours are wall-clock hours from 0 to
24. A night is two rows: 22 to 24, and 0 to 6 on the day after.
"""

from collections import defaultdict
from datetime import datetime, time, timedelta

from pytz import timezone, utc


def parity_of(day):
    """Return which of two weeks taking turns a day is in, as Odoo counts them.

    :param day: date
    :return: 0 or 1
    """
    return (day.toordinal() - 1) // 7 % 2


def opening_intervals(week, start, end, zone):
    """Return when it is open between two moments.

    Wall-clock hours: on the day the clocks go forward an hour that does not exist
    is not worked, on the day they go back the hour shown twice is worked twice.

    :param week: list of ``(weekday, parity, opens, closes)``
    :param start: naive UTC datetime
    :param end: naive UTC datetime
    :param zone: name of a time zone
    :return: list of ``(begin, close)`` naive UTC datetimes, ascending
    """
    zone, rows = timezone(zone), defaultdict(list)
    for weekday, parity, opens, closes in sorted(week, key=lambda row: row[2]):
        rows[weekday].append((parity, opens, closes))
    day, last = start.date() - timedelta(days=1), end.date() + timedelta(days=1)
    intervals = []
    while day <= last:
        for parity, opens, closes in rows[day.weekday()]:
            if parity in (None, parity_of(day)):
                begin = max(_moment(day, opens, zone), start)
                close = min(_moment(day, closes, zone), end)
                if begin < close:
                    intervals.append((begin, close))
        day += timedelta(days=1)
    return intervals


def _moment(day, hours, zone):
    wall = datetime.combine(day, time()) + timedelta(minutes=round(hours * 60))
    return zone.localize(wall).astimezone(utc).replace(tzinfo=None)
