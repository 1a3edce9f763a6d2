"""The SLA pass over 50,000 open exceptions, 5,000 of them past their deadline.

    ./retail-ops bench core_sla [--open 50000] [--late 5000]

Seeds a fresh database by plain SQL, lets the Scheduled Action escalate, kills it in
the middle with SIGKILL, lets it go on, and prints the seconds both parts took,
and how many exceptions were escalated: each late one once.
"""

import argparse
import signal
import subprocess
import sys
import time

from _core import connect, fresh_database, odoo, seed_late

DATABASE = "retail_ops_bench_sla"
SECONDS_BEFORE_THE_KILL = 6

PASS = """
env["retail.exception"]._cron_escalate()
env.cr.commit()
"""


def timed_pass(seconds=None):
    """Run the pass, killed after ``seconds``; return how long it ran."""
    begin = time.monotonic()
    process = odoo(DATABASE, script=PASS)
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
    fresh_database(DATABASE)
    with connect(DATABASE).cursor() as cursor:
        seed_late(cursor, options.open, options.late)
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
