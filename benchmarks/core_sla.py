"""The SLA pass over 50,000 open exceptions, 5,000 of them past their deadline.

    ./retail-ops bench core_sla [--open 50000] [--late 5000]

Seeds a fresh database by plain SQL, lets the Scheduled Action escalate, kills it in
the middle with SIGKILL, lets it go on, and prints the seconds both parts took,
and how many exceptions were escalated: each late one once.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg2

ADDONS = Path(__file__).resolve().parent.parent / "addons"
DATABASE = "retail_ops_bench_sla"
SECONDS_BEFORE_THE_KILL = 6

SETUP = """
region = env["retail.region"].create({"name": "Bench", "code": "B", "manager_id": 2})
stores = env["retail.store"].create([
    {"name": f"Store {n}", "code": f"B{n:04d}", "region_id": region.id,
     "manager_id": 2, "tz": "America/New_York",
     "resource_calendar_id": env.company.resource_calendar_id.id}
    for n in range(1000)])
kind = env.ref("retail_ops_core.type_inventory_discrepancy")
env["retail.exception"].sudo()._intake([
    {"store_id": stores[0].id, "type_id": kind.id, "summary": "Seed",
     "expected_quantity": 12, "counted_quantity": 7, "unit_cost": 14.5}])
env.cr.commit()
"""

PASS = """
env["retail.exception"]._cron_escalate()
env.cr.commit()
"""


def odoo(*arguments, script=None):
    """Run Odoo on the benchmark's database; return the process."""
    place = {name: os.environ[f"RETAIL_OPS_DB_{name}"] for name in ("HOST", "USER")}
    command = [sys.executable, "-m", "odoo"]
    command += ["shell", "--no-http"] if script else []
    command += [f"--database={DATABASE}", f"--db_host={place['HOST']}"]
    command += [f"--db_user={place['USER']}", f"--addons-path={addons_path()}"]
    command += ["--log-level=error", *arguments]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, text=True)
    process.stdin.write(script or "")
    process.stdin.close()
    return process


def addons_path():
    """Odoo's own addons and ours."""
    import odoo.addons

    return ",".join([*odoo.addons.__path__, str(ADDONS)])


def connect(database):
    """Return an autocommitting connection to a database of the benchmark's server."""
    connection = psycopg2.connect(
        host=os.environ["RETAIL_OPS_DB_HOST"],
        port=os.environ["RETAIL_OPS_DB_PORT"],
        user=os.environ["RETAIL_OPS_DB_USER"],
        dbname=database,
    )
    connection.autocommit = True
    return connection


def fresh_database():
    """Create the database, install core, and make a network with one exception."""
    with connect("postgres").cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {DATABASE} TEMPLATE template0")
    assert odoo("--init=retail_ops_core", "--stop-after-init").wait() == 0
    assert odoo(script=SETUP).wait() == 0


def seed(cursor, count, late):
    """Copy the one exception ``count`` times over the stores, ``late`` of them late."""
    cursor.execute(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_name = 'retail_exception' AND column_name NOT IN"
        " ('id', 'name', 'store_id', 'next_escalation_at', 'resolve_due')"
    )
    columns = ", ".join(f'"{name}"' for (name,) in cursor.fetchall())
    cursor.execute(
        f"""
        INSERT INTO retail_exception
            (name, store_id, next_escalation_at, resolve_due, {columns})
        SELECT 'BENCH/' || n, store.id, due, due, {columns}
          FROM (SELECT * FROM retail_exception LIMIT 1) AS seed,
               generate_series(1, %(count)s) AS n
          JOIN LATERAL (SELECT (now() AT TIME ZONE 'UTC') + CASE
               WHEN n <= %(late)s THEN interval '-5 minutes'
               ELSE interval '5 days' END AS due) AS clock ON true
          JOIN (SELECT id, row_number() OVER () - 1 AS place FROM retail_store)
               AS store ON store.place = n %% 1000
        """,
        {"count": count, "late": late},
    )
    cursor.execute("ANALYZE retail_exception")


def timed_pass(seconds=None):
    """Run the pass, killed after ``seconds``; return how long it ran."""
    begin = time.monotonic()
    process = odoo(script=PASS)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
    return time.monotonic() - begin


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--open", type=int, default=50_000)
    parser.add_argument("--late", type=int, default=5_000)
    options = parser.parse_args()
    fresh_database()
    with connect(DATABASE).cursor() as cursor:
        seed(cursor, options.open, options.late)
        took = timed_pass(SECONDS_BEFORE_THE_KILL)
        cursor.execute("SELECT count(*) FROM retail_escalation")
        print(f"killed after {took:.1f} s with {cursor.fetchone()[0]} escalated")
        took += timed_pass()
        cursor.execute(
            "SELECT count(*), count(DISTINCT exception_id), max(level)"
            " FROM retail_escalation"
        )
        done, distinct, level = cursor.fetchone()
    print(f"{options.open} open, {options.late} late: {took:.1f} s in two parts")
    print(
        f"escalations {done}, of distinct exceptions {distinct}, highest level {level}"
    )
    return 0 if done == distinct == options.late else 1


if __name__ == "__main__":
    sys.exit(main())
