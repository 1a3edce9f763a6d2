"""What a worker of the soak does until it dies; imported once Odoo is set up."""

import os
import signal

from odoo import SUPERUSER_ID, api

from odoo.addons.retail_ops_integrations.models import (
    retail_delivery_queue,
    retail_event_queue,
)
from odoo.addons.retail_ops_integrations.tools import courier, envelope

from tests.soak.boundaries import BOUNDARIES

INTAKE = "stock.discrepancy.found"


def live(registry, order):
    """Do the work of one worker."""
    retail_event_queue.LEASE_SECONDS = order["lease"]
    retail_delivery_queue.LEASE_SECONDS = order["lease"]
    retail_delivery_queue.LINGER_SECONDS = 0
    if order.get("boundary"):
        end = signal.Signals[order.get("signal", "SIGKILL")]
        place = BOUNDARIES[order["boundary"]]
        mine_the_boundary(registry, *place, order.get("nth", 1), end)
    if order.get("batch"):
        retail_event_queue.BATCH = retail_event_queue.MIN_SHARE = order["batch"]
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        TASKS[order["task"]](env, order)


def mine_the_boundary(registry, model, name, when, nth, end):
    target = registry[model] if model else courier
    original, left = getattr(target, name), [nth]

    def step():
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), end)

    def mined(*args, **kwargs):
        if when == "before":
            step()
        result = original(*args, **kwargs)
        if when == "after":
            step()
        return result

    setattr(target, name, mined)


# === What a worker does === #
def feed(env, order):
    """Receive events as the door does, each in a transaction of its own.

    With ``keys`` in the order, they are about so many products of as many stores;
    with ``store``, of that one.
    """
    source = env["retail.source"].search([("code", "=", "soak")])
    stores = env["retail.store"].search([("code", "=like", "SOAK%")]).mapped("code")
    for number in range(order["first"], order["first"] + order["count"]):
        thing = number % order["keys"] if order.get("keys") else number
        data = {
            "store": order.get("store") or stores[thing % len(stores)],
            "product": f"SOAK-{thing}",
            "expected": 12,
            "counted": number % 10,
            "unit_cost": 14.5,
        }
        body = envelope.write_plain(
            INTAKE, 1, env.cr.now().replace(microsecond=0), data
        )
        env["retail.event"]._accept(
            source._door(), body, envelope.PLAIN, f"soak-{number}"
        )
        env.cr.commit()


def process(env, _order):
    env["retail.event.job"]._process_inbox()


def deliver(env, _order):
    env["retail.delivery"]._deliver_outbox()


def replay(env, _order):
    """Do what a person does in the end: replay everything that failed."""
    for kind in ("events", "deliveries"):
        run = env["retail.replay"].create(
            {
                "kind": kind,
                "since": "2000-01-01 00:00:00",
                "rate_per_minute": 60000,
                "reason": "After the soak",
            }
        )
        if run.matching_count:
            run.action_start()
            env.cr.commit()
            env["retail.replay"]._replay_on()
        env.cr.commit()


TASKS = {"feed": feed, "process": process, "deliver": deliver, "replay": replay}
