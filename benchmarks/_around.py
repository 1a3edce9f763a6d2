"""What stands around exceptions: requests, checklists, events and daily reports.

One of each is made by Odoo itself and copied by plain SQL, like the exceptions.
"""

from _core import connect, odoo

# How many there are of each beside 720,000 exceptions of 90 days.
EXCEPTIONS = 720_000
REQUESTS, LINES, EVENTS, REPORTS = 50_000, 100_000, 200_000, 90_000
LINES_EACH = 10

ONE_OF_EACH = """
from datetime import timedelta
from odoo import Command, fields
now = fields.Datetime.now()
[store] = env["retail.store"].search([("code", "=", "B0002")])
kind = env.ref("retail_ops_core.type_inventory_discrepancy")
[case] = env["retail.exception"].sudo()._intake([
    {"store_id": store.id, "type_id": kind.id, "summary": "Asked for",
     "expected_quantity": 12, "counted_quantity": 7, "unit_cost": 14.5}])
if not case.approval_request_ids:
    case.action_request_approval()
[request] = case.approval_request_ids
assert request.step_ids, request.block
template = env["retail.checklist.template"].create({"name": "Opening", "kind": "daily"})
env["retail.checklist"].create({
    "name": template.name, "template_id": template.id, "kind": template.kind,
    "store_id": store.id, "period": "seed", "start_at": now - timedelta(days=91),
    "due_at": now - timedelta(days=90), "ready_percent": 100, "state": "done",
    "item_ids": [Command.create({
        "sequence": number, "name": f"Line {number}", "state": "done",
        "due_at": now - timedelta(days=90), "was_late": False,
        "answered_at": now - timedelta(days=90)}) for number in range(%(lines)s)]})
owner, machine = env["res.users"].create([
    {"name": role, "login": f"bench_{role}", "group_ids": [
        Command.set(env.ref(f"retail_ops_integrations.group_{role}").ids)]}
    for role in ("integrator", "integration")])
reported = env["retail.event.type"].search([
    ("name", "=", "store.exception.reported")], limit=1)
source = env["retail.source"].create({
    "name": "Bench", "code": "bench", "user_id": machine.id, "owner_id": owner.id,
    "environment": "test", "latency_class": "near_real_time",
    "event_type_ids": [Command.set(reported.ids)]})
env["retail.source"]._receive_demo(
    source.id, "seed", "store.exception.reported", 1,
    {"store": "B0002", "exception_type": "customer_complaint", "summary": "Seed"})
env["retail.store.report"].create(
    {"store_id": store.id, "business_date": fields.Date.today() - timedelta(days=91)})
env.cr.commit()
"""

