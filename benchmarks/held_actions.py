"""What the bridges cost where nothing is held: Odoo with them, beside Odoo without.

    ./retail-ops bench held_actions [--sittings 12]

Fresh databases with Odoo's Inventory, Purchase and Maintenance alone, and one with the
bridges on top. Each counts goods, scraps some, validates a receipt, confirms an order
and finishes a repair, one document at a time, ten in turn, so that what else the
machine does meets all alike. A process keeps the luck of its start, such as the places
of its memory, as long as it lives: each sitting has processes of its own, and a second
Odoo without the bridges tells how far apart equal ones are. Printed are the median
milliseconds and queries, and the median of the sittings' ratios by the clock and by the
processor time of Odoo alone, which a busy machine disturbs less: documents of no store
have to stay within 5 % in both. For the eye: the two without the bridges, and, in every
fourth sitting, a store within its limits, where the matrix is asked.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile

from _core import connect, drop, odoo

APPS = "stock,purchase,maintenance"
BRIDGES = "retail_ops_stock,retail_ops_purchase,retail_ops_maintenance"
DATABASES = {
    "plain": ("retail_ops_bench_plain", APPS),
    "again": ("retail_ops_bench_again", APPS),
    "bridged": ("retail_ops_bench_bridged", f"{APPS},{BRIDGES}"),
}
ACTIONS = ("count", "scrap", "transfer", "order", "repair")
PLACES = ("no store", "store")
EQUAL = "without twice"
STORE_EVERY = 4
LIMIT = 1.05
DOCUMENTS = 10

# Runs in Odoo's shell, told through a pipe what to do next. Nothing is committed.
SCRIPT = """
import gc, json, time
from odoo import Command

orders, answers = map(open, json.loads(PIPES), "rw")
supplier = env["res.partner"].create({"name": "Bench supplier"})
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

def transfer(where):
    goods, shelf = stocked(where)
    vendors = env.ref("stock.stock_location_suppliers")
    receipt = env["stock.picking"].create({
        "picking_type_id": warehouses[where].in_type_id.id,
        "location_id": vendors.id, "location_dest_id": shelf.id,
        "move_ids": [Command.create({
            "product_id": goods.id, "product_uom_qty": 5, "location_id": vendors.id,
            "location_dest_id": shelf.id})]})
    receipt.action_confirm()
    receipt.move_ids.write({"quantity": 5, "picked": True})
    return receipt.button_validate

def order(where):
    values = {"partner_id": supplier.id, "order_line": [
        Command.create({"product_id": product().id, "product_qty": 1,
                        "price_unit": 2.0}) for _line in range(3)]}
    if where in stores:
        values["store_id"] = stores[where].id
    return env["purchase.order"].create(values).button_confirm

def repair(where):
    equipment = env["maintenance.equipment"].create({"name": "Bench oven"})
    if where in stores:
        equipment.store_id = stores[where]
    request = env["maintenance.request"].create(
        {"name": "Bench", "equipment_id": equipment.id})
    return lambda: request.write({"stage_id": finished.id})

def timed(act):
    env.clear()  # as a request of its own begins
    before = time.perf_counter(), time.process_time(), env.cr.sql_log_count
    act()
    env.flush_all()
    after = time.perf_counter(), time.process_time(), env.cr.sql_log_count
    return [end - begin for begin, end in zip(before, after)]

actions = {"count": count, "scrap": scrap, "transfer": transfer, "order": order,
           "repair": repair}
for line in orders:
    name, where, documents = json.loads(line)
    acts = [actions[name](where) for _document in range(documents)]
    env.flush_all()
    gc.collect()
    timed(acts.pop())  # caches are warm after this, as on a working day
    print(json.dumps([timed(act) for act in acts]), file=answers, flush=True)
"""


class Worker:
    """An Odoo on one of the databases that does what it is told."""

    def __init__(self, folder, name):
        pipes = [f"{folder}/{name}.{way}" for way in ("orders", "answers")]
        for pipe in pipes:
            os.mkfifo(pipe)
        script = f"PIPES = {json.dumps(pipes)!r}\n{SCRIPT}"
        self.process = odoo(DATABASES[name][0], script=script)
        self.orders, self.answers = open(pipes[0], "w"), open(pipes[1])

    def act(self, action, place):
        """Return median seconds, processor seconds and queries of some documents."""
        what = json.dumps([action, place, DOCUMENTS + 1])
        print(what, file=self.orders, flush=True)
        return middle(json.loads(self.answers.readline()))

    def end(self):
        self.orders.close()
        assert self.process.wait() == 0


def prepare(database, modules):
    """Install the apps on a fresh database."""
    drop(database)
    with connect("postgres").cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {database} TEMPLATE template0")
    installing = odoo(database, f"--init={modules}", "--stop-after-init", "--no-http")
    assert installing.wait() == 0


def measure(sittings):
    """Return ``(action, what) -> pairs`` of figures, without the bridges first."""
    pairs = {}
    for sitting in range(sittings):
        with tempfile.TemporaryDirectory() as folder:
            workers = {name: Worker(folder, name) for name in DATABASES}
            for key, pair in compare(workers, with_store=not sitting % STORE_EVERY):
                pairs.setdefault(key, []).append(pair)
            for worker in workers.values():
                worker.end()
    return dict(sorted(pairs.items(), key=lambda item: ACTIONS.index(item[0][0])))


def compare(workers, with_store):
    """Yield ``(action, what), pair`` for each comparison of one sitting."""
    for action in ACTIONS:
        for place in PLACES if with_store else PLACES[:1]:
            plain = workers["plain"].act(action, PLACES[0])
            yield (action, place), (plain, workers["bridged"].act(action, place))
            if place == PLACES[0]:
                yield (action, EQUAL), (plain, workers["again"].act(action, place))


def middle(figures):
    """Return the median of each column."""
    return [statistics.median(column) for column in zip(*figures, strict=True)]


def ratios_of(pair):
    """Return how many times the first of a pair the second is, in each figure."""
    return [with_us / without for without, with_us in zip(*pair, strict=True)]


def report(pairs):
    """Print the comparison; return whether documents of no store stay in the limit."""
    met = True
    print(f"{'':<22}{'Odoo':>15}{'beside it':>15}{'clock':>8}{'processor':>11}")
    for (action, place), figures in pairs.items():
        ratios = middle(map(ratios_of, figures))
        sides = [middle(side) for side in zip(*figures, strict=True)]
        cells = [f"{1000 * took:.1f} ms {queries:.0f} q" for took, _, queries in sides]
        verdict = ""
        if place == PLACES[0]:
            kept = max(ratios[:2]) <= LIMIT
            met, verdict = met and kept, "met" if kept else "NOT met"
        print(
            f"{action + ', ' + place:<22}{cells[0]:>15}{cells[1]:>15}"
            f"{ratios[0]:>8.3f}{ratios[1]:>11.3f}  {verdict}"
        )
    return met


def main():
    """Measure once and print; the exit code tells whether the limit was kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sittings", type=int, default=12)
    options = parser.parse_args()
    try:
        for database, modules in DATABASES.values():
            prepare(database, modules)
        met = report(measure(options.sittings))
    finally:
        for database, _modules in DATABASES.values():
            drop(database)
    sys.exit(not met)


if __name__ == "__main__":
    main()
