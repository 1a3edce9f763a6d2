"""How long something takes, and how many queries it costs."""

import gc
import statistics
import time
from typing import NamedTuple

ROUNDS = 5


class Cost(NamedTuple):
    """The median of several rounds."""

    seconds: float
    queries: int


def cost(env, work, rounds=ROUNDS):
    """Do something several times, each on cold records and warm caches.

    :param env: environment whose queries are counted
    :param work: callable
    :param rounds: how often
    :return: :class:`Cost`
    """
    work()
    env.flush_all()
    measured = [once(env, work) for _round in range(rounds)]
    return Cost(
        statistics.median(each.seconds for each in measured),
        statistics.median_low(each.queries for each in measured),
    )


def once(env, work):
    """Do something one time, on cold records.

    :return: :class:`Cost`
    """
    env.flush_all()
    env.invalidate_all()
    gc.collect()
    queries, started = env.cr.sql_log_count, time.perf_counter()
    work()
    env.flush_all()
    return Cost(time.perf_counter() - started, env.cr.sql_log_count - queries)


def line(name, peer, ours, wanted=""):
    """Return one line of a table.

    :param name: what was measured
    :param peer: :class:`Cost` of the peer
    :param ours: :class:`Cost` of ours
    :param wanted: what was asked for, and whether it is met, a text
    """
    ratio = ours.seconds / peer.seconds
    return (
        f"{name:<44}{peer.queries:>6} q {peer.seconds * 1000:>9.1f} ms"
        f"{ours.queries:>6} q {ours.seconds * 1000:>9.1f} ms{ratio:>9.3f}  {wanted}"
    )


def verdict(text, met):
    """Return what was wanted and whether it is met."""
    return f"{text}: {'met' if met else 'MISSED'}"
