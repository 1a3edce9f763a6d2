"""What the benchmarks of core share: a database of their own, seeded by plain SQL."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg2

ADDONS = Path(__file__).resolve().parent.parent / "addons"

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


def fresh_database(database):
    """Create the database, install core, and make a network with one exception."""
    with connect("postgres").cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {database} TEMPLATE template0")
    assert odoo(database, "--init=retail_ops_core", "--stop-after-init").wait() == 0
    assert odoo(database, script=NETWORK).wait() == 0


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
         ORDER BY n
        """,
        {"count": count, "late": late},
    )
    cursor.execute("ANALYZE retail_exception")
