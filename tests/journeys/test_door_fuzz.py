"""What the served description allows and forbids, sent to a running door by machine."""

import json
import time
import uuid
from urllib.parse import unquote

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
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
LEAST_SENT = 8
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


def generated(operation):
    """Requests that the description allows, and such that it forbids."""
    return st.one_of(
        *(operation.as_strategy(generation_mode=mode) for mode in GenerationMode)
    )


def is_enough(method, sent_modes):
    """Whether enough was sent, and of what is posted, something forbidden too."""
    forbidden = method != "POST" or GenerationMode.NEGATIVE in sent_modes
    return forbidden and len(sent_modes) >= LEAST_SENT


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
@pytest.mark.parametrize("signed", [True, False], ids=["signed", "unsigned"])
def test_no_request_makes_a_door_fail_or_answer_undescribed(
    server, keys, description, path, method, signed
):
    before = stored(server)
    ends_at = time.monotonic() + SECONDS / len(OPERATIONS)
    sent_modes = []

    @BOUNDED
    @given(case=generated(description[path][method]))
    def send(case):
        if time.monotonic() > ends_at and is_enough(method, sent_modes):
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
        sent_modes.append(case.meta.generation.mode)
        case.validate_response(response, checks=CHECKS)
        if not signed:
            assert response.status_code in (401, 404)

    send()
    assert is_enough(method, sent_modes), (path, sent_modes)
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


FACT = json.loads(discrepancy(store="0046", product="FUZZ-BODY", counted=11))
SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def broken_facts(draw):
    """A right fact with one member of its envelope or data taken out or mistyped."""
    fact = json.loads(json.dumps(FACT))
    place = draw(st.sampled_from((fact, fact["data"])))
    name = draw(
        st.sampled_from(sorted({*place} & {"type", "data", "store", "counted"}))
    )
    if draw(st.booleans()):
        del place[name]
    else:
        place[name] = draw(st.sampled_from(([], None, True, [{}])))
    return json.dumps(fact).encode()


GARBAGE = st.one_of(
    broken_facts(),
    st.binary(max_size=80),
    JSON.map(lambda value: json.dumps(value).encode()),
    st.binary(max_size=4).map(lambda tail: json.dumps(FACT).encode()[:-1] + tail),
)


def is_fact(body):
    """Whether a body says what the right fact says, however it is written."""
    try:
        return json.loads(body) == FACT
    except ValueError:  # no JSON, or no UTF-8
        return False


# Mostly as it should be: the body is what is doubtful.
MEDIA = ("application/json",) * 3 + ("application/cloudevents+json", "text/plain")


def test_no_rightly_signed_garbage_makes_a_door_fail_or_is_stored(
    base_url, server, keys
):
    before = stored(server)

    @settings(BOUNDED, max_examples=120)
    @given(body=GARBAGE, media=st.sampled_from(MEDIA))
    def send(body, media):
        assume(not is_fact(body))
        message_id = f"garbage-{uuid.uuid4().hex}"
        response = post_event(
            base_url, keys["source"], message_id, body, Content_Type=media
        )
        assert 400 <= response.status_code < 500, (response.status_code, body)
        assert response.headers["Content-Type"] == "application/problem+json"

    send()
    assert stored(server) == before
