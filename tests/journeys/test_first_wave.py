"""The four workflows of the first wave, in every state, as the demo installs them."""

import pytest

STATES = {
    "cases about stock": (
        "SELECT DISTINCT found.state FROM retail_exception found"
        " JOIN retail_exception_type kind ON kind.id = found.type_id"
        " WHERE kind.family = 'stock';",
        "triaged in_progress waiting resolved closed cancelled",
    ),
    "counts and scraps": (
        "SELECT DISTINCT state FROM retail_stock_hold;",
        "waiting applied refused dropped",
    ),
    "transfers that a case proposes": (
        "SELECT DISTINCT picking.state FROM stock_picking picking"
        " JOIN retail_exception found ON found.stock_picking_id = picking.id;",
        "draft",
    ),
    "orders of stores": (
        "SELECT DISTINCT replace(state, ' ', '_') FROM purchase_order"
        " WHERE store_id IS NOT NULL;",
        "draft to_approve purchase cancel",
    ),
    "orders before their deciders": (
        "SELECT DISTINCT state FROM retail_approval_request"
        " WHERE res_model = 'purchase.order';",
        "pending approved rejected",
    ),
    # The queue carries out what is approved as soon as the server runs.
    "needs of stores": (
        "SELECT DISTINCT need.state FROM retail_request need"
        " JOIN retail_request_kind kind ON kind.id = need.kind_id"
        " WHERE kind.code = 'local_procurement';",
        "draft waiting done refused cancelled",
    ),
    "cases about equipment": (
        "SELECT DISTINCT found.state FROM retail_exception found"
        " JOIN retail_exception_type kind ON kind.id = found.type_id"
        " WHERE kind.code = 'equipment_failure';",
        "triaged in_progress waiting resolved closed cancelled",
    ),
    "repairs": (
        "SELECT DISTINCT CASE WHEN request.archive THEN 'cancelled'"
        " WHEN stage.done THEN 'done' ELSE stage.retail_step END"
        " FROM maintenance_request request"
        " JOIN maintenance_stage stage ON stage.id = request.stage_id"
        " WHERE request.store_id IS NOT NULL;",
        "reported approval work supplier done cancelled",
    ),
    "repairs before their deciders": (
        "SELECT DISTINCT state FROM retail_approval_request"
        " WHERE res_model = 'maintenance.request';",
        "pending approved rejected",
    ),
    "promotions": (
        "SELECT DISTINCT state FROM retail_campaign;",
        "draft preparing live ended",
    ),
    "checklists of promotions": (
        "SELECT DISTINCT state FROM retail_checklist WHERE campaign_id IS NOT NULL;",
        "open done missed",
    ),
}


@pytest.mark.parametrize("what", STATES)
def test_the_demo_shows_each_state_of_the_first_wave(server, what):
    question, states = STATES[what]
    found = {state for [state] in server.query(question)}
    assert set(states.split()) <= found
