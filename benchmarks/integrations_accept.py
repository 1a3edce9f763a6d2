"""What it costs to accept an event, against an empty Odoo route, in one run.

    ./retail-ops bench integrations_accept [--seconds 4] [--clients 8]

One Odoo with two workers on a fresh database serves, in turn: an empty route, Odoo's
own webhook trigger that creates a bare record and proves nothing, our door with single
events (HMAC, window, rate, strict JSON, schema, unique insert), and our door with
batches of 200. Beside it, a raw SQL insert of the same rows. Each is taken three times
in turn and the median counts. Printed are requests or events a
second and their ratios; absolute figures depend on the machine.
"""

import argparse
import base64
import contextlib
import hashlib
import hmac
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path

import psycopg2
import requests

ADDONS = Path(__file__).resolve().parent.parent / "addons"
START = Path(__file__).with_name("_odoo.py")
DATABASE = "retail_ops_bench_accept"
SECONDS_TO_START = 60
ROUNDS = 3
BATCH = 200
PLAIN = "application/json"
BATCHES = "application/cloudevents-batch+json"
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
FLOOR = {
    "__init__.py": "from . import controllers, models\n",
    "__manifest__.py": '{"name": "Benchmark floor", "license": "LGPL-3", '
    '"author": "Retail Ops contributors", '
    '"depends": ["base"]}\n',
    "models.py": """
from odoo import fields, models


class Bare(models.Model):
    _name = "bench.bare"
    _description = "Bare"

    name = fields.Char()
""",
    "controllers.py": """
from odoo.http import Controller, request, route


class Floor(Controller):
    @route("/floor", type="http", auth="none", methods=["POST"], csrf=False,
           save_session=False, readonly=False)
    def floor(self):
        return request.make_response("{}")
""",
}
PREPARE = """
import json
account = env["res.users"].create({
    "name": "Bench", "login": "bench",
    "group_ids": [(6, 0, env.ref("retail_ops_integrations.group_integration").ids)],
})
source = env["retail.source"].create({
    "name": "Bench", "code": "bench", "user_id": account.id,
    "owner_id": env.ref("base.user_admin").id, "rate_per_minute": 0,
    "event_type_ids": env.ref(
        "retail_ops_integrations.event_type_stock_discrepancy_found").ids,
})
secret = env["retail.source.key"]._issue({"source_id": source.id})
source.action_activate()
for lane in ("cron_process_inbox", "cron_process_inbox_2"):
    env.ref("retail_ops_integrations." + lane).active = False
env["base.automation"].create({
    "name": "Bench", "model_id": env["ir.model"]._get("bench.bare").id,
    "trigger": "on_webhook", "webhook_uuid": "bench", "log_webhook_calls": False,
    "record_getter": "model.create({'name': payload['data']['product']})",
})
env.cr.commit()
print("SECRET " + secret)
"""


def facts(number):
    return {
        "store": "0042",
        "product": f"SKU-{number}",
        "expected": 12,
        "counted": 7,
        "unit_cost": 14.5,
        "currency": "USD",
        "reason": "Evening count, shelf and back room",
    }


def plain(number):
    return json.dumps(
        {
            "type": "stock.discrepancy.found",
            "timestamp": "2026-05-04T09:30:00Z",
            "data": facts(number),
        }
    ).encode()


def batch():
    return json.dumps(
        [
            {
                "specversion": "1.0",
                "id": uuid.uuid4().hex,
                "source": "/bench",
                "type": "stock.discrepancy.found",
                "time": "2026-05-04T09:30:00Z",
                "data": facts(number),
            }
            for number in range(BATCH)
        ]
    ).encode()


