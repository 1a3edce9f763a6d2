"""A discrepancy from the till to headquarters: seven steps, each with its time."""

import json

from tests.journeys.test_main_job import request_of
from tests.n8n.cases import hops, is_acknowledged, notices_of, raise_case
from tests.waiting import eventually

SEVERITIES = ("low", "medium", "high", "critical")
OPEN = [
    ("is_open", "=", True),
    ("store_id.code", "=", "0042"),
    ("type_id.code", "=", "inventory_discrepancy"),
]


def shown_to_headquarters(people, case):
    """How often headquarters counts a case among the open ones of its store."""
    only = [("id", "=", case["id"]), *OPEN]
    counted = people["hq"].call(
        "retail.exception", "formatted_read_group", only, [], ["__count"]
    )
    return counted[0]["__count"]


def hop_of(seen, kind, what=None):
    """When the first hop of a kind was, and of what."""
    return min(
        hop["at"] for hop in seen if hop["kind"] == kind and what in (None, hop["what"])
    )


def task_of(people, case):
    """When headquarters' loss prevention got the decision to do."""
    request = request_of(people["lossprevention"], case)
    mine = [
        ("res_model", "=", "retail.approval.request"),
        ("res_id", "=", request["id"]),
        ("user_id", "=", people["lossprevention"].user["uid"]),
    ]
    [task] = people["lossprevention"].find("mail.activity", mine, ["create_date"])
    return task["create_date"]


TOLD = (
    ("event", None),
    ("exception", None),
    ("published", "exception.created"),
    ("processed", "exception.enriched"),
)


def is_recorded(people, case):
    """Whether each hop that has a time, and the notice, are there to be read."""
    seen = set()
    for hop in hops(people, case):
        seen |= {(hop["kind"], None), (hop["kind"], hop["what"])}
    sent = [notice for notice in notices_of(people, case) if notice["sent_at"]]
    return bool(sent) and seen.issuperset(TOLD)


def steps_of(people, case):
    """Return when each of the seven steps was, in UTC."""
    seen = hops(people, case)
    [notice] = notices_of(people, case)
    [shown] = people["hq"].find(
        "retail.exception", [("id", "=", case["id"]), *OPEN], ["write_date"]
    )
    return {
        "event": hop_of(seen, "event"),
        "severity": hop_of(seen, "exception"),
        "webhook": hop_of(seen, "published", "exception.created"),
        "enrichment": hop_of(seen, "processed", "exception.enriched"),
        "notice": notice["sent_at"],
        "task": task_of(people, case),
        "dashboard": shown["write_date"],
    }


def test_one_recorded_run_shows_seven_steps_with_their_times(
    base_url, keys, people, n8n, workshop
):
    case = raise_case(base_url, keys, people, product="OIL-1L", expected=30)
    eventually(lambda: is_acknowledged(people, case), 60)
    eventually(lambda: is_recorded(people, case), 60)
    steps = steps_of(people, case)
    assert all(steps.values())
    told = [steps[name] for name in ("event", "severity", "webhook", "enrichment")]
    assert told == sorted(told)
    assert steps["notice"] >= steps["webhook"]
    assert case["severity"] in SEVERITIES
    assert shown_to_headquarters(people, case) == 1
    record = workshop.home.folder / "recorded-run.json"
    record.write_text(json.dumps({"case": case["name"], **steps}, indent=2), "utf-8")


STEPS_OF_THE_FLOW = {
    "receive": ("attempt", "exception.created"),
    "enrich": ("event", "exception.enriched"),
    "update": ("processed", "exception.enriched"),
    "notify": ("event", "message.sent"),
    "log": ("receipt", "exception.created"),
}
PARTS = ("receive", "verify-signature", "read-stock-facts", "ask-odoo", "send-to-odoo")


def test_the_log_shows_each_hop_of_the_flow_and_each_part_with_its_version(
    base_url, keys, people, n8n
):
    case = raise_case(base_url, keys, people, product="OIL-1L", expected=31)
    eventually(lambda: is_acknowledged(people, case), 60)

    def missing():
        found = {(hop["kind"], hop["what"]) for hop in hops(people, case)}
        return set(STEPS_OF_THE_FLOW.values()) - found

    eventually(lambda: not missing(), 30)
    [receipt] = [hop for hop in hops(people, case) if hop["kind"] == "receipt"]
    assert "stock-discrepancy 1.0.0, run" in receipt["outcome"], "how it was routed"
    assert [part for part in PARTS if f"{part} 1.0.0" not in receipt["outcome"]] == []
