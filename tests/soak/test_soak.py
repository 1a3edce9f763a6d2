"""At least 500 killed workers, restarts of PostgreSQL, receivers that misbehave."""

import contextlib
import subprocess

import pytest

from launcher.database import Database
from tests.soak import harness
from tests.soak.receivers import (
    answering,
    drip,
    flap,
    flood,
    hang,
    receiving,
    reset,
)

KILLS = 500
SECONDS_ALLOWED = 16  # fifteen of wall clock, and some to notice
RESPONSE_KEPT = 16 * 1024
SEED = 20260504
NAME = "retail_ops_soak"


@pytest.fixture(scope="module")
def cluster(workshop):
    """A PostgreSQL of its own, which may be restarted."""
    return workshop.cluster("pgsoak", True)


@pytest.fixture(scope="module")
def database(workshop, cluster):
    """A database with the doors and those below them; commits are synchronous."""
    with cluster.running() as connection:
        data = workshop.home.folder / "soakdata"
        data.mkdir(exist_ok=True)
        database = Database(workshop, connection, NAME, data)
        database.drop()
        with workshop.progress.step("Database for the soak") as step:
            database.create(["retail_ops_integrations"], demo=False, step=step)
        yield database
        database.drop()


@pytest.fixture(scope="module")
def misbehaving():
    """Name to receiver; "elsewhere" is where the redirect points."""
    with contextlib.ExitStack() as stack:
        elsewhere = stack.enter_context(receiving(answering(200)))
        manners = {
            "healthy": answering(204),
            "hangs": hang,
            "drips": drip,
            "resets": reset,
            "floods": flood,
            "flaps": flap(),
            "redirects": answering(302, Location=elsewhere.url),
            "to metadata": answering(302, Location="http://169.254.169.254/latest/"),
            "overloaded": answering(429, Retry_After="7200"),
            "gone": answering(410),
        }
        servers = {
            name: stack.enter_context(receiving(manner))
            for name, manner in manners.items()
        }
        yield {**servers, "elsewhere": elsewhere}


@pytest.fixture(scope="module")
def soaked(workshop, cluster, database, misbehaving):
    """The soak, done once; what came of it."""
    urls = {
        name: server.url for name, server in misbehaving.items() if name != "elsewhere"
    }
    log = workshop.home.log("soak")
    with (
        workshop.progress.step(f"Soak, {KILLS} kills") as step,
        harness.prepared(database, urls, step, log) as nursery,
    ):
        soak = harness.Soak(database, nursery, SEED)
        soak.rounds(KILLS, lambda: restart(cluster))
        soak.drain()
        for _turn in range(3):
            soak.time_passes(evil=True)
            nursery.run("deliver", seconds=90)
        figures = harness.report(soak, misbehaving["healthy"])
    harness.show(figures, workshop.home.log("soak-figures"))
    return figures


def restart(cluster):
    """Restart PostgreSQL at once, as a crash would."""
    command = [cluster.programs / "pg_ctl", "-D", cluster.folder, "-w", "restart"]
    command += ["-m", "immediate", "-l", cluster.folder / "server.log"]
    subprocess.run(
        list(map(str, command)),
        check=True,
        stdout=subprocess.DEVNULL,
        **cluster._identity(),
    )


def test_nothing_is_lost_and_nothing_happens_twice(soaked):
    assert soaked["workers killed"] >= KILLS
    assert soaked["PostgreSQL restarts"] >= 5
    harness.check(soaked)


def test_workers_died_at_every_boundary(soaked):
    assert {*harness.BOUNDARIES} <= {*soaked["kills by boundary"]}


def attempts(database, name, what):
    rows = database.query(
        f"SELECT {what} FROM retail_delivery_attempt AS attempt "
        "JOIN retail_delivery AS delivery ON delivery.id = attempt.delivery_id "
        "JOIN retail_endpoint AS endpoint ON endpoint.id = delivery.endpoint_id "
        f"WHERE endpoint.name = '{name}';"
    )
    return [row[0] for row in rows]


@pytest.mark.parametrize("name", ["hangs", "drips", "floods", "resets"])
def test_a_receiver_that_misbehaves_is_left_within_its_time(soaked, database, name):
    took = [float(seconds) for seconds in attempts(database, name, "attempt.seconds")]
    assert took
    assert max(took) < SECONDS_ALLOWED


@pytest.mark.parametrize(
    ("name", "failure"),
    [("hangs", "timeout"), ("drips", "timeout"), ("resets", "connection")],
)
def test_what_went_wrong_is_noted(soaked, database, name, failure):
    assert {*attempts(database, name, "attempt.error_class")} == {failure}


def test_of_a_flood_no_more_than_16_kib_are_kept(soaked, database):
    kept = attempts(database, "floods", "max(length(attempt.response))")
    assert 0 < int(kept[0]) <= RESPONSE_KEPT


def test_redirects_lead_nowhere(soaked, database, misbehaving):
    assert not misbehaving["elsewhere"].letters
    assert {*attempts(database, "redirects", "attempt.status")} == {"302"}
    assert {*attempts(database, "to metadata", "attempt.status")} == {"302"}


def test_a_receiver_that_asks_to_wait_is_waited_for(soaked, database):
    tries = attempts(database, "overloaded", "count(*)")
    assert 1 <= int(tries[0]) <= 10


def test_a_receiver_that_is_gone_is_disabled(soaked, database):
    [[state]] = database.query("SELECT state FROM retail_endpoint WHERE name = 'gone';")
    assert state == "disabled"
    assert attempts(database, "gone", "count(*)") == ["1"]
