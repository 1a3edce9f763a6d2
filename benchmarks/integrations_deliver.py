"""Whether a dead, a slow and a flapping endpoint hold up the healthy ones.

    ./retail-ops bench integrations_deliver [--facts 5000]

One Odoo with its Scheduled Actions on a fresh database, receivers on the loopback
interface. Two healthy endpoints have a backlog of so many letters each (10,000 by
default): first alone, then beside a dead one, then beside a dead, a slow (2 s a letter)
and a flapping one with as many letters each. Printed are the seconds until the healthy
have theirs, the 95th percentile of the time from the start to a letter's delivery, the
ratios of both, and whether each letter came once.

Beside it, what telling 200 facts costs the business transaction: Odoo's own webhook
action, OCA's queue_job from PyPI, and the outbox.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from _core import addons_path, connect, odoo  # noqa: E402
from _peer import queue_job  # noqa: E402

from tests.soak.receivers import answering, flap, hang, receiving  # noqa: E402

DATABASE = "retail_ops_bench_deliver"
LIMIT = 600
SLOW_SECONDS = 2
PREPARE = """
import json
env["retail.egress.rule"].create(
    {"destination": "127.0.0.1", "plain_http": True, "port": 0, "reason": "Bench"})
for name, url in json.loads('''URLS''').items():
    endpoint = env["retail.endpoint"].create(
        {"name": name, "url": url, "owner_id": 2, "disable_after_hours": 0})
    env["retail.endpoint.key"]._issue({"endpoint_id": endpoint.id})
env.cr.commit()
"""
BACKLOG = """
names = NAMES
endpoints = env["retail.endpoint"].search([("name", "in", names)])
env["retail.delivery"].search([("state", "in", ("pending", "leased"))])._cancel("bench")
for endpoint in env["retail.endpoint"].search([("state", "=", "active")]):
    endpoint._set_disabled("bench")
for number in range(FACTS):
    env["retail.outbox"]._add(
        "exception.created", {"reference": f"ROUND/{number}"}, env.company, None, None,
        endpoints.ids)
endpoints.action_activate()
env.cr.commit()
"""
COST = """
import json
import time
partners = env["res.partner"].create([{"name": f"P{n}"} for n in range(200)])
env.cr.commit()
def told(what, tell):
    before, began = env.cr.sql_log_count, time.monotonic()
    tell()
    env.flush_all()
    env.cr.flush()
    print("COST " + json.dumps([what, env.cr.sql_log_count - before,
                                time.monotonic() - began]))
    env.cr.rollback()
def outbox():
    for partner in partners:
        env["retail.publisher"]._publish(
            "exception.created", {"reference": f"P{partner.id}"}, company=env.company,
            correlation_id=None, key=None)
told("the outbox, 200 facts", outbox)
def enqueue():
    for partner in partners:
        partner.with_delay(identity_key=f"tell-{partner.id}").write({"ref": "x"})
told("OCA queue_job, 200 jobs with an identity key", enqueue)
"""
WAKE = """
    INSERT INTO ir_cron_trigger (cron_id, call_at)
    SELECT res_id, now() AT TIME ZONE 'utc' FROM ir_model_data
     WHERE module = 'retail_ops_integrations' AND name = 'cron_deliver_outbox'
"""
WEBHOOK = """
import json
import time
hung = env["ir.actions.server"].create({
    "name": "Hook", "model_id": env.ref("base.model_res_partner").id,
    "state": "webhook", "webhook_url": "HANGING",
    "webhook_field_ids": [(6, 0, env.ref("base.field_res_partner__name").ids)]})
partners = env["res.partner"].create([{"name": f"H{n}"} for n in range(5)])
env.cr.commit()
hung.with_context(active_model="res.partner", active_ids=partners.ids).run()
began = time.monotonic()
env.cr.commit()
print("COST " + json.dumps(["Odoo's webhook action, receiver hangs, 5 facts", 0,
                            time.monotonic() - began]))
