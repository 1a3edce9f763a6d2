"""The SLA audit of a day among 720,000 exceptions.

    ./retail-ops bench core_sla_audit [--rows 720000] [--open 8000] [--again]

Seeds a fresh database by plain SQL over 1,000 stores with 90 days of history, then
records two days as the Scheduled Action does, one statement each, and prints the
seconds. Ten seconds is the limit: it runs by itself, once a day.
"""

import sys

from _core import history, odoo

MEASURE = """
import time
from datetime import date, timedelta
for days_ago in (2, 30):
    begin = time.perf_counter()
    audit = env["retail.sla.audit"]._audit(
        env.company, date.today() - timedelta(days=days_ago))
    took = time.perf_counter() - begin
    print(f"RESULT {audit.date}: {audit.due_count} deadlines in "
          f"{len(audit.line_ids)} lines, {took:.1f} s")
    assert took < 10, took
env.cr.rollback()
"""


if __name__ == "__main__":
    sys.exit(odoo(history(__doc__), script=MEASURE).wait())
