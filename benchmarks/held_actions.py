"""What the bridges cost where nothing is held: Odoo with them, beside Odoo without.

    ./retail-ops bench held_actions [--rounds 15]

Two fresh databases, one with Odoo's Inventory, Purchase and Maintenance alone, one with
the bridges on top. Both count goods, scrap some, confirm an order and finish a repair,
turn by turn, one document at a time. Printed are the median milliseconds of both, the
queries, and the ratio of the medians: documents of no store have to stay within 5 %.
Beside it, for the eye: a store within its limits, where the matrix is asked.
"""

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

from _core import connect, odoo

APPS = "stock,purchase,maintenance"
BRIDGES = "retail_ops_stock,retail_ops_purchase,retail_ops_maintenance"
DATABASES = {
    "plain": ("retail_ops_bench_plain", APPS),
    "bridged": ("retail_ops_bench_bridged", f"{APPS},{BRIDGES}"),
}
LIMIT = 1.05
DOCUMENTS = 10

# Runs in Odoo's shell: both databases take turns by a lock, so that what else the
# machine does meets both alike. Everything is rolled back.
SCRIPT = """
import fcntl, json, time
from odoo import Command

place, rounds, documents, results = json.loads(PARAMETERS)
supplier = env["res.partner"].create({"name": "Bench supplier"})
equipment = env["maintenance.equipment"].create({"name": "Bench oven"})
finished = env["maintenance.stage"].search([("done", "=", True)], limit=1)
warehouses = {"no store": env["stock.warehouse"].create({"name": "N", "code": "BN"})}
stores = {}
if "retail.store" in env.registry:
    region = env["retail.region"].create(
        {"name": "Bench", "code": "B", "manager_id": 2})
    store = env["retail.store"].create({
        "name": "Bench", "code": "B1", "region_id": region.id, "manager_id": 2,
        "resource_calendar_id": env.company.resource_calendar_id.id})
    warehouses["store"] = env["stock.warehouse"].create({"name": "S", "code": "BS"})
    store.warehouse_id = warehouses["store"]
    stores["store"] = store

def product():
    return env["product.product"].create(
        {"name": "Bench", "is_storable": True, "standard_price": 0.1})

def stocked(where):
    shelf, goods = warehouses[where].lot_stock_id, product()
    env["stock.quant"].sudo()._update_available_quantity(goods, shelf, 100)
    return goods, shelf

def count(where):
    goods, shelf = stocked(where)
    quant = env["stock.quant"].with_context(inventory_mode=True).search(
        [("product_id", "=", goods.id), ("location_id", "=", shelf.id)])
    quant.inventory_quantity = 99
    return quant.action_apply_inventory

def scrap(where):
    goods, shelf = stocked(where)
    return env["stock.scrap"].create({
        "product_id": goods.id, "scrap_qty": 1, "location_id": shelf.id}).do_scrap

def order(where):
    values = {"partner_id": supplier.id, "order_line": [
        Command.create({"product_id": product().id, "product_qty": 1,
                        "price_unit": 2.0}) for _line in range(3)]}
    if where in stores:
        values["store_id"] = stores[where].id
    return env["purchase.order"].create(values).button_confirm

def repair(where):
    if where in stores:
        equipment.store_id = stores[where]
    elif stores:
        equipment.store_id = False
    request = env["maintenance.request"].create(
        {"name": "Bench", "equipment_id": equipment.id})
    return lambda: request.write({"stage_id": finished.id})

def timed(act):
    env.invalidate_all()
    queries, began = env.cr.sql_log_count, time.perf_counter()
    act()
    env.flush_all()
    return time.perf_counter() - began, env.cr.sql_log_count - queries

figures = {}
actions = {"count": count, "scrap": scrap, "order": order, "repair": repair}
for turn in range(rounds):
    with open(place, "w") as turns:
        fcntl.flock(turns, fcntl.LOCK_EX)
        for name, begin in actions.items():
            for where in warehouses:
                acts = [begin(where) for _document in range(documents)]
                env.flush_all()
                timed(begin(where))  # caches are warm after this, as on a working day
                figures.setdefault(f"{name}, {where}", []).extend(map(timed, acts))
    time.sleep(0.2)
with open(results, "w") as file:
    json.dump(figures, file)
"""


def prepare(database, modules):
    """Install the apps on a fresh database."""
    with connect("postgres").cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {database} TEMPLATE template0")
    installing = odoo(database, f"--init={modules}", "--stop-after-init", "--no-http")
    assert installing.wait() == 0


def measure(folder, rounds):
    """Let both work in turns; return name -> figures of each action."""
    places = {name: str(Path(folder, name)) for name in DATABASES}
    running = []
    for name, (database, _modules) in DATABASES.items():
        facts = json.dumps([f"{folder}/turn", rounds, DOCUMENTS, places[name]])
        script = f"PARAMETERS = {facts!r}\n{SCRIPT}"
        running.append(odoo(database, script=script))
    assert all(process.wait() == 0 for process in running)
    return {name: json.loads(Path(places[name]).read_text()) for name in DATABASES}


def middle(figures):
    """Return (median milliseconds, median queries), the first round left out."""
    seconds, queries = zip(*figures[DOCUMENTS:], strict=True)
    return 1000 * statistics.median(seconds), statistics.median(queries)


def report(plain, bridged):
    """Print the comparison; return whether documents of no store stay in the limit."""
    met = True
    print(f"{'':<20}{'Odoo':>16}{'with bridges':>18}{'ratio':>8}")
    for name, figures in bridged.items():
        free = name.endswith("no store")
        without = middle(plain[name.split(",")[0] + ", no store"])
        ours = middle(figures)
        ratio = ours[0] / without[0]
        met = met and (not free or ratio <= LIMIT)
        cells = [f"{ms:.1f} ms {count:.0f} q" for ms, count in (without, ours)]
        verdict = "" if not free else "met" if ratio <= LIMIT else "NOT met"
        print(f"{name:<20}{cells[0]:>16}{cells[1]:>18}{ratio:>8.3f}  {verdict}")
    return met


def main():
    """Measure once and print; the exit code tells whether the limit was kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    for database, modules in DATABASES.values():
        prepare(database, modules)
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(folder, options.rounds)
    sys.exit(not report(figures["plain"], figures["bridged"]))


if __name__ == "__main__":
    main()
