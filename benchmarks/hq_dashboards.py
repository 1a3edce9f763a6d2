"""HQ dashboards and homes at 720,000 exceptions and 1,000 stores.

    ./retail-ops bench hq_dashboards [--rows 720000] [--open 8000] [--again]

Seeds a fresh database by plain SQL over 1,000 stores in 50 regions with 90 days of
history, installs the dashboards, seeds 50,000 requests, 100,000 checklist lines,
200,000 events and 90,000 daily reports (of fewer exceptions, their share) and computes
every KPI back to its horizon. It asks for what each dashboard shows of its last 30
days, as headquarters, three times after a first one: all cards, charts and tables one
after the other, which a browser asks for side by side; and for each table of the
control tower. Prints the median seconds of each; two are the limit. Every page of each
user's home follows, with a second. Then once each: an hourly run over the fresh days,
the check that dashboard, list, snapshots and hours agree over a week of every KPI, and
the look for outliers of a week.
"""

import sys

from _around import seed_around
from _core import connect, history, odoo

KPIS = """
import time
begin = time.perf_counter()
for kpi, first, last, is_full in env["retail.kpi"]._plan():
    kpi._snapshot(first, last)
    kpi._note_progress(last, is_full)
    env.cr.commit()
seconds = time.perf_counter() - begin
count = env["retail.kpi.snapshot"].search_count([])
print(f"RESULT snapshots      {count} rows computed in {seconds:.1f} s")
hours = env["retail.kpi.hour"]
days = len(hours._read_group([], ["day:day"]))
count = hours.search_count([])
print(f"RESULT hours          {count} rows, {count // days} a day kept")
"""

MEASURE = """
import statistics, time
from datetime import timedelta
from odoo.addons.retail_ops_dashboard.tools import board_specs, boards, control_tower

def questions(board):
    for card in board.cards:
        yield card.source, [], [card.measure]
    for chart in board.charts:
        yield chart.source, chart.groups, [chart.measure]
    for table in board.tables:
        yield table.source, [table.field], [name for _h, name, _s in table.columns]

def domain_of(source):
    period = source.matching.get(boards.PERIOD)
    recent = [[period[0], ">=", "today -30d"]] if period else []
    return [*source.domain, *recent]

def ask(board, person):
    for source, groups, measures in questions(board):
        env[source.model].with_user(person).formatted_read_group(
            domain_of(source), groups, measures)

def ask_tower(pivot, person):
    groups = [each["fieldName"] for each in [*pivot["rows"], *pivot["columns"]]]
    env[pivot["model"]].with_user(person).formatted_read_group(
        pivot["domain"], groups, ["__count"])

def median_of(question):
    seconds, queries = [], 0
    for _turn in range(4):
        env.invalidate_all()
        before, begin = env.cr.sql_log_count, time.perf_counter()
        question()
        seconds.append(time.perf_counter() - begin)
        queries = env.cr.sql_log_count - before
    return statistics.median(seconds[1:]), queries

def person(login):
    return env["res.users"].search([("login", "=", login)])

boards_slowest = homes_slowest = 0
for board in board_specs.BOARDS:
    seconds, queries = median_of(lambda: ask(board, person("bench_hq")))
    boards_slowest = max(boards_slowest, seconds)
    print(f"RESULT {board.title:20} {seconds:.3f} s  {queries} queries")
for pivot in control_tower.pivots().values():
    seconds, queries = median_of(lambda: ask_tower(pivot, person("bench_hq")))
    boards_slowest = max(boards_slowest, seconds)
    print(f"RESULT tower: {pivot['name']:13} {seconds:.3f} s  {queries} queries")
for login in ("store", "region", "hq", "finance", "both", "integrator"):
    home = env["retail.home"].with_user(person(f"bench_{login}"))
    for page in [each["key"] for each in home.get_home()["pages"]]:
        seconds, queries = median_of(lambda: home.get_home(page))
        homes_slowest = max(homes_slowest, seconds)
        name = f"{login}: {page}"
        print(f"RESULT home {name:23} {seconds:.3f} s  {queries} queries")

def once(name, question):
    begin = time.perf_counter()
    said = question()
    print(f"RESULT {name:20} {time.perf_counter() - begin:.1f} s  {said}")

def fresh_run():
    fresh = [part for part in env["retail.kpi"]._plan() if not part[3]]
    for kpi, first, last, _full in fresh:
        kpi._snapshot(first, last)
    return f"{len(fresh)} KPIs"

def agreement():
    # Deadlines pass while this runs: of days that are over everywhere.
    last = env["retail.kpi"]._latest_day() - timedelta(days=2)
    computed = env["retail.kpi"].search([]).filtered("is_computed")
    week = last - timedelta(days=7), last
    found = [text for kpi in computed for text in kpi._disagreements(*week)]
    assert not found, found[:3]
    return f"{len(computed)} KPIs agree"

def outliers():
    runs = env["retail.outlier.run"]
    runs._cron_look()
    return f"{len(runs.search([]))} weeks looked at"

once("hourly run", fresh_run)
once("agreement", agreement)
once("outliers", outliers)
assert boards_slowest < 2, boards_slowest
assert homes_slowest < 1, homes_slowest
"""


def main():
    """Seed, install, compute and measure; return the exit status."""
    database = history(__doc__)
    install = "--init=retail_ops_dashboard", "--stop-after-init"
    assert odoo(database, *install).wait() == 0
    seed_around(database)
    assert odoo(database, script=KPIS).wait() == 0
    with connect(database).cursor() as cursor:
        # As autovacuum would have done by the time that anybody looks.
        for table in ("retail_exception", "retail_kpi_snapshot", "retail_kpi_hour"):
            cursor.execute(f"VACUUM ANALYZE {table}")
    return odoo(database, script=MEASURE).wait()


if __name__ == "__main__":
    sys.exit(main())
