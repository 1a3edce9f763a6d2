"""From a signed POS event to a signed delivery, over HTTP, as the right people."""

import time
import uuid

import pytest
from standardwebhooks import Webhook

from tests.receiver import receiving
from tests.waiting import eventually
from tests.webclient import RpcError, WebClient, discrepancy, post_event


@pytest.fixture(scope="module")
def people(base_url, db):
    """Return who takes part, logged in."""
    logins = ("store", "region", "lossprevention", "auditor", "retailadmin", "hq")
    return {login: WebClient(base_url, db, login) for login in logins}


@pytest.fixture
def endpoint(people):
    """The demo's endpoint, pointed at a receiver of this test."""
    admin = people["retailadmin"]
    [record] = admin.find("retail.endpoint", [("name", "=", "Demo listener")], ["url"])
    with receiving() as receiver:
        admin.call("retail.endpoint", "write", [record["id"]], {"url": receiver.url})
        yield receiver


def exception_of(client, message_id, fields=("name",)):
    """Return the exception that an event raised, or None."""
    found = client.find(
        "retail.exception", [("intake_key", "like", message_id)], list(fields)
    )
    return found[0] if found else None


def request_of(client, exception):
    """Return the approval request of an exception."""
    [request] = client.find(
        "retail.approval.request",
        [("res_model", "=", "retail.exception"), ("res_id", "=", exception["id"])],
        ["name", "state", "step_ids", "explanation"],
    )
    return request


def activities(client, model, record):
    """Return the open activities of a record: summary and whose they are."""
    return client.find(
        "mail.activity",
        [("res_model", "=", model), ("res_id", "=", record["id"])],
        ["user_id", "activity_type_id"],
    )


EXPLAINED = [
    "name",
    "type_id",
    "severity",
    "classification_note",
    "impact_amount",
    "resolve_due",
    "user_id",
    "state",
    "waiting_reason",
    "correlation_id",
]


def raise_by_event(base_url, keys, store, message_id, body):
    """Post the event and return the exception, once it waits for its approval."""
    posted = time.monotonic()
    answer = post_event(base_url, keys["source"], message_id, body)
    assert (answer.status_code, answer.json()["status"]) == (202, "accepted")
    exception = eventually(
        lambda: exception_of(store, message_id, EXPLAINED), seconds=5
    )
    took = time.monotonic() - posted
    assert took < 2, f"the exception took {took:.2f} s"
    return exception


def assert_it_explains_itself(exception):
    """Type, severity with its rule, money, deadline and the right store manager."""
    assert exception["type_id"][1] == "Inventory discrepancy"
    assert exception["severity"] == "medium"
    assert "Stock variance that matters" in exception["classification_note"]
    assert exception["impact_amount"] == 72.5
    assert exception["resolve_due"]
    assert exception["user_id"][1] == "Maria Alvarez"
    assert (exception["state"], exception["waiting_reason"]) == ("waiting", "approval")


def assert_the_store_gets_no_way_round(store, exception, request):
    """The store manager neither resolves around the approval nor gives it."""
    with pytest.raises(RpcError):
        store.call(
            "retail.exception", "write", [exception["id"]], {"state": "resolved"}
        )
    with pytest.raises(RpcError):
        store.call("retail.approval.request", "action_approve", [request["id"]])


def published(endpoint, secret, topic, exception):
    """Return the deliveries about an exception that the public library verifies."""
    partner = Webhook(secret)
    events = [partner.verify(body, headers) for body, headers in endpoint.received]
    return [
        event
        for event in events
        if event["type"] == topic and event["data"]["reference"] == exception["name"]
    ]


def test_a_signed_event_becomes_an_approved_resolved_and_published_exception(
    base_url, keys, people, endpoint
):
    store, message_id, body = people["store"], f"pos-{uuid.uuid4()}", discrepancy()
    exception = raise_by_event(base_url, keys, store, message_id, body)
    assert_it_explains_itself(exception)
    handling = activities(store, "retail.exception", exception)
    assert exception["user_id"] in [activity["user_id"] for activity in handling]

    request = request_of(people["region"], exception)
    asked = activities(people["retailadmin"], "retail.approval.request", request)
    assert {activity["user_id"][1] for activity in asked} == {
        "Nora Lindqvist",
        "Tom Becker",
    }
    assert_the_store_gets_no_way_round(store, exception, request)

    approve = ("retail.approval.request", "action_approve", [request["id"]])
    people["region"].call(*approve)
    assert exception_of(store, message_id, ["state"])["state"] == "waiting"
    people["lossprevention"].call(*approve)
    done = exception_of(store, message_id, ["state", "resolution"])
    assert done["state"] == "resolved"
    assert request["name"] in done["resolution"]

    correlation = [("correlation_id", "=", exception["correlation_id"])]
    entries = people["auditor"].find("retail.audit.entry", correlation, ["action"])
    actions = [entry["action"] for entry in entries]
    assert actions.count("approval.decision") == 2
    assert "exception.resolved" in actions

    secret = keys["endpoint"]["secret"]
    # What other journeys published waits in the same queue.
    [event] = eventually(
        lambda: published(endpoint, secret, "exception.resolved", exception), 90
    )
    assert event["data"]["correlation_id"] == exception["correlation_id"]


