"""A short version of the soak: two dozen killed workers, and several at one queue."""

import contextlib
import os
import signal
from pathlib import Path

import pytest

from tests.soak import harness
from tests.soak.receivers import answering, receiving
from tests.waiting import eventually

KILLS = 24
SEED = 7
SHARED = 60  # events that several processes work off
KEYS = 8
FIRST = 1_000_000
OUTCOMES = """
    SELECT count(*) FILTER (WHERE job.state = 'done'),
           count(DISTINCT job.exception_id),
           (SELECT count(*) FROM retail_exception WHERE intake_key = ANY(
                SELECT 'soak:soak-' || number
                  FROM generate_series({first}, {last}) AS number))
      FROM retail_event_job AS job JOIN retail_event AS event
        ON event.id = job.payload_id
      JOIN retail_source AS source ON source.id = event.source_id
     WHERE source.code = 'soak' AND event.event_id = ANY(
           SELECT 'soak-' || number FROM generate_series({first}, {last}) AS number);
"""
OUT_OF_TURN = """
    SELECT count(*) FROM (
        SELECT finished_at < lag(finished_at) OVER (
               PARTITION BY ordering_key ORDER BY job.id) AS is_early
          FROM retail_event_job AS job
         WHERE source_id = (SELECT id FROM retail_source WHERE code = 'soak')
           AND ordering_key IS NOT NULL) AS job WHERE is_early;
"""
UNTOLD = """
    SELECT count(*) FROM retail_event_job
     WHERE state = 'parked' AND owner_told IS NOT TRUE;
"""
TOLD = """
    SELECT count(*) FROM mail_activity
     WHERE res_model = 'retail.source'
       AND res_id = (SELECT id FROM retail_source WHERE code = 'soak');
"""
SET_ASIDE = """
    WITH parked AS (
        UPDATE retail_event_job SET state = 'skipped'
         WHERE state = 'parked' AND source_id = (
               SELECT id FROM retail_source WHERE code = 'soak')
        RETURNING id
    ) SELECT count(*) FROM parked;
"""


@pytest.fixture(scope="module")
def healthy():
    with receiving(answering(204)) as receiver:
        yield receiver


@pytest.fixture(scope="module")
def prepared(workshop, testbed, healthy):
    """A copy of the demo database and a nursery of processes on it."""
    log = workshop.home.log("kills")
    with (
        testbed.copy(testbed.demo(), "kills") as database,
        workshop.progress.step("killed and frozen workers") as step,
        harness.prepared(database, {"healthy": healthy.url}, step, log) as nursery,
    ):
        yield database, nursery


def test_killed_workers_lose_nothing_and_do_nothing_twice(workshop, prepared, healthy):
    soak = harness.Soak(*prepared, SEED)
    soak.rounds(KILLS)
    soak.drain()
    figures = harness.report(soak, healthy)
    harness.show(figures, workshop.home.log("kills-figures"))
    harness.check(figures)
    assert figures["workers killed"] >= KILLS


def test_several_processes_work_one_inbox_off_each_event_once_and_in_turn(prepared):
    database, nursery = prepared
    first = fed(nursery, FIRST, keys=KEYS)
    processes = [started(nursery, batch=5) for _process in range(4)]
    assert [ended(nursery, pid)["status"] for pid in processes] == [0] * 4
    work_off_the_rest(*prepared)
    assert outcomes(database, first) == [SHARED] * 3
    assert count(database, OUT_OF_TURN) == 0


def test_processes_that_meet_over_the_same_failures_tell_the_owner_once(prepared):
    database, nursery = prepared
    fed(nursery, FIRST + 2 * SHARED, store="NOWHERE")
    processes = [started(nursery, batch=5) for _process in range(4)]
    assert [ended(nursery, pid)["status"] for pid in processes] == [0] * 4
    work_off_the_rest(*prepared)
    assert count(database, UNTOLD) == 0
    assert count(database, TOLD) == 1
    assert count(database, SET_ASIDE) == SHARED


def test_a_process_that_froze_beyond_its_lease_changes_nothing_when_it_wakes(prepared):
    database, nursery = prepared
    first = fed(nursery, FIRST + SHARED)
    with frozen(nursery) as stale:
        harness.Soak(database, nursery, SEED).time_passes()
        processes = [started(nursery) for _process in range(2)]
        assert [ended(nursery, pid)["status"] for pid in processes] == [0] * 2
        work_off_the_rest(*prepared)
        assert outcomes(database, first) == [SHARED] * 3
    assert ended(nursery, stale)["status"] == 0
    assert outcomes(database, first) == [SHARED] * 3


@contextlib.contextmanager
def frozen(nursery):
    """Yield a process that stands still after its claim; wake it in any case."""
    place = {"boundary": "inbox: claim committed", "signal": "SIGSTOP"}
    pid = started(nursery, **place)
    try:
        eventually(lambda: is_stopped(pid), seconds=60)
        yield pid
    finally:
        os.kill(pid, signal.SIGCONT)


def count(database, statement):
    return int(database.query(statement)[0][0])


def fed(nursery, first, **order):
    """Have events received; return the number of the first."""
    assert nursery.run("feed", first=first, count=SHARED, **order)["status"] == 0
    return first


def started(nursery, **order):
    return nursery.order(task="process", seed=SEED, lease=120, **order)["pid"]


def work_off_the_rest(database, nursery):
    """What the last claim left, and what met others too often and waits since."""
    harness.Soak(database, nursery, SEED).time_passes()
    assert nursery.run("process")["status"] == 0


def ended(nursery, pid):
    return nursery.order(wait=pid, seconds=120)


def outcomes(database, first):
    """Return how many are done, led to a case of their own, and all their cases."""
    statement = OUTCOMES.format(first=first, last=first + SHARED - 1)
    return [int(count) for count in database.query(statement)[0]]


def is_stopped(pid):
    status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    return status.rpartition(")")[2].split()[0] == "T"
