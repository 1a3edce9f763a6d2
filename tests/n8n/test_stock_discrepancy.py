"""A stock discrepancy goes the whole way, through a real n8n, under one id."""

from tests.journeys.test_main_job import request_of
from tests.n8n.cases import (
    case_now,
    facts_of,
    hops,
    is_acknowledged,
    notices_of,
    raise_case,
)
from tests.waiting import eventually


def approve_and_close(people, case):
    """Decide as the people whom the policy names, and close as the store's manager."""
    request = request_of(people["region"], case)
    for who in ("region", "lossprevention"):
        people[who].call("retail.approval.request", "action_approve", [request["id"]])
    people["store"].call("retail.exception", "action_close", [case["id"]])
    assert case_now(people, case)["state"] == "closed"


def test_from_the_till_to_the_closed_case_under_one_correlation_id(
    base_url, keys, people, n8n
):
    case = raise_case(base_url, keys, people, product="SHA-400", expected=30)
    eventually(lambda: is_acknowledged(people, case), 60)
    assert_enriched(people, case)
    assert_region_told(people, n8n, case)
    assert case_now(people, case)["state"] == case["state"] == "waiting"

    approve_and_close(people, case)
    seen = hops(people, case)
    assert {hop["kind"] for hop in seen} >= {
        *("event", "processed", "exception", "published", "attempt", "receipt")
    }
    told = {hop["what"] for hop in seen if hop["party"] == "n8n"}
    assert {"exception.enriched", "message.sent", "exception.created"} <= told


def assert_enriched(people, case):
    """Supplier and replenishment stand on the case with source and workflow."""
    facts = {fact["name"]: fact for fact in facts_of(people, case)}
    supplier, level = facts["Supplier 1"], facts["Replenishment"]
    assert "Clear Spring Care: 5 days" in supplier["value"]
    assert supplier["system_of_record"] == "Odoo, vendors"
    assert level["value"].startswith("between 6 and 36")
    assert "stock-discrepancy 1.0.0, run" in level["workflow"]
    [shown] = people["store"].find(
        "retail.exception", [("id", "=", case["id"])], ["outside_html"]
    )
    assert "Clear Spring Care" in shown["outside_html"]


def assert_region_told(people, n8n, case):
    [letter] = n8n.mailbox.about(case["name"])
    assert letter["to"] == "region@northline.example"
    assert case["correlation_id"] in letter.get_payload(decode=True).decode()
    [notice] = notices_of(people, case)
    assert (notice["audience"], bool(notice["sent_at"])) == ("region", True)
