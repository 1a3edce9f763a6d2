"""n8n lets in what Odoo has signed, and nothing else."""

import base64
import json
import time
import uuid

import pytest
import requests

from launcher import webhook
from tests.n8n.conftest import PREVIOUS_KEY

PING = json.dumps({"type": "ping", "timestamp": "2026-05-04T09:30:00Z", "data": {}})


def post(n8n, secret, body=PING, age=0, **changes):
    """Post what is signed for ``PING`` and return the answer."""
    message_id = f"msg_{uuid.uuid4().hex}"
    at = int(time.time()) - age
    signed = webhook.headers(secret, message_id, PING.encode(), at)
    headers = {"Content-Type": "application/json", **signed}
    headers |= {name.replace("_", "-"): value for name, value in changes.items()}
    address = f"{n8n.url}/webhook/retail-ops"
    return requests.post(address, data=body, headers=headers, timeout=30)


@pytest.fixture
def secret(n8n):
    return n8n.keys["endpoint"]["secret"]


def test_a_letter_signed_by_odoo_is_taken(n8n, secret):
    assert post(n8n, secret).status_code == 200


def test_a_letter_signed_with_the_key_before_is_taken(n8n):
    previous = "whsec_" + base64.b64encode(PREVIOUS_KEY.encode()).decode()
    assert post(n8n, previous).status_code == 200


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"body": PING.replace("ping", "pong")}, "signature"),
        ({"webhook_id": "msg_other"}, "signature"),
        ({"webhook_signature": "v1,AAAA v2,BBBB"}, "signature"),
        ({"webhook_signature": ""}, "signature"),
        ({"age": 400}, "timestamp"),
        ({"age": -400}, "timestamp"),
    ],
)
def test_what_is_not_proven_is_refused_with_the_reason(n8n, secret, changes, reason):
    answer = post(n8n, secret, **changes)
    assert (answer.status_code, answer.json()["error"]) == (401, reason)


def test_another_key_is_refused(n8n):
    stranger = "whsec_" + base64.b64encode(b"s" * 32).decode()
    assert post(n8n, stranger).status_code == 401
