"""What the served description allows and forbids, sent to a running door by machine."""

import json
import time
import uuid
from urllib.parse import unquote

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from launcher import webhook
from tests.webclient import discrepancy, post_event

SECONDS = 45
EXAMPLES = 40
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
OPERATIONS = (
    ("/retail_ops/v1/events", "POST"),
    ("/retail_ops/v1/events/{id}", "GET"),
    ("/retail_ops/v1/exceptions", "POST"),
    ("/retail_ops/v1/exceptions", "GET"),
    ("/retail_ops/v1/exceptions/{id}", "GET"),
    ("/retail_ops/v1/metrics", "GET"),
)
BOUNDED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
HEADERS = st.dictionaries(
    st.sampled_from(
        [
            "webhook-id",
            "webhook-timestamp",
            "webhook-signature",
            "Retail-Ops-Source",
            "Content-Type",
            "Idempotency-Key",
            "Authorization",
            "Prefer",
            "ce-specversion",
            "X-Shopify-Hmac-Sha256",
            "Stripe-Signature",
        ]
    ),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60).map(
        str.strip
    ),
    max_size=5,
)


@pytest.fixture(scope="module")
def description(base_url):
    """The served document, its requests sent to the same server."""
    schema = schemathesis.openapi.from_url(f"{base_url}/retail_ops/v1/openapi.json")
    schema.config.base_url = base_url
    return schema


def stored(server):
    """How many events the inbox holds."""
    [[count]] = server.query("SELECT count(*) FROM retail_event")
    return int(count)


def as_sent(case):
    """The body of a generated request as bytes, what is no JSON as it came."""
    if isinstance(case.body, bytes):
        return case.body
    generated = not type(case.body).__name__ == "NotSet"
    return json.dumps(case.body).encode() if generated else b""


def subject(case):
    """What a rightly signed request names: the path's id, the address, or a new id."""
    if case.method.upper() == "POST":
        return f"fuzz-{uuid.uuid4().hex}"
    last = case.path.rpartition("/")[2]
    return unquote(last.format(**(case.path_parameters or {})))


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
@pytest.mark.parametrize("signed", [True, False], ids=["signed", "unsigned"])
def test_no_request_makes_a_door_fail_or_answer_undescribed(
    server, keys, description, path, method, signed
):
    before = stored(server)
    ends_at = time.monotonic() + SECONDS / len(OPERATIONS)

    @BOUNDED
    @given(case=description[path][method].as_strategy())
    def send(case):
        if time.monotonic() > ends_at:
            return
        body = as_sent(case)
        case.headers = {"Retail-Ops-Source": keys["source"]["code"]}
        named = subject(case)
        if signed and not webhook_id(named):
            return
        if signed:
            case.headers |= webhook.headers(keys["source"]["secret"], named, body)
        if body:
            case.headers["Content-Type"] = case.media_type or "application/json"
        sent = {"data": body} if body else {}
        response = case.call(**sent)
        case.validate_response(response, checks=CHECKS)
        if not signed:
            assert response.status_code in (401, 404)

    send()
    if not signed:
        assert stored(server) == before


def webhook_id(text):
    """Whether a text can be signed as an id: no space, no dot, not too long."""
    plain = text.isascii() and text.isprintable() and not {" ", "."} & {*text}
    return plain and 0 < len(text) <= 128


def test_no_header_makes_a_door_fail_or_lets_anything_in(base_url, server, keys):
    before = stored(server)

    @BOUNDED
    @given(HEADERS, st.binary(max_size=60))
    def send(headers, body):
        changes = {"webhook_signature": "v1,AAAA", **headers}
        response = post_event(base_url, keys["source"], "fuzz", body, **changes)
        assert 400 <= response.status_code < 500, response.text
        assert response.headers["Content-Type"] == "application/problem+json"

    send()
    assert stored(server) == before


@settings(BOUNDED, max_examples=25)
@given(age=st.one_of(st.integers(-(10**10), 10**10), st.integers(-400, 400)))
def test_no_clock_makes_a_door_fail_or_lets_an_old_message_in(base_url, keys, age):
    body = discrepancy(store="0046", product="FUZZ-CLOCK", counted=11)
    at = int(time.time()) - age
    message_id = f"clock-{age}"
    if at < 0:
        return
    signature = webhook.sign(keys["source"]["secret"], message_id, at, body)
    response = post_event(
        base_url,
        keys["source"],
        message_id,
        body,
        webhook_timestamp=str(at),
        webhook_signature=signature,
    )
    expected = 202 if abs(age) < 295 else 401
    if not 295 <= abs(age) <= 305:
        assert response.status_code == expected, response.text