def test_the_same_event_posted_again_has_no_second_effect(base_url, keys, people):
    store, message_id, body = (
        people["store"],
        f"pos-{uuid.uuid4()}",
        discrepancy(product="COF-1K"),
    )
    raise_by_event(base_url, keys, store, message_id, body)
    again = post_event(base_url, keys["source"], message_id, body)
    assert (again.status_code, again.json()["status"]) == (202, "duplicate")
    domain = [("intake_key", "like", message_id)]
    assert store.call("retail.exception", "search_count", domain) == 1


def test_a_store_manager_raises_the_same_by_hand(people):
    store = people["store"]
    [product] = store.find("product.product", [("default_code", "=", "RAZ-8")], ["id"])
    [kind] = store.find(
        "retail.exception.type", [("code", "=", "inventory_discrepancy")], ["id"]
    )
    [place] = store.find("retail.store", [("code", "=", "0042")], ["id"])
    [record] = store.call(
        "retail.exception",
        "web_save",
        [],
        {
            "summary": "Five bottles missing",
            "type_id": kind["id"],
            "store_id": place["id"],
            "product_id": product["id"],
            "expected_quantity": 12,
            "counted_quantity": 7,
        },
        specification={"state": {}, "waiting_reason": {}, "impact_amount": {}},
    )
    assert (record["state"], record["waiting_reason"]) == ("waiting", "approval")
    request = request_of(people["region"], record)
    assert request["state"] == "pending"


def test_an_unknown_store_is_parked_where_its_owner_sees_it(base_url, keys, people):
    message_id = f"pos-{uuid.uuid4()}"
    answer = post_event(base_url, keys["source"], message_id, discrepancy(store="9999"))
    assert answer.status_code == 202

    def parked():
        return people["retailadmin"].find(
            "retail.event.job",
            [("event_id", "=", message_id), ("state", "=", "parked")],
            ["reason"],
        )

    [job] = eventually(parked)
    assert "9999" in job["reason"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"webhook_signature": "v1,AAAA"}, 401),
        ({"webhook_signature": None}, 401),
        ({"webhook_timestamp": "1614265330"}, 401),
        ({"Retail_Ops_Source": "nobody"}, 401),
        ({"Content_Type": "text/plain"}, 415),
    ],
)
def test_what_is_not_proven_is_refused_with_a_problem(base_url, keys, changes, status):
    message_id = f"pos-{uuid.uuid4()}"
    answer = post_event(base_url, keys["source"], message_id, discrepancy(), **changes)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert answer.json()["status"] == status


def test_a_body_that_is_too_large_is_refused_with_a_problem(base_url, keys):
    body = discrepancy(reason="x" * 300_000)
    answer = post_event(base_url, keys["source"], f"pos-{uuid.uuid4()}", body)
    assert answer.status_code == 413
    assert answer.headers["Content-Type"].startswith("application/problem+json")


def test_the_automations_that_drive_it_are_visible_to_an_administrator(base_url, db):
    admin = WebClient(base_url, db, "admin", "admin")
    rules = admin.find(
        "base.automation", [("model_name", "=", "retail.exception")], ["name", "active"]
    )
    names = " ".join(rule["name"] for rule in rules)
    for joint in ("classify", "review", "publish", "pproval"):
        assert joint in names
    crons = admin.find("ir.cron", [("model_id.model", "=like", "retail.%")], ["name"])
    assert len(crons) >= 4


def test_headquarters_counts_what_the_dashboard_shows(people):
    hq = people["hq"]
    open_ones = hq.call("retail.exception", "search_count", [("is_open", "=", True)])
    [total] = hq.call(
        "retail.exception",
        "formatted_read_group",
        [["is_open", "=", True]],
        [],
        ["__count"],
    )
    assert total["__count"] == open_ones
