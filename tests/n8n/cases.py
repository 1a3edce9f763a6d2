"""Cases as the journeys raise and read them."""

import uuid

from tests.scheduled import run_now
from tests.waiting import eventually
from tests.webclient import WebClient, discrepancy, post_event

CASE = ["name", "state", "correlation_id", "severity", "outside_html"]
DELIVER = "Integrations: deliver outbox"


def case_of(client, message_id):
    """Return the case that an event raised, or None."""
    found = client.find("retail.exception", [("intake_key", "like", message_id)], CASE)
    return found[0] if found else None


def case_now(people, case):
    """Return a case as the auditor reads it now."""
    [now] = people["auditor"].find("retail.exception", [("id", "=", case["id"])], CASE)
    return now


def raise_case(base_url, keys, people, **facts):
    """Post a discrepancy as the till does, and return its case."""
    message_id = f"pos-{uuid.uuid4()}"
    answer = post_event(base_url, keys["source"], message_id, discrepancy(**facts))
    assert answer.status_code == 202
    return eventually(lambda: case_of(people["auditor"], message_id), 30)


def hops(people, case):
    """Return the hops of a case as the auditor sees them."""
    return people["auditor"].find(
        "retail.trace",
        [("correlation_id", "=", case["correlation_id"])],
        ["at", "kind", "party", "what", "outcome"],
    )


def facts_of(people, case):
    return people["auditor"].find(
        "retail.exception.enrichment",
        [("exception_id", "=", case["id"])],
        ["name", "value", "system_of_record", "workflow"],
    )


def notices_of(people, case):
    return people["auditor"].find(
        "retail.exception.notice",
        [("exception_id", "=", case["id"])],
        ["audience", "sent_at", "acknowledged_at", "answer", "workflow"],
    )


def is_acknowledged(people, case):
    """Whether n8n has said that it processed the news of a case."""
    return any(
        hop["kind"] == "receipt" and hop["what"] == "exception.created"
        for hop in hops(people, case)
    )


def arrives_at_the_next_attempt(server, people, case):
    """Let the minutes until the next attempt pass, until n8n has acknowledged."""

    def arrived():
        if not is_acknowledged(people, case):
            let_the_pause_pass(server)
        return is_acknowledged(people, case)

    eventually(arrived, 90)


def let_the_pause_pass(server):
    """Nothing rests, everything is due, and what is due is delivered."""
    server.query(
        "UPDATE retail_endpoint_health SET resting_until = now() AT TIME ZONE 'utc';"
    )
    server.query(
        "UPDATE retail_delivery SET next_at = now() AT TIME ZONE 'utc' "
        "WHERE state = 'pending';"
    )
    run_now(WebClient(server.url, server.db, "admin", "admin"), DELIVER)


def attempts(server, case):
    """Return the statuses of the attempts to tell n8n of a case, in order."""
    rows = server.query(
        "SELECT attempt.status FROM retail_delivery_attempt AS attempt "
        "JOIN retail_delivery AS delivery ON delivery.id = attempt.delivery_id "
        "JOIN retail_endpoint AS endpoint ON endpoint.id = delivery.endpoint_id "
        "JOIN retail_outbox AS outbox ON outbox.id = delivery.outbox_id "
        "WHERE endpoint.name = 'n8n' AND outbox.type = 'exception.created' "
        f"AND outbox.correlation_id = '{case['correlation_id']}' ORDER BY attempt.id;"
    )
    return [status for [status] in rows]
