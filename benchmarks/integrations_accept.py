"""What it costs to accept an event, beside what Odoo and OCA offer, in one run.

    ./retail-ops bench integrations_accept [--seconds 4] [--rounds 5] [--clients 4]

One Odoo with two workers on a fresh database takes the same signed requests at an
empty route, at Odoo's own webhook trigger (creates a bare record and proves nothing),
at a route that enqueues one job of OCA's queue_job with an identity key (proves
nothing either), and at our door (HMAC, window, rate, strict JSON, schema, unique
insert). Our door also takes batches of 200, beside a raw SQL insert of the same rows.

All take their turn in each round, on tables that begin alike, and after each turn the
database is asked whether it holds what was acknowledged. Ratios are taken within a
round, and the middle one counts: of what was done a second, and of the CPU time that
Odoo and PostgreSQL spent on it, which no client and no other program bends. The exit
code tells whether ours are as good as wanted.
"""

import argparse
import contextlib
import itertools
import statistics
import sys
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import _door
import _load
import _peer
from _core import connect, drop

SECONDS_TO_WARM_UP = 1
MOST, MOST_BATCHES = 1000, 150  # a second, until it is known better
ROUTE, TRIGGER, JOB = "empty route", "Odoo's webhook trigger", "OCA queue_job"
ONE, BATCHES, INSERT = "one event", "batches of 200", "raw insert of 200"
# ours, what it stands beside, at least
WANTED = ((ONE, ROUTE, 0.50), (BATCHES, INSERT, 0.35))
BESIDE = ((TRIGGER, ROUTE), (JOB, ROUTE), (ONE, TRIGGER), (ONE, JOB))
# The same rows with all their columns, without anything that proves or checks them.
RAW_INSERT = """
    WITH event AS (
        INSERT INTO retail_event (
            source_id, company_id, event_type_id, event_id, type, version, revision,
            body_sha256, raw_body, body_format, subject, ordering_key,
            correlation_id, occurred_at, received_at
        )
        SELECT source.id, source.company_id, kind.id, new.id,
               'stock.discrepancy.found', 1, 1, repeat('0', 64), new.body, 'envelope',
               '0042', new.id, new.id, now(), now()
          FROM unnest(%s::text[], %s::text[]) AS new (id, body)
         CROSS JOIN (SELECT * FROM retail_source WHERE code = 'bench') AS source
         CROSS JOIN (SELECT id FROM retail_event_type
                      WHERE name = 'stock.discrepancy.found') AS kind
            ON CONFLICT DO NOTHING
        RETURNING id, source_id, ordering_key
    )
    INSERT INTO retail_event_job (
        payload_id, source_id, ordering_key, state, attempts, owner_told, next_at
    )
    SELECT id, source_id, ordering_key, 'received', 0, false, now() FROM event
"""
TABLES = ("retail_event", "retail_event_job", "bench_bare", "queue_job")
SEEDED = 100  # batches that stand in the tables before each turn
FLOOR = {
    "__init__.py": "from . import controllers, models\n",
    "__manifest__.py": '{"name": "Benchmark floor", "license": "LGPL-3", '
    '"author": "Retail Ops contributors", '
    '"depends": ["base_automation", "queue_job"]}\n',
    "models.py": """
from odoo import fields, models


class Bare(models.Model):
    _name = "bench.bare"
    _description = "Bare"

    name = fields.Char()

    def take(self, data):
        self.create({"name": data["product"]})
""",
    "controllers.py": """
import json

from odoo import SUPERUSER_ID
from odoo.http import Controller, request, route


class Floor(Controller):
    @route("/floor", type="http", auth="none", methods=["POST"], csrf=False,
           save_session=False, readonly=False)
    def floor(self):
        return request.make_response("{}")

    @route("/enqueue", type="http", auth="none", methods=["POST"], csrf=False,
           save_session=False, readonly=False)
    def enqueue(self):
        message = request.httprequest
        bare = request.env["bench.bare"].with_user(SUPERUSER_ID)
        job = bare.with_delay(identity_key=message.headers["webhook-id"])
        job.take(json.loads(message.get_data())["data"])
        return request.make_response("{}")
""",
}
AUTOMATION = """
env["base.automation"].create({
    "name": "Bench", "model_id": env["ir.model"]._get("bench.bare").id,
    "trigger": "on_webhook", "webhook_uuid": "bench", "log_webhook_calls": False,
    "record_getter": "model.create({'name': payload['data']['product']})",
})
"""


