"""Kills workers at every boundary and looks at what is left.

An accepted event must lead to one exception, one exception to one published fact, and
each fact to the receiver, whatever dies in between: nothing lost, nothing twice.
"""

import contextlib
import json
import random
import subprocess
from collections import Counter
from pathlib import Path

from tests.soak import receivers
from tests.soak.boundaries import BOUNDARIES

HERE = Path(__file__).parent
EVENTS_A_ROUND = 6
LONGEST_ROUND = 3.0
LET_LIVE_EVERY = 5  # rounds: else whatever is there runs out of attempts
# Both workers of a round are dead: time passes, as it does in life.
TIME_PASSES = """
    UPDATE retail_event_job SET lease_until = lease_until - interval '1 hour'
     WHERE state = 'leased';
    UPDATE retail_event_job SET next_at = next_at - interval '1 day'
     WHERE state = 'pending';
    UPDATE retail_delivery SET lease_until = lease_until - interval '1 hour'
     WHERE state = 'leased';
    UPDATE retail_delivery SET next_at = next_at - interval '1 day'
     WHERE state = 'pending';
    UPDATE retail_endpoint_health SET resting_until = CASE
           WHEN endpoint_id IN (SELECT id FROM retail_endpoint WHERE name = 'healthy')
                OR {evil} THEN NULL ELSE now() + interval '1 day' END;
    INSERT INTO retail_endpoint_health (endpoint_id, resting_until, trips,
                window_attempts, window_failures, failures_in_row, warned)
    SELECT id, CASE WHEN name = 'healthy' OR {evil} THEN NULL
                    ELSE now() + interval '1 day' END, 0, 0, 0, 0, 0
      FROM retail_endpoint ON CONFLICT DO NOTHING;
"""
ACCEPTED = """
    SELECT count(*) FROM retail_event AS event
      JOIN retail_source AS source ON source.id = event.source_id
     WHERE source.code = 'soak';
"""
LEFT = """
    SELECT (SELECT count(*) FROM retail_event_job
             WHERE state IN ('received', 'waiting', 'pending', 'leased')),
           (SELECT count(*) FROM retail_event_job AS job
              JOIN retail_source AS source ON source.id = job.source_id
             WHERE job.state IN ('dead', 'parked') AND source.code = 'soak'),
           (SELECT count(*) FROM retail_delivery AS delivery
              JOIN retail_endpoint AS endpoint ON endpoint.id = delivery.endpoint_id
             WHERE delivery.state <> 'delivered' AND endpoint.name = 'healthy');
"""


