"""Two people at the same instant, over connections and server threads of their own."""

import threading

import pytest

from tests.webclient import RpcError, WebClient

EXCEPTION = "retail.exception"
REQUEST = "retail.approval.request"
DISCREPANCY = "inventory_discrepancy"


@pytest.fixture(scope="module")
def people(base_url, db):
    """Return who takes part, logged in."""
    logins = ("store0048", "region", "lossprevention", "operations", "country")
    return {login: WebClient(base_url, db, login) for login in [*logins, "hq"]}


@pytest.fixture(scope="module")
def facts(people):
    """Return what every case of this module shares."""
    hq = people["hq"]
    [store] = hq.find("retail.store", [("code", "=", "0048")], ["id"])
    [kind] = hq.find("retail.exception.type", [("code", "=", DISCREPANCY)], ["id"])
    return {"store_id": store["id"], "type_id": kind["id"], "expected_quantity": 12}


@pytest.fixture
def case(people, facts, request):
    """Raise a case that two people have to decide; return it and its request."""
    manager = people["store0048"]
    product = f"RACE-{request.node.name[:40]}"
    [case] = manager.call(
        EXCEPTION,
        "create",
        [
            {
                **facts,
                "summary": product,
                "product_code": product,
                "counted_quantity": 7,
                "unit_cost": 14.5,
            }
        ],
    )
    [asked] = manager.find(
        REQUEST, [("res_model", "=", EXCEPTION), ("res_id", "=", case)], ["id"]
    )
    return case, asked["id"]


