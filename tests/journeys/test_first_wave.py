"""The four workflows of the first wave, in every state, as the demo installs them.

The states are read from the fields: a new one needs its place in the demo, or its
reason here not to have one.
"""

import json
from pathlib import Path

import pytest

from launcher.database import to_json

SCRIPT = Path(__file__).resolve().parent / "scripts" / "selections.py"

CASE, REQUEST = "retail.exception", "retail.approval.request"
SORTED_AT_ONCE = {"new": "a rule classifies each case as it comes"}


def cases(*codes):
    return (CASE, "state", [["type_id.code", "in", codes]])


def approvals(kind):
    return (REQUEST, "state", [["kind_id.code", "=", kind]])


# Workflow and what of it: model, path of the selection field, domain.
FIELDS = {
    "inventory exceptions: cases": cases(
        "inventory_discrepancy", "damaged_goods", "stockout_risk"
    ),
    "inventory exceptions: held stock": ("retail.stock.hold", "state", []),
    "inventory exceptions: kinds of held stock": ("retail.stock.hold", "kind", []),
    "inventory exceptions: approvals": approvals("stock_write_off"),
    "inventory exceptions: proposals": (CASE, "stock_proposal", []),
    "inventory exceptions: rules for a shortage": (
        "stock.warehouse.orderpoint",
        "retail_shortage",
        [["warehouse_id.retail_store_ids", "!=", False]],
    ),
    "inventory exceptions: proposed transfers": (CASE, "stock_picking_id.state", []),
    "local procurement: needs": (
        "retail.request",
        "state",
        [["kind_id.code", "=", "local_procurement"]],
    ),
    "local procurement: approvals of needs": approvals("local_procurement"),
    "local procurement: orders": (
        "purchase.order",
        "state",
        [["store_id", "!=", False]],
    ),
    "local procurement: approvals of orders": approvals("store_order"),
    "maintenance escalation: cases": cases("equipment_failure"),
    "maintenance escalation: steps of repairs": (
        "maintenance.request",
        "stage_id.retail_step",
        [["store_id", "!=", False], ["stage_id.done", "=", False]],
    ),
    "maintenance escalation: approvals": approvals("store_repair"),
    "maintenance escalation: reviews afterwards": (
        REQUEST,
        "review_state",
        [["kind_id.code", "=", "store_repair"]],
    ),
    "promotion readiness: campaigns": ("retail.campaign", "state", []),
    "promotion readiness: checklists": (
        "retail.checklist",
        "state",
        [["campaign_id", "!=", False]],
    ),
    "promotion readiness: risks": (
        "retail.checklist",
        "risk",
        [["campaign_id", "!=", False]],
    ),
    "promotion readiness: items": (
        "retail.checklist.item",
        "state",
        [["campaign_id", "!=", False]],
    ),
    "promotion readiness: cases": cases("promotion_readiness"),
}

# States that no untouched demo shows, and why.
NOT_SHOWN = {
    "inventory exceptions: cases": SORTED_AT_ONCE,
    "inventory exceptions: held stock": {
        "released": "lasts as long as the transaction that applies it"
    },
    "inventory exceptions: proposed transfers": {
        "waiting": "a transfer between two stores follows no other one"
    },
    "local procurement: needs": {
        "in_force": "a purchase holds for no time",
        "ended": "a purchase holds for no time",
    },
    "maintenance escalation: cases": SORTED_AT_ONCE,
    "promotion readiness: cases": SORTED_AT_ONCE,
}