class Way(NamedTuple):
    """One way to hand events over.

    make: function (count) -> list of what its clients work off; open_client: see
    _load.work; each: events in one of them; clients: how many; stored: where an
    event must be afterwards; inside: see _load.work.
    """

    make: Callable
    open_client: Callable
    clients: int
    each: int = 1
    stored: tuple = ()
    inside: bool = False


def at(port, path, secret, wanted, clients, stored=()):
    """Return the way of posting one event a request to an address."""

    def make(count):
        return [one_event(path, secret) for _request in range(count)]

    return Way(make, lambda: _load.asking(port, wanted), clients, stored=stored)


def one_event(path, secret, numbers=itertools.count()):  # noqa: B008
    """Return a signed request of one event."""
    body, message_id = _door.plain(next(numbers)), uuid.uuid4().hex
    headers = {"Content-Type": _door.PLAIN, "Retail-Ops-Source": "bench"}
    headers |= _door.signed(secret, message_id, body)
    return _load.post(path, headers, body)


def in_batches(port, path, secret):
    """Return the way of posting 200 events a request."""

    def make(count):
        return [one_batch(path, secret) for _request in range(count)]

    wanted = b'"accepted":%d,' % _door.BATCH
    stored = ("retail_event", "retail_event_job")
    return Way(make, lambda: _load.asking(port, wanted), 1, _door.BATCH, stored)


def one_batch(path, secret):
    """Return a signed request of 200 events."""
    body = _door.batch()
    headers = {"Content-Type": _door.BATCHES, "Retail-Ops-Source": "bench"}
    headers |= _door.signed(secret, uuid.uuid4().hex, body)
    return _load.post(path, headers, body)


def inserted():
    """Return the way of inserting 200 rows with SQL."""

    def make(count):
        return [raw_rows() for _insert in range(count)]

    stored = ("retail_event", "retail_event_job")
    return Way(make, inserting, 1, _door.BATCH, stored, inside=True)


def raw_rows():
    """Return the ids and bodies of 200 events."""
    bodies = [_door.plain(number).decode() for number in range(_door.BATCH)]
    return [uuid.uuid4().hex for _body in bodies], bodies


def inserting():
    """Return a client's action: insert rows and commit."""
    connection = connect(_door.DATABASE)
    connection.autocommit = False

    def insert(rows):
        connection.cursor().execute(RAW_INSERT, rows)
        connection.commit()

    return insert


def ways(port, secret, clients):
    """Return what is compared, by name."""
    door = "/retail_ops/v1/events"
    both = ("retail_event", "retail_event_job")
    accepted = b'"status":"accepted"'
    return {
        ROUTE: at(port, "/floor", secret, b" 200 ", clients),
        TRIGGER: at(
            port, "/web/hook/bench", secret, b" 200 ", clients, ("bench_bare",)
        ),
        JOB: at(port, "/enqueue", secret, b" 200 ", clients, ("queue_job",)),
        ONE: at(port, door, secret, accepted, clients, both),
        BATCHES: in_batches(port, door, secret),
        INSERT: inserted(),
    }


class Rounds:
    """Takes every way in turn, each on empty tables."""

    def __init__(self, compared, servers, cursor):
        """Load everything once, and learn how much each needs prepared.

        :param compared: dict of name to Way
        :param servers: _load.Servers
        :param cursor: that commits by itself
        """
        self.compared, self.servers, self.cursor = compared, servers, cursor
        self._seed()
        self.rates = {}
        for name in (next(iter(compared)), *compared):  # the first one loads Odoo
            self.take(name, SECONDS_TO_WARM_UP)

    def take(self, name, seconds):
        """Measure one way and see that what it acknowledged is stored.

        :return: _load.Taken
        """
        way = self.compared[name]
        expected = self.rates.get(name, MOST if way.each == 1 else MOST_BATCHES)
        items = way.make(int(2 * expected * seconds) + way.clients)
        taken = _load.work(
            way.open_client, items, way.clients, seconds, self.servers, way.inside
        )
        self.rates[name] = max(taken.rate, self.rates.get(name, 0))
        for table in way.stored:
            assert self._count(table) == taken.done * way.each, (name, table)
        self._begin_alike()
        return taken

    def _seed(self):
        for _batch in range(SEEDED):
            self.cursor.execute(RAW_INSERT, raw_rows())
        for table in TABLES:
            self.cursor.execute(f"CREATE TABLE seed_{table} AS TABLE {table}")
        self._begin_alike()

    def _begin_alike(self):
        self.cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
        for table in TABLES:
            self.cursor.execute(f"INSERT INTO {table} SELECT * FROM seed_{table}")
            self.cursor.execute(f"VACUUM ANALYZE {table}")

    def _count(self, table):
        self.cursor.execute(
            f"SELECT (SELECT count(*) FROM {table})"
            f" - (SELECT count(*) FROM seed_{table})"
        )
        return self.cursor.fetchone()[0]


