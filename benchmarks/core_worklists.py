"""Worklists at 720,000 exceptions, as a store, a region, headquarters and two of these.

    ./retail-ops bench core_worklists [--rows 720000] [--open 8000]

Seeds a fresh database by plain SQL over 1,000 stores in 50 regions, then opens *Open
exceptions* (the first 80 rows and their number) as each user, three times after a first
one, and prints the median seconds and the number of queries. A second is the limit.
"""

import argparse
import sys

from _core import connect, fresh_database, odoo, seed

DATABASE = "retail_ops_bench_lists"

USERS = """
regions = env["retail.region"].create(
    [{"name": f"R{n}", "code": f"BR{n}"} for n in range(50)])
stores = env["retail.store"].search([("code", "=like", "B%")])
for number, store in enumerate(stores):
    store.region_id = regions[number % 50]

def user(login, *groups):
    links = [env.ref(f"retail_ops_core.group_{group}").id for group in groups]
    return env["res.users"].create(
        {"name": login, "login": login, "group_ids": [(6, 0, links)]})

stores[0].manager_id = user("bench_store", "store_manager")
regions[1].manager_id = user("bench_region", "regional_manager")
user("bench_hq", "operations")
both = user("bench_both", "regional_manager", "loss_prevention")
regions[2].manager_id = both
env.cr.commit()
"""

MEASURE = """
import statistics, time
Exceptions = env["retail.exception"]
spec = {name: {} for name in (
    "name", "summary", "severity", "impact_amount", "effective_due", "state")}
spec.update({name: {"fields": {"display_name": {}}} for name in (
    "store_id", "type_id", "user_id")})
for login in ("bench_store", "bench_region", "bench_hq", "bench_both"):
    person = env["res.users"].search([("login", "=", login)])
    seconds = []
    for _turn in range(4):
        env.invalidate_all()
        queries, begin = env.cr.sql_log_count, time.perf_counter()
        found = Exceptions.with_user(person).web_search_read(
            [("is_open", "=", True)], spec, limit=80, count_limit=10001)
        seconds.append(time.perf_counter() - begin)
        queries = env.cr.sql_log_count - queries
    print(f"RESULT {login:14} {found['length']:6} open  "
          f"{statistics.median(seconds[1:]):.3f} s  {queries} queries")
"""


def close_all_but(cursor, still_open):
    """Finish the older exceptions, as years of history would stand there."""
    cursor.execute(
        "UPDATE retail_exception SET is_open = false, state = 'closed',"
        " needs_classification = false"
        " WHERE id <= (SELECT max(id) FROM retail_exception) - %s",
        [still_open],
    )
    cursor.execute(
        "UPDATE retail_exception SET region_id = store.region_id"
        " FROM retail_store store WHERE store.id = store_id"
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
    return odoo(DATABASE, script=MEASURE).wait()


if __name__ == "__main__":
    sys.exit(main())