# What a state does not tell: model, domain.
MOMENTS = {
    "inventory exceptions: a case one level up": (
        CASE,
        [["stock_watch_key", "!=", False], ["escalation_level", ">", 0]],
    ),
    "inventory exceptions: a receipt that is late": (
        CASE,
        [["stock_watch_key", "=like", "stock.late/%"]],
    ),
    "inventory exceptions: stock below nothing": (
        CASE,
        [["stock_watch_key", "=like", "stock.negative/%"]],
    ),
    "inventory exceptions: stock without a move": (
        CASE,
        [["stock_watch_key", "=like", "stock.unexplained/%"], ["is_open", "=", True]],
    ),
    "inventory exceptions: a difference that was accepted": (
        "retail.stock.acceptance",
        [["exception_id.state", "=", "resolved"]],
    ),
    "inventory exceptions: one person's counts": (
        CASE,
        [["stock_watch_key", "=like", "stock.pattern/%"]],
    ),
    "inventory exceptions: a count of a lot": (
        "retail.stock.hold",
        [["lot_id", "!=", False]],
    ),
    "inventory exceptions: an agreed transfer": (
        CASE,
        [["stock_picking_id.retail_agreed_by_id", "!=", False]],
    ),
    "inventory exceptions: a store that is asked after another one declined": (
        CASE,
        [
            ["stock_declined_store_ids", "!=", False],
            ["stock_picking_id.state", "=", "draft"],
        ],
    ),
    "local procurement: an urgent buy that waits": (
        CASE,
        [["stock_request_id.state", "=", "waiting"]],
    ),
    "local procurement: a need that passed by itself": (
        REQUEST,
        [["kind_id.code", "=", "local_procurement"], ["is_automatic", "=", True]],
    ),
    "local procurement: an order that waits since a need adds up with it": (
        REQUEST,
        [
            ["is_split", "=", True],
            ["res_model", "=", "purchase.order"],
            ["state", "=", "pending"],
            ["partner_id.name", "=", "Stark Street Lighting"],
        ],
    ),
    "local procurement: an order that arrived": (
        "purchase.order",
        [["store_id", "!=", False], ["retail_received_at", "!=", False]],
    ),
    "maintenance escalation: a repair one level up": (
        "maintenance.request",
        [["exception_id.escalation_level", ">", 0], ["equipment_id", "!=", False]],
    ),
    "maintenance escalation: an emergency": (
        "maintenance.request",
        [["is_emergency", "=", True]],
    ),
    "maintenance escalation: a repair that is done": (
        "maintenance.request",
        [["store_id", "!=", False], ["stage_id.done", "=", True]],
    ),
    "maintenance escalation: a repair that was given up": (
        "maintenance.request",
        [["store_id", "!=", False], ["archive", "=", True]],
    ),
    "promotion readiness: an item that is late": (
        "retail.checklist.item",
        [["campaign_id", "!=", False], ["is_overdue", "=", True]],
    ),
    "promotion readiness: a case one level up": (
        CASE,
        [["type_id.code", "=", "promotion_readiness"], ["escalation_level", ">", 0]],
    ),
}


@pytest.fixture(scope="module")
def demo(workshop, testbed):
    """What a copy of the demo shows that nothing ran in since its installation."""
    asked = {
        **FIELDS,
        **{what: (model, "id", domain) for what, (model, domain) in MOMENTS.items()},
    }
    with (
        testbed.copy(testbed.demo(), "first_wave") as database,
        workshop.progress.step("First wave") as step,
    ):
        output = database.shell(SCRIPT, step, ASKED=json.dumps(asked))
    return to_json(output, "SELECTIONS ")


@pytest.mark.parametrize("what", FIELDS)
def test_the_demo_shows_each_state_of_the_first_wave(demo, what):
    states = set(demo[what]["all"]) - NOT_SHOWN.get(what, {}).keys()
    assert states - set(demo[what]["found"]) == set()


@pytest.mark.parametrize("what", NOT_SHOWN)
def test_what_the_demo_need_not_show_is_a_state_that_exists(demo, what):
    assert NOT_SHOWN[what].keys() <= set(demo[what]["all"])


@pytest.mark.parametrize("what", MOMENTS)
def test_the_demo_shows_what_a_state_alone_does_not_tell(demo, what):
    assert demo[what]["found"]
