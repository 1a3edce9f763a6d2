"""What fails in n8n is tried again, then raised in Odoo; n8n says how it fares."""

from tests.n8n.cases import arrives_at_the_next_attempt, attempts, raise_case
from tests.waiting import eventually

TRIES = 3  # of the node that writes the letter


def broken_off(n8n):
    """Ids of the runs of the address of Odoo's endpoint that ended with an error."""
    runs = n8n.executions("retailOpsReceive")
    return {run["id"] for run in runs if run["status"] == "error"}


def alerts(people):
    return people["retailadmin"].find(
        "retail.integration.alert",
        [("kind", "=", "workflow"), ("detail", "like", "out of order")],
        ["summary", "detail", "exception_id", "runbook_url"],
    )


def test_a_target_that_is_broken_is_tried_again_then_raised_then_reached(
    base_url, keys, server, people, n8n
):
    n8n.mailbox.is_out_of_order = True
    n8n.mailbox.refused.clear()
    before = broken_off(n8n)
    case = raise_case(base_url, keys, people, product="DET-2L")
    assert "200" not in eventually(lambda: attempts(server, case), 120)
    alert = eventually(lambda: alerts(people), 30)[0]
    runs = eventually(lambda: broken_off(n8n) - before, 30)
    eventually(lambda: len(n8n.mailbox.refused) >= TRIES * len(runs), 30)
    n8n.mailbox.is_out_of_order = False
    assert alert["exception_id"]
    assert "1.0.0, run" in alert["detail"]
    assert alert["runbook_url"].endswith("#n8n-outage")

    arrives_at_the_next_attempt(server, people, case)
    assert len(n8n.mailbox.about(case["name"])) == 1


def test_the_heartbeat_stands_beside_odoos_own_jobs(people, n8n):
    def beats():
        return people["retailadmin"].find(
            "retail.heartbeat",
            [("system", "=", "n8n"), ("detail", "like", "heartbeat 1.0.0")],
            ["runs", "status"],
        )

    [beat] = eventually(beats, 60)
    assert beat["status"] in ("ok", "failing")
