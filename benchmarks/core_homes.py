"""Home screens at 720,000 exceptions, as a store, a region and headquarters.

    ./retail-ops bench core_homes [--rows 720000] [--open 8000] [--again]

Seeds a fresh database by plain SQL over 1,000 stores in 50 regions with 90 days of
history, then opens each user's home, three times after a first one, and prints the
median seconds and the number of queries. A second is the limit. Checklists and daily
reports are not seeded.
"""

import sys

from _core import history, odoo

MEASURE = """
import statistics, time
slowest = 0
LOGINS = ("store", "region", "hq", "finance", "both")
for login in map("bench_{}".format, LOGINS):
    person = env["res.users"].search([("login", "=", login)])
    seconds = []
    for _turn in range(4):
        env.invalidate_all()
        queries, begin = env.cr.sql_log_count, time.perf_counter()
        home = env["retail.home"].with_user(person).get_home()
        seconds.append(time.perf_counter() - begin)
        queries = env.cr.sql_log_count - queries
    median = statistics.median(seconds[1:])
    slowest = max(slowest, median)
    print(f"RESULT {login:14} {home['page']:14} {median:.3f} s  {queries} queries")
assert slowest < 1, slowest
"""


if __name__ == "__main__":
    sys.exit(odoo(history(__doc__), script=MEASURE).wait())