"""


def fresh_database(modules):
    """Install what the benchmark needs into a new database."""
    with connect("postgres").cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {DATABASE} TEMPLATE template0")
    process = odoo(DATABASE, f"--init={modules}", "--stop-after-init")
    assert process.wait() == 0


def shell(script):
    """Run a script in Odoo's shell on the benchmark's database."""
    assert odoo(DATABASE, script=script).wait() == 0


def slow(handler):
    time.sleep(SLOW_SECONDS + 0.2)
    answering(204)(handler)


@contextlib.contextmanager
def serving():
    """Run an Odoo whose Scheduled Actions deliver, without HTTP."""
    process = odoo(DATABASE, "--no-http", "--max-cron-threads=4", "--workers=0")
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


def measure(names, facts, healthy):
    """Deliver a backlog; return seconds, p95 and how often a letter came twice."""
    for server in healthy.values():
        server.letters.clear()
    script = BACKLOG.replace("NAMES", repr(names)).replace("FACTS", str(facts))
    shell(script)
    with serving():
        began = first_attempt_at()
        wait_for(healthy, facts)
    twice = sum(
        count > 1 for server in healthy.values() for count in server.letters.values()
    )
    seconds, p95 = took([*healthy], began)
    return {"seconds": seconds, "p95": p95, "twice": twice}


def first_attempt_at():
    """Wait until the first letter of the round is leased; return when that was."""
    ends_at = time.monotonic() + LIMIT
    with contextlib.closing(connect(DATABASE)) as connection:
        cursor = connection.cursor()
        cursor.execute(WAKE)
        while time.monotonic() < ends_at:
            cursor.execute(
                "SELECT now() AT TIME ZONE 'utc' FROM retail_delivery "
                "WHERE state = 'leased' LIMIT 1"
            )
            row = cursor.fetchone()
            if row:
                return row[0]
            wake_workers()
            time.sleep(0.25)
    raise AssertionError("nobody delivers")


def wake_workers():
    """Tell Odoo's cron workers to look, as Odoo does when a trigger is left.

    The server was not up when the backlog was made: it would look after a minute.
    """
    with contextlib.closing(connect("postgres")) as connection:
        connection.cursor().execute("SELECT pg_notify('cron_trigger', %s)", [DATABASE])


def wait_for(healthy, facts):
    """Wait until each healthy receiver has all its letters."""
    ends_at = time.monotonic() + LIMIT
    while any(len(server.letters) < facts for server in healthy.values()):
        assert time.monotonic() < ends_at, {
            name: len(server.letters) for name, server in healthy.items()
        }
        time.sleep(0.1)
    time.sleep(1)  # the last answers are being written down


def took(names, began):
    """Return the seconds from the start to the last delivery, and the p95."""
    with contextlib.closing(connect(DATABASE)) as connection:
        cursor = connection.cursor()
        cursor.execute(
            """
            SELECT max(seconds), percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds)
              FROM (SELECT EXTRACT(EPOCH FROM delivery.delivered_at - %s) AS seconds
                      FROM retail_delivery AS delivery
                      JOIN retail_endpoint AS endpoint
                        ON endpoint.id = delivery.endpoint_id
                     WHERE endpoint.name = ANY(%s) AND delivery.delivered_at >= %s
                   ) AS delivered
            """,
            (began, names, began),
        )
        return [float(value) for value in cursor.fetchone()]


def deliver(facts):
    """Measure the three rounds and print them."""
    with contextlib.ExitStack() as stack:
        manners = {
            "healthy-1": answering(204),
            "healthy-2": answering(204),
            "slow": slow,
            "flapping": flap(),
        }
        servers = {
            name: stack.enter_context(receiving(manner))
            for name, manner in manners.items()
        }
        urls = {name: server.url for name, server in servers.items()}
        urls["dead"] = "http://127.0.0.1:9/"
        shell(PREPARE.replace("URLS", json.dumps(urls)))
        healthy = {name: servers[name] for name in ("healthy-1", "healthy-2")}
        rounds = {
            "alone": [*healthy],
            "beside a dead one": [*healthy, "dead"],
            "beside a dead, a slow, a flapping one": [*urls],
        }
        results = {
            title: measure(names, facts, healthy) for title, names in rounds.items()
        }
    show(results, facts)


def show(results, facts):
    alone = results["alone"]
    print(f"\n{2 * facts} letters to two healthy endpoints, {facts} to each other one")
    for title, figures in results.items():
        print(
            f"{title:40} {figures['seconds']:7.1f} s  p95 {figures['p95']:7.1f} s  "
            f"{figures['seconds'] / alone['seconds']:5.2f} x  "
            f"p95 {figures['p95'] / alone['p95']:5.2f} x  "
            f"came twice: {figures['twice']}"
        )


def shell_with(peer, *arguments, script=""):
    """Run Odoo with the peer's addons beside ours and return what it printed."""
    path, libraries = peer
    command = [sys.executable, "-m", "odoo", *(["shell"] if script else [])]
    command += [f"--database={DATABASE}", f"--addons-path={addons_path()},{path}"]
    command += [f"--db_host={os.environ['RETAIL_OPS_DB_HOST']}", "--no-http"]
    command += [f"--db_user={os.environ['RETAIL_OPS_DB_USER']}"]
    return subprocess.run(
        [*command, "--log-level=critical", *arguments],
        input=script,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(libraries)},
    ).stdout


def compare(folder):
    """Print what telling many facts costs the transaction that tells them."""
    peer = queue_job(folder)
    shell_with(peer, "--init=queue_job", "--stop-after-init")
    print()
    with receiving(hang) as hanging:
        output = shell_with(peer, script=COST)
        output += shell_with(peer, script=WEBHOOK.replace("HANGING", hanging.url))
    for row in output.splitlines():
        if row.startswith("COST "):
            what, queries, seconds = json.loads(row.removeprefix("COST "))
            print(f"{what:50} {queries:5} queries  {seconds:7.3f} s")


def main(folder):
    """Run all of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--facts", type=int, default=5000)
    arguments = parser.parse_args()
    fresh_database("retail_ops_integrations")
    deliver(arguments.facts)
    compare(folder)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="retail-ops-bench-") as folder:
        main(folder)
