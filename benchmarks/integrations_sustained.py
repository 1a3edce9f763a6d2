"""Fifty events a second for ten minutes, some twice, some forged, some late.

    ./retail-ops bench integrations_sustained [--seconds 600] [--rate 50]

One Odoo with two workers and two cron threads on a fresh database takes stock
discrepancies and shipment statuses: 5 % of them are sent twice, 2 % are forged, 1 %
are older than what was sent before. Printed are the door's answers, the seconds from
POST to outcome, and what stands in the database at the end: nothing lost, nothing
twice, nothing forged, no newer status overwritten. Without --seconds it runs a minute.
"""

import argparse
import contextlib
import datetime
import json
import queue
import random
import statistics
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from typing import NamedTuple

import _door
import requests
from _core import connect, drop

STORES = 20
SHIPMENTS = 50
CLIENTS = 8
DUPLICATES, FORGED, LATE = 0.05, 0.02, 0.01
DRAIN_SECONDS = 120
MORE = """
region = env["retail.region"].create({"name": "Bench", "code": "B", "manager_id": 2})
env["retail.store"].create([
    {"name": f"Store {n}", "code": f"B{n:02d}", "region_id": region.id,
     "manager_id": 2, "resource_calendar_id": env.company.resource_calendar_id.id}
    for n in range(%d)])
shipment = env.ref("retail_ops_integrations.object_shipment")
env["retail.object.owner"].create(
    {"object_id": shipment.id, "source_ids": [(6, 0, source.ids)]})
for status in shipment.status_ids:
    env["retail.status.word"].create({
        "source_id": source.id, "object_id": shipment.id, "word": status.code,
        "status_id": status.id})
"""
TYPES = ["stock.discrepancy.found", "object.status.changed"]
WORDS = ("announced", "in_transit", "out_for_delivery")
OUTCOMES = """
    SELECT job.state, count(*),
           percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY
               extract(epoch FROM job.finished_at - event.received_at))
      FROM retail_event_job AS job
      JOIN retail_event AS event ON event.id = job.payload_id GROUP BY job.state
"""


class Message(NamedTuple):
    """What is sent: kind (new, duplicate, forged, late), id and body."""

    kind: str
    message_id: str
    body: bytes


class Traffic:
    """Draws messages and knows what must come of them."""

    def __init__(self, chance):
        """Start with nothing sent.

        :param chance: random.Random
        """
        self.chance = chance
        self.began = datetime.datetime(2026, 5, 4)
        self.ticks = 0
        self.latest = {}
        self.genuine = []

    def draw(self):
        """Return the next message."""
        dice = self.chance.random()
        if dice < DUPLICATES and self.genuine:
            return self.chance.choice(self.genuine[-500:])._replace(kind="duplicate")
        if dice < DUPLICATES + FORGED:
            return Message("forged", uuid.uuid4().hex, self._discrepancy())
        if dice < DUPLICATES + FORGED + LATE and self.latest:
            return self._keep("late", self._status(late=True))
        fresh = self._status() if self.chance.random() < 0.5 else self._discrepancy()
        return self._keep("new", fresh)

    def _keep(self, kind, body):
        message = Message(kind, uuid.uuid4().hex, body)
        self.genuine.append(message)
        return message

    def _discrepancy(self):
        data = _door.facts(self.chance.randrange(10**6))
        data["store"] = f"B{self.chance.randrange(STORES):02d}"
        return self._body("stock.discrepancy.found", self.began, data)

    def _status(self, late=False):
        if late:
            reference = self.chance.choice(sorted(self.latest))
            at, word = self.began - datetime.timedelta(days=1), "announced"
        else:
            reference = f"S-{self.chance.randrange(SHIPMENTS)}"
            self.ticks += 1
            at = self.began + datetime.timedelta(seconds=self.ticks)
            word = self.chance.choice(WORDS)
            self.latest[reference] = word
        data = {"object": "shipment", "reference": reference, "status": word}
        return self._body("object.status.changed", at, data)

    def _body(self, name, at, data):
        moment = at.isoformat(timespec="seconds") + "Z"
        return json.dumps({"type": name, "timestamp": moment, "data": data}).encode()


