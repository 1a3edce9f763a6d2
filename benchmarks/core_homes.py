"""Home screens at 720,000 exceptions, as a store, a region and headquarters.

    ./retail-ops bench core_homes [--rows 720000] [--open 8000]

Seeds a fresh database by plain SQL over 1,000 stores in 50 regions, 90 days of history
among it, then opens each user's home, three times after a first one, and prints the
median seconds and the number of queries. The limits are one second for stores and
regions and two for headquarters. Checklists and daily reports are not seeded.
"""

import argparse
import sys

from _core import connect, fresh_database, odoo, seed
from core_worklists import USERS, close_all_but

DATABASE = "retail_ops_bench_homes"

MEASURE = """
import statistics, time
for login in ("bench_store", "bench_region", "bench_hq", "bench_both"):
    person = env["res.users"].search([("login", "=", login)])
    seconds = []
    for _turn in range(4):
        env.invalidate_all()
        queries, begin = env.cr.sql_log_count, time.perf_counter()
        home = env["retail.home"].with_user(person).get_home()
        seconds.append(time.perf_counter() - begin)
        queries = env.cr.sql_log_count - queries
    print(f"RESULT {login:14} {home['page']:14} "
          f"{statistics.median(seconds[1:]):.3f} s  {queries} queries")
"""


def spread_over(cursor, days):
    """Let exceptions begin over the last days, and finished ones end hours later."""
    cursor.execute(
        "UPDATE retail_exception SET"
        " opened_at = (now() AT TIME ZONE 'utc') - random() * interval '1 day' * %s",
        [days],
    )
    cursor.execute(
        "UPDATE retail_exception SET resolved_at = LEAST(now() AT TIME ZONE 'utc',"
        " opened_at + random() * interval '40 hours') WHERE NOT is_open"
    )
    cursor.execute("VACUUM ANALYZE retail_exception")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=720_000)
    parser.add_argument("--open", type=int, default=8_000)
    options = parser.parse_args()
    fresh_database(DATABASE)
    assert odoo(DATABASE, script=USERS).wait() == 0
    with connect(DATABASE).cursor() as cursor:
        seed(cursor, options.rows, 0)
        close_all_but(cursor, options.open)
        spread_over(cursor, 90)
    return odoo(DATABASE, script=MEASURE).wait()


if __name__ == "__main__":
    sys.exit(main())
