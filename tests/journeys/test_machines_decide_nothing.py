"""The account of a system decides nothing, whatever roles somebody gives it."""

import pytest

from tests.webclient import RpcError, WebClient

REQUEST = "retail.approval.request"
LOGIN = "integration-carrier-us"
ROLES = ("group_operations", "group_finance", "group_loss_prevention")
KINDS = (
    "refund_exception",
    "price_change",
    "urgent_buy",
    "supplier_substitution",
    "staffing_override",
)


@pytest.fixture(scope="module")
def machine(base_url, db):
    """Return an integration account that holds every role the policy asks."""
    admin = WebClient(base_url, db, "admin", "admin")
    groups = admin.find(
        "ir.model.data",
        [("module", "=", "retail_ops_core"), ("name", "in", ROLES)],
        ["res_id"],
    )
    [account] = admin.find("res.users", [("login", "=", LOGIN)], ["id"])
    granted = [[4, group["res_id"]] for group in groups]
    change = {"group_ids": granted, "password": "demo"}
    admin.call("res.users", "write", [account["id"]], change)
    return WebClient(base_url, db, LOGIN)


@pytest.fixture(scope="module")
def manager(base_url, db):
    return WebClient(base_url, db, "store0047")


@pytest.fixture(scope="module")
def store(manager):
    [store] = manager.find("retail.store", [("code", "=", "0047")], ["id"])
    return store["id"]


def asked(client, model, record):
    """Return the approval request about a document."""
    about = [("res_model", "=", model), ("res_id", "=", record)]
    [request] = client.find(REQUEST, about, ["id", "state"])
    return request


def assert_decides_nothing(server, machine, request):
    for method, words in (
        ("action_approve", []),
        ("action_reject", ["No"]),
        ("action_reassign", [machine.user["uid"], "Mine"]),
        ("action_break_glass", ["Now"]),
        ("action_confirm_break", []),
    ):
        with pytest.raises(RpcError):
            machine.call(REQUEST, method, [request["id"]], *words)
    about = f"request_id = {request['id']}"
    [[decided]] = server.query(
        f"SELECT count(*) FROM retail_approval_decision WHERE {about}"
    )
    [[seats]] = server.query(
        "SELECT count(*) FROM retail_approval_request_step_user_rel AS seat "
        "JOIN retail_approval_request_step AS step "
        "ON step.id = seat.retail_approval_request_step_id "
        f"WHERE step.{about} AND seat.res_users_id = {machine.user['uid']}"
    )
    assert (int(decided), int(seats)) == (0, 0)


@pytest.mark.parametrize("code", KINDS)
def test_no_spending_price_or_supplier_is_decided_by_it(
    server, manager, machine, store, code
):
    [kind] = manager.find("retail.request.kind", [("code", "=", code)], ["id"])
    values = {
        "kind_id": kind["id"],
        "store_id": store,
        "summary": f"Machine tries {code}",
        "reason": "A test of who decides",
        "amount": 400,
    }
    [record] = manager.call("retail.request", "create", [values])
    manager.call("retail.request", "action_submit", [record])
    assert_decides_nothing(server, machine, asked(manager, "retail.request", record))


def test_no_write_off_is_decided_by_it(server, manager, machine, store):
    [kind] = manager.find(
        "retail.exception.type", [("code", "=", "inventory_discrepancy")], ["id"]
    )
    values = {
        "summary": "Machine tries a write-off",
        "store_id": store,
        "type_id": kind["id"],
        "product_code": "MACHINE-1",
        "expected_quantity": 12,
        "counted_quantity": 2,
        "unit_cost": 14.5,
    }
    [record] = manager.call("retail.exception", "create", [values])
    assert_decides_nothing(server, machine, asked(manager, "retail.exception", record))
