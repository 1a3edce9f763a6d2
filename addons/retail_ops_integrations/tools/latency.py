"""How late is late, by latency class."""

LIMITS = {"real_time": 60, "near_real_time": 15 * 60, "scheduled": 24 * 3600}
"""Seconds from the fact to its effect."""


def spell(seconds):
    """Return a duration for people, such as 3 min or 2 h.

    :param seconds: number
    """
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size:.0f} {unit}"
    return f"{seconds:.0f} s"