def measure(bench, secret, options):
    """Return the rounds, each a dict of name to _load.Taken."""
    with (
        bench.serving() as (process, port),
        contextlib.closing(connect(_door.DATABASE)) as connection,
    ):
        servers = _load.Servers(process.pid, connection.info.backend_pid)
        compared = ways(port, secret, options.clients)
        rounds = Rounds(compared, servers, connection.cursor())
        return [
            {name: rounds.take(name, options.seconds) for name in compared}
            for _round in range(options.rounds)
        ]


def middle(rounds, figure):
    """Return the median over the rounds of ``figure(round)``."""
    return statistics.median(figure(one) for one in rounds)


def show(rounds):
    """Print each way's own figures."""
    print(f"{'':<24}{'a second':>10}{'CPU ms':>9}{'Odoo':>7}{'SQL':>6}", end="")
    print(f"{'clients':>9}{'others':>8}{'idle':>6}")
    for name in rounds[0]:
        each = _door.BATCH if name in (BATCHES, INSERT) else 1
        figures = [
            middle(rounds, lambda one: figure(one[name]))  # noqa: B023
            for figure in (
                lambda taken: taken.rate * each,  # noqa: B023
                lambda taken: 1000 * taken.cost / each,  # noqa: B023
                *(share(part) for part in ("server", "database", "client", "others")),
            )
        ]
        rate, cost, *shares = figures
        shares.append(max(1 - sum(shares), 0))
        print(f"{name:<24}{rate:>10.0f}{cost:>9.3f}", end="")
        print("".join(f"{part:>7.0%}" for part in shares))


def share(part):
    """Return a figure: the part of the machine's CPU time that somebody had."""
    return lambda taken: getattr(taken, part) / taken.machine


def ratios(rounds, ours, beside):
    """Return how ours compares, 1 as good: in events a second, in CPU time."""
    return (
        middle(rounds, lambda one: one[ours].rate / one[beside].rate),
        middle(rounds, lambda one: one[beside].cost / one[ours].cost),
    )


def judge(rounds):
    """Print the ratios and return those that are missed."""
    missed = []
    for ours, beside in BESIDE:
        rate, cost = ratios(rounds, ours, beside)
        print(f"{ours + ' : ' + beside:<44}{rate:>6.2f}   CPU {cost:>5.2f}")
    for ours, beside, least in WANTED:
        rate, cost = ratios(rounds, ours, beside)
        print(f"{ours + ' : ' + beside:<44}{rate:>6.2f}   CPU {cost:>5.2f}", end="")
        print(f"   at least {least:.2f} wanted")
        if min(rate, cost) < least:
            missed.append(f"{ours} : {beside}")
    return missed


def floor(folder):
    """Write the addon with the other routes and return the folder it is in."""
    addon = Path(folder) / "addons" / "bench_floor"
    addon.mkdir(parents=True)
    for name, text in FLOOR.items():
        (addon / name).write_text(text)
    return addon.parent


def run(folder, options):
    """Measure once, print, and return which targets are missed."""
    peer, libraries = _peer.queue_job(folder)
    bench = _door.Bench(folder, [floor(folder), peer], libraries)
    drop(_door.DATABASE)
    try:
        script = _door.prepare(["stock.discrepancy.found"], AUTOMATION)
        secret = bench.install("retail_ops_integrations,bench_floor", script)
        rounds = measure(bench, secret, options)
    finally:
        drop(_door.DATABASE)
    show(rounds)
    return judge(rounds)


def main():
    """Compare; the exit code is 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clients", type=int, default=4)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        missed = run(folder, options)
    print(f"missed: {', '.join(missed)}" if missed else "as good as wanted")
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