# The newest first: moment n of count, evenly over the 90 days.
MOMENT = """
    JOIN LATERAL (SELECT now() AT TIME ZONE 'UTC'
        - (%(count)s - n) / %(count)s::float * interval '90 days' AS at,
        random() + 0 * n AS luck) AS moment ON true
"""
ROWS = f"""
    FROM (SELECT * FROM {{table}} ORDER BY id LIMIT 1) AS seed,
         generate_series(1, %(count)s) AS n
    JOIN (SELECT id, region_id, row_number() OVER (ORDER BY id) - 1 AS place
            FROM retail_store WHERE code LIKE 'B%%') AS store
      ON store.place = n %% 1000
    {MOMENT}
"""
# One in twenty-five waits, the newest; of the others one in six was refused.
REQUEST = {
    "name": "'BENCH/' || n",
    "store_id": "store.id",
    "region_id": "store.region_id",
    "res_id": "seed.res_id + n",
    "is_blocked": "false",
    "block": "NULL",
    "state": "CASE WHEN n > 0.96 * %(count)s THEN 'pending'"
    " WHEN n %% 6 = 0 THEN 'rejected' ELSE 'approved' END",
    "requested_at": "moment.at",
    "due_at": "moment.at + interval '24 hours'",
    "decided_at": "CASE WHEN n <= 0.96 * %(count)s"
    " THEN moment.at + moment.luck * interval '36 hours' END",
}
STEP = {
    "request_id": "request.id",
    "state": "CASE WHEN request.state = 'pending' THEN seed.state"
    " ELSE request.state END",
    "opened_at": "request.requested_at",
    "due_at": "request.due_at",
    "remind_at": "NULL",
}
STEP_ROWS = """
    FROM retail_approval_request_step AS seed
    JOIN retail_approval_request AS request ON request.name LIKE 'BENCH/%%'
"""
# Who decides in a region is asked of its own stores alone.
ASKED = """
    INSERT INTO retail_approval_request_step_user_rel
    SELECT step.id, person.res_users_id
      FROM retail_approval_request_step AS step
      JOIN retail_approval_request AS request ON request.id = step.request_id
      JOIN retail_approval_request_step AS seed
        ON seed.step_id = step.step_id
       AND seed.request_id = (SELECT MIN(id) FROM retail_approval_request)
      JOIN retail_approval_request_step_user_rel AS person
        ON person.retail_approval_request_step_id = seed.id
     WHERE request.name LIKE 'BENCH/%%' AND request.region_id = (
           SELECT region_id FROM retail_store WHERE code = 'B0002')
    ON CONFLICT DO NOTHING
"""
# A list a store and day; of the newest one in five is open, and its last line late.
CHECKLIST = {
    "store_id": "store.id",
    "region_id": "store.region_id",
    "period": "'bench ' || n",
    "start_at": "moment.at",
    "due_at": "moment.at + interval '8 hours'",
    "state": "CASE WHEN n > 0.97 * %(count)s AND n %% 5 = 0 THEN 'open'"
    " ELSE 'done' END",
}
ITEM = {
    "checklist_id": "list.id",
    "store_id": "list.store_id",
    "region_id": "list.region_id",
    "due_at": "list.due_at",
    "state": "CASE WHEN list.state = 'open' AND seed.sequence > 6 THEN 'open'"
    " ELSE 'done' END",
    "is_overdue": "list.state = 'open' AND seed.sequence > 8",
    "was_late": "(list.id + seed.sequence) %% 40 = 0",
    "answered_at": "CASE WHEN list.state = 'done' OR seed.sequence <= 6"
    " THEN list.due_at - interval '2 hours' END",
}
ITEM_ROWS = """
    FROM retail_checklist_item AS seed
    JOIN retail_checklist AS list ON list.period LIKE 'bench %%'
"""
# A report a store and day: of the last day one in three waits, of older ones one in
# fifty is missing and one in twenty was late.
REPORT = {
    "store_id": "store.id",
    "region_id": "store.region_id",
    "business_date": "current_date - (%(count)s - n) / 1000",
    "state": "CASE WHEN n %% 50 = 0 OR n > %(count)s - 1000 AND n %% 3 = 0"
    " THEN 'draft' WHEN n %% 10 = 1 THEN 'submitted' ELSE 'validated' END",
    "due_at": "current_date - (%(count)s - n) / 1000 + interval '22 hours'",
    "filing": "CASE WHEN n > %(count)s - 1000 AND n %% 3 = 0 THEN 'awaited'"
    " WHEN n %% 50 = 0 THEN 'missing' WHEN n %% 20 = 1 THEN 'late'"
    " ELSE 'on_time' END",
    "hours_late": "CASE WHEN n %% 20 = 1 THEN 3 ELSE 0 END",
    "missing_at": "CASE WHEN n %% 50 = 0"
    " THEN current_date - (%(count)s - n) / 1000 + interval '22 hours' END",
    "submitted_at": "current_date - (%(count)s - n) / 1000 + interval '21 hours'",
    "filed_at": "current_date - (%(count)s - n) / 1000 + interval '21 hours'",
    "validation": "CASE WHEN n %% 25 = 3 THEN 'failed' ELSE 'passed' END",
}
EVENT = {
    "event_id": "'bench-' || n",
    "occurred_at": "moment.at",
    "received_at": "moment.at + interval '2 seconds'",
}
# One in a thousand is dead, one in five hundred parked: a person's work.
JOB = {
    "payload_id": "event.id",
    "exception_id": "NULL",
    "state": "CASE WHEN event.id %% 1000 = 0 THEN 'dead'"
    " WHEN event.id %% 500 = 1 THEN 'parked' ELSE 'done' END",
    "error_class": "CASE WHEN event.id %% 1000 = 0 OR event.id %% 500 = 1"
    " THEN 'business' END",
    "finished_at": "event.received_at + interval '3 seconds'",
    "next_at": "NULL",
}
JOB_ROWS = """
    FROM (SELECT * FROM retail_event_job ORDER BY id LIMIT 1) AS seed
    JOIN retail_event AS event ON event.event_id LIKE 'bench-%%'
"""


def seed_around(database):
    """Seed requests, checklist lines, events and reports, as exceptions call for.

    :param database: name of one that has the dashboards and the people of a history
    """
    with connect(database).cursor() as cursor:
        cursor.execute("SELECT count(*) FROM retail_checklist")
        if cursor.fetchone()[0]:
            return  # measured in again
        cursor.execute("SELECT count(*) FROM retail_exception")
        [exceptions] = cursor.fetchone()
    requests, lines, events, reports = (
        max(round(number * exceptions / EXCEPTIONS), 50)
        for number in (REQUESTS, LINES, EVENTS, REPORTS)
    )
    script = ONE_OF_EACH % {"lines": LINES_EACH}
    assert odoo(database, script=script).wait() == 0
    with connect(database).cursor() as cursor:
        _spread(cursor, "retail_approval_request", REQUEST, requests)
        _copy(cursor, "retail_approval_request_step", STEP, STEP_ROWS)
        cursor.execute(ASKED, {})
        _spread(cursor, "retail_checklist", CHECKLIST, lines // LINES_EACH)
        _copy(cursor, "retail_checklist_item", ITEM, ITEM_ROWS)
        _spread(cursor, "retail_event", EVENT, events)
        _copy(cursor, "retail_event_job", JOB, JOB_ROWS)
        _spread(cursor, "retail_store_report", REPORT, reports)
    print(
        f"RESULT around         {requests} requests, {lines} lines, {events} events, "
        f"{reports} reports"
    )


def _spread(cursor, table, values, count):
    """Copy the one row of a table over the stores and the 90 days."""
    _copy(cursor, table, values, ROWS.format(table=table) + " ORDER BY n", count)


def _copy(cursor, table, values, rows, count=0):
    """Insert these values of ``rows``; other columns are those of ``seed``."""
    cursor.execute(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_name = %s AND column_name <> 'id' AND column_name <> ALL(%s)",
        [table, list(values)],
    )
    rest = [name for (name,) in cursor.fetchall()]
    columns = ", ".join(f'"{name}"' for name in [*values, *rest])
    chosen = ", ".join([*values.values(), *(f'seed."{name}"' for name in rest)])
    cursor.execute(
        f"INSERT INTO {table} ({columns}) SELECT {chosen} {rows}", {"count": count}
    )
    cursor.execute(f"VACUUM ANALYZE {table}")