def at_once(*calls):
    """Make all calls at the same moment; return what each answered or refused.

    Each thread waits at a barrier, so that the requests overlap in the server.
    """
    barrier = threading.Barrier(len(calls))
    answers = [None] * len(calls)

    def make(position):
        barrier.wait()
        try:
            answers[position] = calls[position]()
        except RpcError as refusal:
            answers[position] = refusal

    threads = [threading.Thread(target=make, args=(n,)) for n in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def count(server, sql):
    """Return the number that a SQL text counts."""
    [[number]] = server.query(sql)
    return int(number)


def decisions(server, asked):
    return count(
        server,
        f"SELECT count(*) FROM retail_approval_decision WHERE request_id = {asked}",
    )


def entries(server, asked, action):
    """Return how often the ledger says that this was done to the request."""
    return count(
        server,
        "SELECT count(*) FROM retail_audit_entry WHERE model = "
        f"'retail.approval.request' AND res_id = {asked} AND action = '{action}'",
    )


def state(server, table, record):
    [[state]] = server.query(f"SELECT state FROM {table} WHERE id = {record}")
    return state


def refusals(answers):
    return [answer for answer in answers if isinstance(answer, RpcError)]


@pytest.mark.parametrize("turn", range(3))
def test_two_approvers_at_the_same_instant_both_count_and_grant_once(
    server, people, case, turn
):
    exception, asked = case
    answers = at_once(
        lambda: people["region"].call(REQUEST, "action_approve", [asked]),
        lambda: people["lossprevention"].call(REQUEST, "action_approve", [asked]),
    )
    assert answers == [True, True]
    assert state(server, "retail_approval_request", asked) == "approved"
    assert state(server, "retail_exception", exception) == "resolved"
    assert decisions(server, asked) == 2
    assert entries(server, asked, "approval.decision") == 2
    assert entries(server, asked, "approval.decided") == 1


def test_ten_clicks_of_one_person_are_one_decision(server, people, case):
    _exception, asked = case
    clients = [people["region"]] * 10
    answers = at_once(
        *(
            lambda client=client: client.call(REQUEST, "action_approve", [asked])
            for client in clients
        )
    )
    assert not refusals(answers)
    assert decisions(server, asked) == 1
    assert state(server, "retail_approval_request", asked) == "pending"


def test_an_approval_and_a_rejection_at_once_never_approve(server, people, case):
    exception, asked = case
    at_once(
        lambda: people["region"].call(REQUEST, "action_approve", [asked]),
        lambda: people["lossprevention"].call(REQUEST, "action_reject", [asked], "No"),
    )
    assert state(server, "retail_approval_request", asked) == "rejected"
    assert state(server, "retail_exception", exception) == "in_progress"


def test_a_withdrawal_and_the_last_approval_at_once_leave_one_outcome(
    server, people, case
):
    exception, asked = case
    people["region"].call(REQUEST, "action_approve", [asked])
    answers = at_once(
        lambda: people["lossprevention"].call(REQUEST, "action_approve", [asked]),
        lambda: people["store0048"].call(REQUEST, "action_withdraw", [asked]),
    )
    assert len(refusals(answers)) == 1
    outcome = state(server, "retail_approval_request", asked)
    resolved = state(server, "retail_exception", exception) == "resolved"
    assert (outcome, resolved) in {("approved", True), ("withdrawn", False)}


def test_changed_facts_and_the_last_approval_at_once_never_approve_the_new_ones(
    server, people, case
):
    exception, asked = case
    people["region"].call(REQUEST, "action_approve", [asked])
    at_once(
        lambda: people["lossprevention"].call(REQUEST, "action_approve", [asked]),
        lambda: people["store0048"].call(
            EXCEPTION, "write", [exception], {"counted_quantity": 0}
        ),
    )
    [[counted]] = server.query(
        f"SELECT counted_quantity::int FROM retail_exception WHERE id = {exception}"
    )
    resolved = state(server, "retail_exception", exception) == "resolved"
    assert resolved == (int(counted) == 7)


def test_asking_many_times_at_once_makes_one_request(server, people, case):
    exception, asked = case
    people["store0048"].call(REQUEST, "action_withdraw", [asked])
    manager = people["store0048"]
    at_once(
        *(
            lambda: manager.call(EXCEPTION, "action_request_approval", [exception])
            for _click in range(8)
        )
    )
    pending = (
        "SELECT count(*) FROM retail_approval_request WHERE state = 'pending' "
        f"AND res_model = '{EXCEPTION}' AND res_id = {exception}"
    )
    assert count(server, pending) == 1


def test_two_who_release_at_once_are_still_two_people(server, people, case):
    _exception, asked = case
    people["operations"].call(REQUEST, "action_break_glass", [asked], "It leaks")
    answers = at_once(
        lambda: people["operations"].call(REQUEST, "action_confirm_break", [asked]),
        lambda: people["country"].call(REQUEST, "action_confirm_break", [asked]),
    )
    assert len(refusals(answers)) == 1
    [[first, second]] = server.query(
        "SELECT user_id, second_user_id FROM retail_approval_override "
        f"WHERE request_id = {asked} AND confirmed_at IS NOT NULL"
    )
    assert first != second


def test_the_same_release_confirmed_many_times_at_once_is_one(server, people, case):
    _exception, asked = case
    people["operations"].call(REQUEST, "action_break_glass", [asked], "It leaks")
    country = people["country"]
    at_once(
        *(
            lambda: country.call(REQUEST, "action_confirm_break", [asked])
            for _click in range(6)
        )
    )
    assert entries(server, asked, "approval.override.confirmed") == 1
    assert state(server, "retail_approval_request", asked) == "approved"


@pytest.fixture
def small_orders(base_url, db):
    """Return the buying manager and orders of one vendor, two of which he may alone."""
    admin = WebClient(base_url, db, "admin", "admin")
    buyer = WebClient(base_url, db, "store")
    [store] = buyer.find("retail.store", [("code", "=", "0042")], ["id"])
    goods = admin.call("product.product", "create", {"name": "Raced bags"})
    line = {"product_id": goods, "product_qty": 1, "price_unit": 20, "tax_ids": False}
    order = {
        "partner_id": admin.call("res.partner", "create", {"name": "Raced vendor"}),
        "store_id": store["id"],
        "order_line": [(0, 0, line)],
    }
    return buyer, buyer.call("purchase.order", "create", [order] * 5)


def test_parts_of_one_need_confirmed_at_the_same_instant_see_each_other(small_orders):
    buyer, orders = small_orders
    at_once(
        *(
            lambda order=order: buyer.call("purchase.order", "button_confirm", [order])
            for order in orders
        )
    )
    bought = [("id", "in", orders), ("state", "=", "purchase")]
    assert len(buyer.find("purchase.order", bought, ["id"])) == 2
