"""Verifying an audit ledger of a million entries, and finding the one that was altered.

    ./retail-ops bench core_ledger [--rows 1000000]

Seeds a fresh database with entries as the product writes them, lets the sealer chain
them, then verifies the whole chain. Afterwards the owner of the database switches the
trigger off and alters one entry: verification has to name that very row. Printed are
the seconds of each; two minutes for a verification is the limit.
"""

import argparse
import sys

from _core import connect, fresh_database, odoo

DATABASE = "retail_ops_bench_ledger"
LIMIT_SECONDS = 120

SEED = """
import io, json, time
from datetime import datetime, timedelta
from odoo.addons.retail_ops_core.tools import ledger
Entry = env["retail.audit.entry"]
NAMES = ("recorded_at", "user_id", "company_id", "model", "res_id", "action", "facts",
         "correlation_id", "digest")
begin = time.perf_counter()
for start in range(0, ROWS, 50_000):
    lines = io.StringIO()
    for number in range(start, min(start + 50_000, ROWS)):
        row = {
            "recorded_at": datetime(2026, 1, 1) + timedelta(seconds=number),
            "user_id": 2 + number % 5000, "company_id": 1,
            "model": "retail.exception", "res_id": number // 3 + 1,
            "action": ("exception.triaged", "exception.assigned", "exception.resolved",
                       )[number % 3],
            "facts": {"from": "new", "to": "triaged", "amount": number % 977},
            "correlation_id": f"bench-{number // 3}",
        }
        row["digest"] = ledger.entry_digest(Entry._hashed_content(row))
        row["facts"] = json.dumps(row["facts"])
        lines.write("\\t".join(str(row[name]) for name in NAMES) + "\\n")
    lines.seek(0)
    env.cr._obj.copy_expert(
        f"COPY retail_audit_entry ({', '.join(NAMES)}) FROM STDIN", lines)
env.cr.commit()
print(f"RESULT seeded in {time.perf_counter() - begin:.1f} s")
begin = time.perf_counter()
while env["retail.audit.seal"]._seal_batch():
    env.cr.commit()
print(f"RESULT sealed in {time.perf_counter() - begin:.1f} s")
"""

VERIFY = """
import time
begin = time.perf_counter()
found = env["retail.audit.seal"]._verify()
took = time.perf_counter() - begin
print(f"RESULT verified {found['sealed']} in {took:.1f} s, unsealed "
      f"{found['unsealed']}, first bad entry {found['first_bad_entry']}")
assert found["first_bad_entry"] == EXPECTED, found
assert EXPECTED or (found["sealed"] >= ROWS and not found["unsealed"]), found
assert took < LIMIT, took
"""

ALTER = """
    ALTER TABLE retail_audit_entry DISABLE TRIGGER USER;
    UPDATE retail_audit_entry SET facts = '{"amount": 0}' WHERE id = %(row)s;
    ALTER TABLE retail_audit_entry ENABLE TRIGGER USER;
"""


def run(script, **values):
    """Run a script in Odoo's shell with these values set; return its exit code."""
    heading = "".join(f"{name} = {value!r}\n" for name, value in values.items())
    return odoo(DATABASE, script=heading + script).wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    fresh_database(DATABASE)
    if run(SEED, ROWS=rows):
        return 1
    whole = run(VERIFY, ROWS=rows, EXPECTED=None, LIMIT=LIMIT_SECONDS)
    with connect(DATABASE).cursor() as cursor:
        cursor.execute(
            "SELECT entry_id FROM retail_audit_seal ORDER BY id DESC LIMIT 1"
        )
        [last] = cursor.fetchone()
        cursor.execute(ALTER, {"row": last - 10})
    altered = run(VERIFY, ROWS=rows, EXPECTED=last - 10, LIMIT=LIMIT_SECONDS)
    return whole or altered


if __name__ == "__main__":
    sys.exit(main())
