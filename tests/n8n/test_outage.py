"""n8n breaks off: people in Odoo go on, and what waited arrives once."""

import signal
from collections import Counter

import pytest

from tests.n8n.cases import (
    arrives_at_the_next_attempt,
    case_now,
    facts_of,
    notices_of,
    raise_case,
)
from tests.n8n.test_stock_discrepancy import approve_and_close


def assert_told_once(people, n8n, case):
    """One letter, one notice, each fact once."""
    assert len(n8n.mailbox.about(case["name"])) == 1
    assert [notice["audience"] for notice in notices_of(people, case)] == ["region"]
    names = Counter(fact["name"] for fact in facts_of(people, case))
    assert names and set(names.values()) == {1}


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGKILL])
def test_without_n8n_a_case_is_decided_and_the_backlog_arrives_once(
    base_url, keys, server, people, n8n, kind
):
    n8n.halt(kind)
    product = "RAZ-8" if kind == signal.SIGTERM else "WIN-PN"
    case = raise_case(base_url, keys, people, product=product)
    approve_and_close(people, case)
    assert not facts_of(people, case)

    n8n.resume()
    arrives_at_the_next_attempt(server, people, case)
    assert_told_once(people, n8n, case)
    assert case_now(people, case)["state"] == "closed"


def test_killed_in_the_middle_of_a_run_it_begins_again_and_tells_once(
    base_url, keys, server, people, n8n
):
    n8n.mailbox.gate.clear()
    n8n.mailbox.asked.clear()
    case = raise_case(base_url, keys, people, product="HON-500")
    assert n8n.mailbox.asked.wait(60), "n8n did not come as far as the letter"
    n8n.halt(signal.SIGKILL)
    n8n.mailbox.gate.set()
    assert facts_of(people, case)
    assert not n8n.mailbox.about(case["name"])

    n8n.resume()
    arrives_at_the_next_attempt(server, people, case)
    assert_told_once(people, n8n, case)
