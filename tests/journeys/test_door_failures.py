"""What the doors say when it is the server that fails, and what the log keeps."""

import contextlib
import uuid

import pytest
import requests

from launcher import webhook
from tests.webclient import discrepancy, post_event

FAIL_AT_COMMIT = """
    CREATE FUNCTION test_fail_at_commit() RETURNS trigger AS $$
    BEGIN
        IF NEW.event_id LIKE 'commit-%' THEN
            RAISE EXCEPTION 'secret detail';
        END IF;
        RETURN NEW;
    END $$ LANGUAGE plpgsql;
    CREATE CONSTRAINT TRIGGER test_fail_at_commit AFTER INSERT ON retail_event
        DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION test_fail_at_commit();
"""
HEAL = """
    DROP TRIGGER test_fail_at_commit ON retail_event;
    DROP FUNCTION test_fail_at_commit();
"""


def assert_problem(response, status):
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == status


def test_an_error_at_commit_is_a_problem_and_never_a_2xx(base_url, server, keys):
    message_id = f"commit-{uuid.uuid4().hex}"
    body = discrepancy(store="0046", product="COMMIT", counted=11)
    server.query(FAIL_AT_COMMIT)
    try:
        response = post_event(base_url, keys["source"], message_id, body)
    finally:
        server.query(HEAL)
    assert_problem(response, 500)
    assert "secret" not in response.text
    stored = f"SELECT count(*) FROM retail_event WHERE event_id = '{message_id}'"
    assert int(server.query(stored)[0][0]) == 0
    again = post_event(base_url, keys["source"], message_id, body)
    assert again.status_code == 202
    assert again.json()["status"] == "accepted"


def test_too_large_a_body_is_a_problem_over_a_real_connection(base_url, keys):
    body = b" " * (256 * 1024 + 1)
    assert_problem(post_event(base_url, keys["source"], "large", body), 413)


def test_a_body_in_chunks_is_judged_like_any_other(base_url, keys):
    message_id = f"chunks-{uuid.uuid4().hex}"
    body = discrepancy(store="0046", product="CHUNKS", counted=11)
    answer = send_in_chunks(base_url, keys["source"], message_id, body)
    assert answer.status_code == 202, answer.text
    padded = body + b" " * (256 * 1024)
    refused = send_in_chunks(base_url, keys["source"], message_id + "l", padded)
    assert_problem(refused, 413)


def send_in_chunks(base_url, source, message_id, body):
    headers = {
        "Retail-Ops-Source": source["code"],
        "Content-Type": "application/json",
        **webhook.headers(source["secret"], message_id, body),
    }
    parts = (body[at : at + 4096] for at in range(0, len(body), 4096))
    url = f"{base_url}/retail_ops/v1/events"
    return requests.post(url, data=parts, headers=headers, timeout=30)


@pytest.mark.parametrize("name", ["webhook-signature", "webhook-id", "X-Anything"])
def test_oversized_headers_are_refused_and_the_door_stays_open(base_url, keys, name):
    url = f"{base_url}/retail_ops/v1/events"
    for size in (9_000, 70_000):
        headers = {"Retail-Ops-Source": keys["source"]["code"], name: "a" * size}
        with contextlib.suppress(requests.ConnectionError):  # hung up on: refused too
            answer = requests.post(url, data=b"{}", headers=headers, timeout=30)
            assert 400 <= answer.status_code < 500, answer.text
    assert requests.get(f"{base_url}/retail_ops/v1/health", timeout=30).ok


def test_unknown_addresses_and_methods_are_problems(base_url):
    for path in ("nowhere", "events/", "exceptions/a/b", "admin", "..%2f"):
        response = requests.delete(f"{base_url}/retail_ops/v1/{path}", timeout=30)
        assert response.status_code in (404, 405), response.text
        assert response.headers["Content-Type"] == "application/problem+json", path


def test_the_servers_log_holds_no_secret(base_url, server, keys):
    secret = keys["source"]["secret"]
    key = "rok_live_" + uuid.uuid4().hex * 2
    for headers in (
        {"Authorization": f"Bearer {key}"},
        {"webhook-signature": f"v1,{secret}"},
    ):
        requests.post(
            f"{base_url}/retail_ops/v1/events?source={keys['source']['code']}",
            data=discrepancy(),
            headers={"Content-Type": "application/json", **headers},
            timeout=30,
        )
    event = discrepancy(store="0046", product="LOG", counted=11)
    accepted = post_event(base_url, keys["source"], f"log-{uuid.uuid4().hex}", event)
    assert accepted.status_code == 202, accepted.text
    log = server.log.read_text(errors="replace")
    signs = keys["endpoint"]["secret"]
    for text in (*both_spellings(secret), *both_spellings(signs), key):
        assert text not in log


def both_spellings(secret):
    return secret, secret.removeprefix("whsec_")