def rate(action, clients, seconds):
    """Return how often ``action(session)`` is done a second by all clients."""
    counts = [0] * clients
    ends_at = time.monotonic() + seconds

    def work(position):
        with requests.Session() as session:
            while time.monotonic() < ends_at:
                action(session)
                counts[position] += 1

    threads = [threading.Thread(target=work, args=(n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def signed(secret, message_id, body):
    """Return the headers of a signed message (Standard Webhooks, v1)."""
    at = str(int(time.time()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = b".".join([message_id.encode(), at.encode(), body])
    digest = hmac.new(key, content, hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": at,
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }


def poster(url, secret, make_body, media_type):
    """Return an action that posts a new signed body and checks the answer."""

    def post(session):
        body, message_id = make_body(), uuid.uuid4().hex
        headers = {"Content-Type": media_type, "Retail-Ops-Source": "bench"}
        headers |= signed(secret, message_id, body)
        response = session.post(url, data=body, headers=headers, timeout=60)
        assert response.status_code == 202, response.text

    return post


def connect(database):
    """Return a connection to a database of the PostgreSQL at hand."""
    place = {
        "host": os.environ.get("RETAIL_OPS_DB_HOST"),
        "port": os.environ.get("RETAIL_OPS_DB_PORT"),
        "user": os.environ.get("RETAIL_OPS_DB_USER"),
    }
    named = {name: text for name, text in place.items() if text}
    return psycopg2.connect(dbname=database, **named)


def drop():
    """Drop the database of this benchmark."""
    with contextlib.closing(connect("postgres")) as connection:
        connection.autocommit = True
        connection.cursor().execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")


def insert_rate(seconds):
    """Return events a second of a raw insert of the same batches, one client."""
    with contextlib.closing(connect(DATABASE)) as connection:
        cursor = connection.cursor()
        done, ends_at = 0, time.monotonic() + seconds
        while time.monotonic() < ends_at:
            bodies = [plain(number).decode() for number in range(BATCH)]
            ids = [uuid.uuid4().hex for _body in bodies]
            cursor.execute(RAW_INSERT, (ids, bodies))
            connection.commit()
            done += BATCH
        return done / seconds


class Bench:
    """An Odoo of this run on a database of its own."""

    def __init__(self, folder):
        """Put the floor's addon into a folder.

        :param folder: temporary folder, which also takes data and log
        """
        self.folder = Path(folder)
        addon = self.folder / "addons" / "bench_floor"
        addon.mkdir(parents=True)
        for name, text in FLOOR.items():
            (addon / name).write_text(text)

    def command(self, *arguments, sub=()):
        """Return the command line of Odoo."""
        import odoo  # found beside this Python

        standard = [str(Path(path) / "addons") for path in odoo.__path__]
        folders = [standard[0], str(ADDONS), str(self.folder / "addons")]
        place = {
            "--db_host": os.environ.get("RETAIL_OPS_DB_HOST"),
            "--db_port": os.environ.get("RETAIL_OPS_DB_PORT"),
            "--db_user": os.environ.get("RETAIL_OPS_DB_USER"),
            "--database": DATABASE,
            "--db-filter": f"^{DATABASE}$",
            "--addons-path": ",".join(folders),
            "--data-dir": str(self.folder / "data"),
            "--log-level": "warn",
        }
        options = [f"{name}={text}" for name, text in place.items() if text]
        return [sys.executable, str(START), *sub, *options, *arguments]

    def install(self):
        """Install the addons on a new database and return the source's secret."""
        modules = "--init=retail_ops_integrations,bench_floor"
        subprocess.run(
            self.command(modules, "--stop-after-init", "--no-http"), check=True
        )
        shell = subprocess.run(
            self.command("--no-http", sub=("shell",)),
            input=PREPARE,
            text=True,
            check=True,
            capture_output=True,
        )
        return shell.stdout.split("SECRET ")[1].split()[0]

    @contextlib.contextmanager
    def serving(self, cron_threads=0):
        """Serve with two workers; yields the address."""
        port = free_port()
        command = self.command(
            "--workers=2",
            f"--max-cron-threads={cron_threads}",
            "--http-interface=127.0.0.1",
            f"--http-port={port}",
            f"--gevent-port={free_port()}",
        )
        with open(self.folder / "odoo.log", "wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            wait_for(process, port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


def free_port():
    """Return a TCP port that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def wait_for(process, port):
    """Wait until Odoo answers; end when it does not."""
    ends_at = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < ends_at and process.poll() is None:
        try:
            requests.get(f"http://127.0.0.1:{port}/web/health", timeout=5)
            return
        except requests.ConnectionError:
            time.sleep(0.2)
    sys.exit("Odoo does not answer.")


def measure(bench, secret, clients, seconds):
    """Return the rates as a dict of name to events or requests a second."""
    with bench.serving() as address:
        door = f"{address}/retail_ops/v1/events"
        numbers = iter(range(10**9))
        single = poster(door, secret, lambda: plain(next(numbers)), PLAIN)
        batches = poster(door, secret, batch, BATCHES)
        body = plain(1)

        def floor(session):
            assert session.post(f"{address}/floor", data=body, timeout=60).ok

        def trigger(session):
            headers = {"Content-Type": PLAIN}
            hook = f"{address}/web/hook/bench"
            answer = session.post(hook, data=body, headers=headers, timeout=60)
            assert answer.ok, answer.text

        rate(floor, clients, 2)  # both workers have loaded everything after this
        rate(trigger, clients, 2)
        rate(single, clients, 2)
        figures = {
            "empty route": lambda: rate(floor, clients, seconds),
            "Odoo's webhook trigger": lambda: rate(trigger, clients, seconds),
            "one event": lambda: rate(single, clients, seconds),
            "batches of 200, events": lambda: BATCH * rate(batches, 1, seconds),
            "raw insert, events": lambda: insert_rate(seconds),
        }
        # In turn, so that what else the machine does meets all of them alike.
        rounds = [
            {name: take() for name, take in figures.items()} for _round in range(ROUNDS)
        ]
    return {name: statistics.median(r[name] for r in rounds) for name in figures}


def report(rates):
    """Print the rates and the two ratios that count."""
    for name, per_second in rates.items():
        print(f"{name:<26}{per_second:>10.0f} /s")
    single = rates["one event"] / rates["empty route"]
    batches = rates["batches of 200, events"] / rates["raw insert, events"]
    trigger = rates["Odoo's webhook trigger"] / rates["empty route"]
    print(f"{'webhook trigger : route':<26}{trigger:>10.2f}")
    print(f"{'one event : empty route':<26}{single:>10.2f}    at least 0.50 wanted")
    print(f"{'batch : raw insert':<26}{batches:>10.2f}    at least 0.35 wanted")


def main():
    """Measure once and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--clients", type=int, default=8)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(folder)
        drop()
        try:
            secret = bench.install()
            report(measure(bench, secret, options.clients, options.seconds))
        finally:
            drop()


if __name__ == "__main__":
    main()