class Lanes:
    """Clients that post; what belongs to one shipment stays in one client's order."""

    def __init__(self, url, secret):
        """Start the clients.

        :param url: of the door
        :param secret: of the source
        """
        self.url, self.secret = url, secret
        self.answers, self.waits = Counter(), []
        self.queues = [queue.Queue() for _client in range(CLIENTS)]
        self.threads = [
            threading.Thread(target=self._post_all, args=(own,)) for own in self.queues
        ]
        for thread in self.threads:
            thread.start()

    def put(self, message):
        """Hand a message to the client of its shipment, or to any."""
        named = json.loads(message.body)["data"].get("reference", message.message_id)
        self.queues[hash(named) % CLIENTS].put(message)

    def finish(self):
        """Wait until everything is posted."""
        for own in self.queues:
            own.put(None)
        for thread in self.threads:
            thread.join()

    def _post_all(self, own):
        with requests.Session() as session:
            while message := own.get():
                self._post(session, message)

    def _post(self, session, message):
        signed = _door.signed(self.secret, message.message_id, message.body)
        if message.kind == "forged":
            signed["webhook-signature"] = "v1," + "A" * 43 + "="
        headers = {"Content-Type": _door.PLAIN, "Retail-Ops-Source": "bench", **signed}
        began = time.monotonic()
        answer = session.post(self.url, data=message.body, headers=headers, timeout=60)
        self.waits.append(time.monotonic() - began)
        status = answer.json().get("status") if answer.ok else None
        self.answers[message.kind, answer.status_code, status] += 1


def send(lanes, traffic, rate, seconds):
    """Send at a steady rate."""
    began = time.monotonic()
    for number in range(int(rate * seconds)):
        ahead = began + number / rate - time.monotonic()
        if ahead > 0:
            time.sleep(ahead)
        lanes.put(traffic.draw())
    lanes.finish()


def drained(cursor):
    """Wait until no event is open, for a bounded time; return the outcomes."""
    ends_at = time.monotonic() + DRAIN_SECONDS
    while True:
        cursor.execute(OUTCOMES)
        rows = {state: (count, times) for state, count, times in cursor.fetchall()}
        if set(rows) <= {"done", "superseded"} or time.monotonic() > ends_at:
            return rows
        time.sleep(0.5)


def verify(cursor, traffic, outcomes):
    """Return what is wrong, as texts."""
    sent = {message.message_id for message in traffic.genuine}
    cursor.execute("SELECT event_id FROM retail_event")
    stored = {event_id for (event_id,) in cursor.fetchall()}
    cursor.execute(
        "SELECT known.reference, status.code FROM retail_tracked_object AS known "
        "JOIN retail_status AS status ON status.id = known.status_id"
    )
    tracked = dict(cursor.fetchall())
    cursor.execute(
        "SELECT count(*) - count(DISTINCT intake_key) FROM retail_exception "
        "WHERE intake_key LIKE 'bench:%'"
    )
    [[twice]] = cursor.fetchall()
    findings = {
        "lost": len(sent - stored),
        "stored though not genuine": len(stored - sent),
        "raised twice": twice,
        "newer status overwritten": sum(
            tracked.get(name) != word for name, word in traffic.latest.items()
        ),
        "not through": sum(
            count
            for state, (count, _times) in outcomes.items()
            if state not in ("done", "superseded")
        ),
    }
    return [f"{count} {what}" for what, count in findings.items() if count]


def report(lanes, outcomes, wrong):
    """Print what was measured."""
    for (kind, code, status), count in sorted(lanes.answers.items(), key=str):
        print(f"{kind:<12}{code} {status or '':<12}{count:>8}")
    cuts = statistics.quantiles(lanes.waits, n=100)
    print(f"acknowledged     p50 {cuts[49]:.3f} s  p95 {cuts[94]:.3f} s")
    for state, (count, times) in sorted(outcomes.items()):
        shown = "  ".join(f"{float(one or 0):.2f} s" for one in times or ())
        print(f"{state:<12}{count:>8}  POST to outcome p50, p95, p99: {shown}")
    print("nothing lost, twice, forged or overwritten" if not wrong else wrong)


@contextlib.contextmanager
def database():
    """A fresh Odoo database for this run; yields (Bench, secret)."""
    with tempfile.TemporaryDirectory() as folder:
        bench = _door.Bench(folder)
        drop(_door.DATABASE)
        try:
            script = _door.prepare(TYPES, MORE % STORES)
            yield bench, bench.install("retail_ops_integrations", script)
        finally:
            drop(_door.DATABASE)


def main():
    """Run once and print; the exit code tells whether all was well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rate", type=float, default=50)
    options = parser.parse_args()
    traffic = Traffic(random.Random(42))
    with (
        database() as (bench, secret),
        bench.serving(cron_threads=2) as (_process, port),
    ):
        lanes = Lanes(f"http://127.0.0.1:{port}/retail_ops/v1/events", secret)
        send(lanes, traffic, options.rate, options.seconds)
        with contextlib.closing(connect(_door.DATABASE)) as connection:
            cursor = connection.cursor()
            outcomes = drained(cursor)
            wrong = verify(cursor, traffic, outcomes)
    report(lanes, outcomes, wrong)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
