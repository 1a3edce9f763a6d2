"""What the benchmarks of core share: a database of their own, seeded by plain SQL."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

import psycopg2

ADDONS = Path(__file__).resolve().parent.parent / "addons"
HISTORY = "retail_ops_bench_history"

NETWORK = """
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

PEOPLE = """
regions = env["retail.region"].create(
    [{"name": f"R{n}", "code": f"BR{n}"} for n in range(50)])
stores = env["retail.store"].search([("code", "=like", "B%")])
for number, region in enumerate(regions):
    stores[number::50].region_id = region

def user(login, *groups):
    links = [env.ref(f"retail_ops_core.group_{group}").id for group in groups]
    return env["res.users"].create(
        {"name": login, "login": login, "group_ids": [(6, 0, links)]})

stores[0].manager_id = user("bench_store", "store_manager")
regions[1].manager_id = user("bench_region", "regional_manager")
user("bench_hq", "operations")
user("bench_finance", "finance")
team = user("bench_quality", "specialist")
env.ref("retail_ops_core.queue_quality").member_ids = team
both = user("bench_both", "regional_manager", "loss_prevention")
regions[2].manager_id = both
env.cr.commit()
"""

# Where a row's own values come from: n counts them, the newest last.
ROWS = """
      FROM (SELECT * FROM retail_exception ORDER BY id LIMIT 1) AS seed,
           generate_series(1, %(count)s) AS n
      JOIN (SELECT id, region_id, row_number() OVER (ORDER BY id) - 1 AS place
              FROM retail_store) AS store ON store.place = n %% 1000
"""

LATE = {
    "name": "'BENCH/' || n",
    "store_id": "store.id",
    "next_escalation_at": "clock.due",
    "resolve_due": "clock.due",
}
LATE_ROWS = f"""
    {ROWS}
      JOIN LATERAL (SELECT (now() AT TIME ZONE 'UTC') + CASE
           WHEN n <= %(late)s THEN interval '-5 minutes'
           ELSE interval '5 days' END AS due) AS clock ON true
"""

# Begun over 90 days, every type and severity, most of them long closed; the open ones
# are every other of the newest.
PAST = {
    "name": "'BENCH/' || n",
    "store_id": "store.id",
    "region_id": "store.region_id",
    "type_id": "kind.id",
    "family": "kind.family",
    "queue_id": "kind.queue_id",
    "severity": "(ARRAY['low', 'medium', 'medium', 'high', 'critical'])[1 + n %% 5]",
    "is_open": "life.is_open",
    "state": "CASE WHEN life.is_open THEN 'in_progress' ELSE 'closed' END",
    "needs_classification": "false",
    "opened_at": "life.opened_at",
    "occurred_at": "life.opened_at",
    "touched_at": "COALESCE(life.resolved_at, life.opened_at)",
    "acknowledge_due": "life.opened_at + interval '4 hours'",
    "acknowledged_at": "life.opened_at + chance.ack * interval '6 hours'",
    "act_due": "life.opened_at + interval '12 hours'",
    "acted_at": "LEAST(life.resolved_at, life.opened_at + interval '9 hours')",
    "resolve_due": "life.due",
    "effective_due": "life.due - chance.ack * interval '20 hours'",
    "resolved_at": "life.resolved_at",
    "closed_at": "life.resolved_at",
    "breached_at": "CASE WHEN life.due < COALESCE(life.resolved_at,"
    " now() AT TIME ZONE 'UTC') THEN life.due END",
    "next_escalation_at": "CASE WHEN life.is_open THEN life.due + '2 days' END",
    "escalation_level": "CASE WHEN life.is_open AND n %% 10 = 0 THEN 1 ELSE 0 END",
}
PAST_ROWS = f"""
    {ROWS}
      JOIN LATERAL (SELECT random() + 0 * n AS ack, random() + 0 * n AS hours,
                           random() + 0 * n AS due) AS chance ON true
      JOIN LATERAL (SELECT
           n > %(count)s - 2 * %(open)s AND (n + n / 1000) %% 2 = 0 AS is_open,
           now() AT TIME ZONE 'UTC' - (%(count)s - n) / %(count)s::float
               * interval '90 days' AS opened_at) AS begun ON true
      JOIN LATERAL (SELECT begun.*,
           begun.opened_at + (4 + 56 * chance.due) * interval '1 hour' AS due,
           CASE WHEN NOT begun.is_open THEN LEAST(now() AT TIME ZONE 'UTC',
               begun.opened_at + chance.hours * interval '48 hours') END
               AS resolved_at) AS life ON true
      JOIN (SELECT id, family, queue_id, row_number() OVER (ORDER BY id) - 1 AS place,
                   count(*) OVER () AS number
              FROM retail_exception_type) AS kind
        ON kind.place = (n + n / 1000) %% kind.number
"""


def odoo(database, *arguments, script=None):
    """Start Odoo on a database, with a script for its shell; return the process."""
    place = {name: os.environ[f"RETAIL_OPS_DB_{name}"] for name in ("HOST", "USER")}
    command = [sys.executable, "-m", "odoo"]
    command += ["shell", "--no-http"] if script else []
    command += [f"--database={database}", f"--db_host={place['HOST']}"]
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


def drop(database):
    """Drop a database of the benchmark's server, if it is there."""
    with connect("postgres").cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")


def fresh_database(database):
    """Create the database, install core, and make a network with one exception."""
    drop(database)
    with connect("postgres").cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {database} TEMPLATE template0")
    assert odoo(database, "--init=retail_ops_core", "--stop-after-init").wait() == 0
    assert odoo(database, script=NETWORK).wait() == 0


def seed_late(cursor, count, late):
    """Copy the one exception ``count`` times over the stores, ``late`` of them late."""
    _copy(cursor, LATE, LATE_ROWS, count=count, late=late)


def _copy(cursor, values, rows, **figures):
    """Insert these values of ``rows``; other columns are the one exception's."""
    cursor.execute(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_name = 'retail_exception' AND column_name <> 'id'"
        " AND column_name <> ALL(%s)",
        [list(values)],
    )
    rest = [name for (name,) in cursor.fetchall()]
    columns = ", ".join(f'"{name}"' for name in [*values, *rest])
    chosen = ", ".join([*values.values(), *(f'seed."{name}"' for name in rest)])
    cursor.execute(
        f"INSERT INTO retail_exception ({columns}) SELECT {chosen} {rows} ORDER BY n",
        figures,
    )
    cursor.execute("VACUUM ANALYZE retail_exception")


# === A history of 90 days, shared by the benchmarks of screens === #
def history(purpose):
    """Read the benchmark's options and seed a history; return the database's name.

    Users bench_store, bench_region, bench_hq, bench_finance, bench_quality and
    bench_both work in it.
    """
    parser = argparse.ArgumentParser(
        description=purpose, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=720_000)
    parser.add_argument("--open", type=int, default=8_000)
    parser.add_argument(
        "--again",
        action="store_true",
        help="measure in the database that the benchmark before this has seeded",
    )
    options = parser.parse_args()
    if not options.again:
        _seed_history(options.rows, options.open)
    return HISTORY


def _seed_history(rows, still_open):
    fresh_database(HISTORY)
    assert odoo(HISTORY, script=PEOPLE).wait() == 0
    with connect(HISTORY).cursor() as cursor:
        _copy(cursor, PAST, PAST_ROWS, count=rows, open=still_open)
