"""One example for each kind of platform: its own words become one fact in Odoo."""

import json
import uuid

import pytest
import requests

from launcher import n8n as n8n_module
from tests.waiting import eventually

KINDS = ("shop", "marketplace", "carrier", "payment", "crm", "support")
NAMES = {
    "shop": "id",
    "marketplace": "claim_id",
    "carrier": "scan_id",
    "payment": "payout_id",
    "crm": "case_number",
    "support": "ticket",
}


def sample_of(kind):
    """Return the message pinned for trying it out, with a name of its own."""
    path = n8n_module.WORKFLOWS / f"example-{kind}.json"
    [item] = json.loads(path.read_text("utf-8"))["pinData"]["Webhook"]
    return {**item["json"]["body"], NAMES[kind]: f"try-{uuid.uuid4().hex}"}


def post(n8n, kind, message, key=None):
    return requests.post(
        f"{n8n.url}/webhook/retail-ops-example-{kind}",
        json=message,
        headers={"X-Retail-Ops-Key": key or n8n.platform_key},
        timeout=60,
    )


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_platform_says_is_one_fact_however_often_it_is_said(n8n, people, kind):
    message = sample_of(kind)
    for _again in range(2):
        answer = post(n8n, kind, message)
        assert answer.status_code == 202, answer.text
    event_id = f"{kind}-{message[NAMES[kind]]}"

    def done():
        domain = [("event_id", "=", event_id), ("state", "=", "done")]
        return people["retailadmin"].find("retail.event.job", domain, ["type"])

    assert len(eventually(done, 30)) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_each_run_tells_odoo_how_it_went(n8n, people, kind):
    assert post(n8n, kind, message := sample_of(kind)).status_code == 202

    def told():
        ours = [("system", "=", f"n8n example-{kind}"), ("status", "=", "ok")]
        beats = people["retailadmin"].find("retail.heartbeat", ours, ["detail"])
        return [beat for beat in beats if message[NAMES[kind]] in beat["detail"]]

    [beat] = eventually(told, 30)
    assert f"example-{kind} 1.0.0, run" in beat["detail"]


def test_what_is_no_trouble_ends_in_n8n(n8n, people):
    scan = {**sample_of("carrier"), "status": "OUT_FOR_DELIVERY"}
    answer = post(n8n, "carrier", scan)
    assert answer.status_code == 202
    assert answer.json() == {"skipped": "no trouble"}
    domain = [("event_id", "=", f"carrier-{scan['scan_id']}")]
    assert not people["retailadmin"].find("retail.event.job", domain, ["state"])


@pytest.mark.parametrize("kind", KINDS)
def test_who_does_not_show_the_platforms_key_is_refused(n8n, kind):
    assert post(n8n, kind, sample_of(kind), key="wrong").status_code == 403
