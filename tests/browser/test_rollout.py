"""A workflow taken into stores wave by wave; leaves pictures behind."""

import pytest

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.steps import confirm, press
from tests.webclient import WebClient

WAVES = "/odoo/action-retail_ops_core.action_rollout_wave"
WORKFLOWS = "/odoo/action-retail_ops_core.action_workflow"


def test_the_inventory_scores_each_workflow_and_shows_its_definition(
    log_in, page, picture, errors
):
    log_in("operations", size=DESKTOP)
    page.goto(WORKFLOWS)
    page.locator(".o_data_row", has_text="Inventory exceptions").first.wait_for()
    picture(page, "rollout-inventory")
    page.locator(".o_data_row", has_text="Price labels").first.click()
    page.get_by_text("Exception path").first.wait_for()
    page.get_by_text("of 125").first.wait_for()
    picture(page, "rollout-workflow")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_wave_shows_how_far_rules_and_people_agree(
    log_in, page, picture, errors, size
):
    log_in("retailadmin", size=size)
    page.goto(WAVES)
    page.get_by_text("US East: price labels").first.click()
    page.get_by_text("Cohen's kappa").first.wait_for()
    picture(page, f"rollout-agreement-{size['width']}")
    page.get_by_role("tab", name="Gates").click()
    page.get_by_text("Data quality").first.wait_for()
    picture(page, f"rollout-gates-{size['width']}")


def test_differences_stand_side_by_side_and_too_few_keep_a_wave_in_shadow(
    log_in, page, picture, errors
):
    log_in("retailadmin", size=DESKTOP)
    page.goto(WAVES)
    page.get_by_text("US East: price labels").first.click()
    page.get_by_text("Cohen's kappa").first.wait_for()
    page.locator("button[name=action_open_differences]").click()
    page.locator(".o_list_view .o_data_row").nth(1).wait_for()
    picture(page, "rollout-differences")
    page.go_back()
    page.get_by_text("Cohen's kappa").first.wait_for()
    press(page, "Go live")
    page.locator(".modal textarea").fill("The region asks for it.")
    page.get_by_role("button", name="Confirm").click()
    page.get_by_text("cannot go live yet").first.wait_for()
    picture(page, "rollout-refused")


def test_the_next_wave_starts_in_shadow_with_a_reason(
    log_in, page, picture, errors, server
):
    log_in("retailadmin", size=DESKTOP)
    page.goto(WAVES)
    page.get_by_text("US East: price labels").first.wait_for()
    canada = page.get_by_text("Canada: price labels")
    assert canada.count() == 0
    switch_all_companies_on(page, server)
    page.goto(WAVES)
    canada.first.click()
    page.locator(".o_form_view").wait_for()
    press(page, "Start in shadow")
    confirm(page, reason="The managers were told on Monday.")
    page.get_by_text("Nothing noted yet").first.wait_for()
    picture(page, "rollout-started")


def switch_all_companies_on(page, server):
    """As the company menu does, which a reload follows."""
    client = WebClient(server.url, server.db, "retailadmin")
    every = client.call("res.company", "search", [])
    cookie = {"name": "cids", "value": "-".join(map(str, every)), "url": server.url}
    page.context.add_cookies([cookie])


@pytest.fixture
def held_labels(server):
    """A kind of request that belongs to the price labels, so that their waves hold."""
    admin = WebClient(server.url, server.db, "admin", "admin")
    [workflow] = admin.find("retail.workflow", [("code", "=", "price_labels")], ["id"])
    facts = {"name": "Label reprint", "code": "label_reprint"}
    kind = admin.call(
        "retail.request.kind", "create", {**facts, "workflow_id": workflow["id"]}
    )
    yield
    admin.call("retail.request.kind", "unlink", [kind])


def test_a_live_wave_that_holds_documents_goes_back_only_by_two(
    log_in, page, picture, errors, held_labels
):
    log_in("retailadmin", size=DESKTOP)
    open_west(page)
    press(page, "Roll back")
    confirm(page, reason="The labels of last week were wrong.")
    question = page.get_by_text("Another administrator has to agree")
    question.wait_for()
    picture(page, "rollout-asked")
    assert page.get_by_role("button", name="Agree to go back").count() == 0
    log_in("admin", "admin", size=DESKTOP)
    open_west(page)
    page.get_by_role("button", name="Agree to go back").wait_for()
    picture(page, "rollout-agree")
    press(page, "Stay live")
    question.wait_for(state="hidden")


def open_west(page):
    page.goto(WAVES)
    page.get_by_text("US West: price labels").first.click()
    page.locator(".o_form_view").wait_for()