class Nursery:
    """The process that forks the workers."""

    def __init__(self, database, log):
        """Load Odoo on a database.

        :param database: launcher.database.Database
        :param log: open file for what workers print
        """
        instance = database.instance
        options = instance.command("--log-level=critical")[3:]
        self.process = subprocess.Popen(
            [instance.command()[0], str(HERE / "nursery.py"), *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=instance.environment,
        )
        assert self.answer() == {"ready": True}

    def answer(self):
        return json.loads(self.process.stdout.readline())

    def order(self, **values):
        """Send one order and return the answer."""
        self.process.stdin.write(json.dumps(values) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def run(self, task, seconds=600, **values):
        """Run one worker to its end."""
        worker = {"task": task, "seed": 1, "lease": 120, **values}
        return self.order(wait=self.order(**worker)["pid"], seconds=seconds)

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)


class Soak:
    """Rounds of two workers each, until enough have died."""

    def __init__(self, database, nursery, seed):
        self.database = database
        self.nursery = nursery
        self.random = random.Random(seed)
        self.kills = Counter()
        self.fed = 0
        self.earlier = self.count(ACCEPTED)
        self.restarts = 0

    def rounds(self, kills, restart=None):
        """Go on until so many workers were killed.

        :param kills: int
        :param restart: function that restarts PostgreSQL, every 40 kills
        """
        while sum(self.kills.values()) < kills:
            self.feed()
            self.round()
            if self.fed // EVENTS_A_ROUND % LET_LIVE_EVERY == 0:
                self.nursery.run("process")
                self.nursery.run("deliver")
            if restart and sum(self.kills.values()) // 40 > self.restarts:
                self.restarts += 1
                self.round(restart)
            self.time_passes()

    def feed(self):
        ended = self.nursery.run("feed", first=self.fed, count=EVENTS_A_ROUND)
        assert ended["status"] == 0, ended
        self.fed += EVENTS_A_ROUND

    def round(self, during=None):
        """Let two workers work at once, each with a boundary of its own."""
        workers = [self.worker(task) for task in ("process", "deliver")]
        if during:
            during()
        for pid, boundary, seconds in workers:
            ended = self.nursery.order(wait=pid, seconds=seconds)
            if ended["killed"]:
                self.kills["at any moment" if ended.get("late") else boundary] += 1

    def worker(self, task):
        side = "inbox" if task == "process" else "outbox"
        mine = [name for name in BOUNDARIES if name.split(":")[0] in (side, "any")]
        boundary = self.random.choice([*mine, None])
        seconds = LONGEST_ROUND if boundary else self.random.uniform(0.01, 0.3)
        order = {
            "task": task,
            "boundary": boundary,
            "nth": self.random.randint(1, 3),
            "seed": self.random.random(),
            "lease": self.random.choice([1, 120]),
        }
        return self.nursery.order(**order)["pid"], boundary, seconds

    def time_passes(self, evil=False):
        self.database.query(TIME_PASSES.format(evil="true" if evil else "false"))

    def drain(self):
        """Let workers live until nothing is left, as a person would: replay too."""
        for _turn in range(20):
            for task in ("process", "deliver"):
                assert self.nursery.run(task)["status"] == 0
            self.time_passes()
            open_events, dead, undelivered = self.left()
            if not open_events + dead + undelivered:
                return
            if dead or undelivered:
                assert self.nursery.run("replay")["status"] == 0
        raise AssertionError(f"left over: {self.left()}")

    def left(self):
        [row] = self.database.query(LEFT)
        return [int(count) for count in row]

    def count(self, sql):
        return int(self.database.query(sql)[0][0])


def report(soak, healthy):
    """Return what came of it, as a dict of figures."""
    told = receivers.references(healthy)
    exceptions = soak.count(
        "SELECT count(*) FROM retail_exception WHERE intake_key LIKE 'soak:%';"
    )
    keys = soak.count(
        "SELECT count(DISTINCT intake_key) FROM retail_exception "
        "WHERE intake_key LIKE 'soak:%';"
    )
    facts = soak.count(
        "SELECT count(*) FROM retail_outbox WHERE type = 'exception.created' "
        "AND data::json->>'reference' IN (SELECT name FROM retail_exception "
        "WHERE intake_key LIKE 'soak:%');"
    )
    return {
        "workers killed": sum(soak.kills.values()),
        "PostgreSQL restarts": soak.restarts,
        "events accepted": soak.fed,
        "exceptions": exceptions,
        "events lost": soak.earlier + soak.fed - keys,
        "second effects of events": exceptions - keys,
        "facts published": facts,
        "facts told": len(told),
        "facts lost": facts - len(told),
        "facts told under two ids": sum(count > 1 for count in told.values()),
        "letters sent again": sum(healthy.letters.values()) - len(healthy.letters),
        "kills by boundary": dict(sorted(soak.kills.items())),
    }


def check(figures):
    """Assert that nothing was lost and nothing happened twice."""
    assert figures["facts published"] == figures["exceptions"], figures
    for name in (
        "events lost",
        "second effects of events",
        "facts lost",
        "facts told under two ids",
    ):
        assert figures[name] == 0, figures


@contextlib.contextmanager
def prepared(database, urls, step, log):
    """Set a database up with its endpoints and yield a nursery on it.

    :param urls: dict name of an endpoint -> address; one is "healthy"
    """
    script = HERE / "prepare.py"
    database.shell(script, step, SOAK_ENDPOINTS=json.dumps(urls))
    with open(log, "w") as file:
        nursery = Nursery(database, file)
        try:
            yield nursery
        finally:
            nursery.close()


def show(figures, log):
    """Keep the figures, one a line, where the launcher finds and prints them."""
    lines = [f"{name:28} {value}" for name, value in figures.items()]
    Path(log).write_text("\n".join(lines) + "\n", encoding="utf-8")
