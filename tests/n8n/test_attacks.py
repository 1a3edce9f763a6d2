"""n8n's accounts decide nothing, post nothing and change no state."""

import json
import uuid
import xmlrpc.client

import pytest
import requests

from launcher import webhook
from tests.n8n.cases import case_now, raise_case
from tests.webclient import WebClient, discrepancy, post_event

TRIES = (
    ("retail.exception", "write", {"vals": {"state": "resolved"}}),
    ("retail.exception", "write", {"vals": {"severity": "low"}}),
    ("retail.exception", "action_acknowledge", {}),
    ("retail.exception", "action_close", {}),
    ("retail.exception", "action_escalate", {}),
    ("retail.exception", "unlink", {}),
    ("retail.exception", "read", {"fields": ["name", "state"]}),
)
DECISIONS = (
    ("action_approve", {}),
    ("action_reject", {"comment": "No"}),
    ("action_break_glass", {"reason": "Now"}),
)


@pytest.fixture(scope="module")
def case(base_url, keys, people, n8n):
    return raise_case(base_url, keys, people, product="BAT-24")


@pytest.fixture(params=["account", "facts"])
def key(n8n, request):
    """The JSON-2 key of each account of n8n."""
    return n8n.keys[request.param]


def ask(server, key, model, method, **arguments):
    """Call a method over JSON-2 and return the answer."""
    return requests.post(
        f"{server.url}/json/2/{model}/{method}",
        json=arguments,
        headers={"Authorization": f"bearer {key}", "X-Odoo-Database": server.db},
        timeout=30,
    )


def request_about(people, case):
    about = [("res_model", "=", "retail.exception"), ("res_id", "=", case["id"])]
    [request] = people["auditor"].find("retail.approval.request", about, ["state"])
    return request


@pytest.mark.parametrize(("model", "method", "arguments"), TRIES)
def test_no_case_is_read_or_changed_over_json(
    server, people, case, key, model, method, arguments
):
    answer = ask(server, key, model, method, ids=[case["id"]], **arguments)
    assert answer.status_code == 403, answer.text[:300]
    assert case_now(people, case)["state"] == case["state"]


@pytest.mark.parametrize(("method", "words"), DECISIONS)
def test_no_approval_is_decided_over_json(server, people, case, key, method, words):
    request = request_about(people, case)
    model = "retail.approval.request"
    answer = ask(server, key, model, method, ids=[request["id"]], **words)
    assert answer.status_code == 403, answer.text[:300]
    assert request_about(people, case)["state"] == request["state"] == "pending"


@pytest.mark.parametrize(
    ("model", "method", "arguments"),
    [
        ("stock.quant", "create", {"vals_list": [{"quantity": 5}]}),
        ("stock.quant", "action_apply_inventory", {"ids": [1]}),
        ("stock.picking", "button_validate", {"ids": [1]}),
        ("purchase.order", "create", {"vals_list": [{"partner_id": 1}]}),
        ("purchase.order", "button_confirm", {"ids": [1]}),
        ("account.move", "action_post", {"ids": [1]}),
        ("maintenance.request", "write", {"ids": [1], "vals": {"name": "Done"}}),
        ("retail.stock.hold", "read", {"ids": [1], "fields": ["state"]}),
        ("retail.exception.enrichment", "create", {"vals_list": [{"name": "x"}]}),
        ("retail.source", "write", {"ids": [1], "vals": {"state": "active"}}),
        ("res.users", "write", {"ids": [2], "vals": {"password": "mine"}}),
    ],
)
def test_nothing_is_posted_ordered_or_opened(server, key, model, method, arguments):
    answer = ask(server, key, model, method, **arguments)
    assert answer.status_code == 403, answer.text[:300]


def test_no_case_is_changed_over_xmlrpc(server, people, n8n, case):
    admin = WebClient(server.url, server.db, "admin", "admin")
    login = "integration-n8n"
    [account] = admin.find("res.users", [("login", "=", login)], ["id"])
    proxy = xmlrpc.client.ServerProxy(f"{server.url}/xmlrpc/2/object")
    for method, arguments in (
        ("write", [[case["id"]], {"state": "closed"}]),
        ("action_close", [[case["id"]]]),
        ("read", [[case["id"]], ["name"]]),
    ):
        with pytest.raises(xmlrpc.client.Fault):
            proxy.execute_kw(
                server.db,
                account["id"],
                n8n.keys["account"],
                "retail.exception",
                method,
                arguments,
            )
    assert case_now(people, case)["state"] == case["state"]


def test_the_facts_key_answers_only_who_knows_the_correlation_id(server, case, n8n):
    question = {"reference": case["name"], "correlation_id": case["correlation_id"]}
    where = (server, n8n.keys["facts"], "retail.stock.facts", "read_for_case")
    assert ask(*where, **question).status_code == 200
    assert ask(*where, **{**question, "correlation_id": "guess"}).status_code == 422
    account = (server, n8n.keys["account"], *where[2:])
    assert ask(*account, **question).status_code == 403


def test_the_door_takes_no_state_and_no_type_that_is_not_allowed(server, n8n):
    source = n8n.keys["source"]
    answer = post_event(server.url, source, f"x-{uuid.uuid4()}", discrepancy())
    assert (answer.status_code, answer.json()["type"]) == (
        403,
        "urn:retail-ops:problem:type-not-allowed",
    )
    body = {
        "store": "0042",
        "exception_type": "equipment_failure",
        "summary": "Freezer",
        "state": "closed",
    }
    answer = post_exception(server, source, body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/state"


def post_exception(server, source, body):
    raw = json.dumps(body).encode()
    signed = webhook.headers(source["secret"], f"x-{uuid.uuid4()}", raw)
    return requests.post(
        f"{server.url}/retail_ops/v1/exceptions",
        data=raw,
        headers={
            "Content-Type": "application/json",
            "Retail-Ops-Source": source["code"],
            **signed,
        },
        timeout=30,
    )
