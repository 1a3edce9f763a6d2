"""A short version of the soak: two dozen killed workers."""

from tests.soak import harness
from tests.soak.receivers import answering, receiving

KILLS = 24
SEED = 7


def test_killed_workers_lose_nothing_and_do_nothing_twice(workshop, testbed):
    log = workshop.home.log("kills")
    with (
        testbed.copy(testbed.demo(), "kills") as database,
        receiving(answering(204)) as healthy,
        workshop.progress.step(f"{KILLS} kills") as step,
        harness.prepared(database, {"healthy": healthy.url}, step, log) as nursery,
    ):
        soak = harness.Soak(database, nursery, SEED)
        soak.rounds(KILLS)
        soak.drain()
        figures = harness.report(soak, healthy)
    harness.show(figures, workshop.home.log("kills-figures"))
    harness.check(figures)
    assert figures["workers killed"] >= KILLS
