"""Business days of a store, in its own zone.

A cut-off is a number of hours after the local midnight that begins the business
day: 22.5 is half past ten in the evening, 26 is two o'clock in the night after.
A business day lasts until its cut-off when that falls after midnight.
"""

from datetime import datetime, time, timedelta

from pytz import timezone, utc


def moment_of(day, hours, zone):
    """Return the moment ``hours`` after the local midnight of ``day``.

    Wall-clock hours: 22.5 is 22:30 on a day of 23 or 25 hours too. An hour that
    the clocks show twice is taken as the later one.

    :param day: date
    :param hours: hours after midnight, a float >= 0
    :param zone: name of a time zone
    :return: naive UTC datetime
    """
    wall = datetime.combine(day, time()) + timedelta(minutes=round(hours * 60))
    return timezone(zone).localize(wall).astimezone(utc).replace(tzinfo=None)


def first_hour(cutoff):
    """Return the hours after midnight at which a business day begins.

    :param cutoff: cut-off in hours after midnight
    :return: 0 or, for a cut-off after the next midnight, the hours beyond it
    """
    return max(cutoff - 24, 0)


def business_day(moment, cutoff, zone):
    """Return the business day that ``moment`` belongs to.

    :param moment: naive UTC datetime
    :param cutoff: cut-off in hours after midnight
    :param zone: name of a time zone
    :return: date
    """
    local = utc.localize(moment).astimezone(timezone(zone)).replace(tzinfo=None)
    return (local - timedelta(minutes=round(first_hour(cutoff) * 60))).date()
