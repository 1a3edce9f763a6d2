"""A promotion campaign from plan to launch, by all who take part in it."""

import datetime
import uuid

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.steps import choose, confirm, press, saved
from tests.scheduled import run_now
from tests.webclient import WebClient

DISPLAY = "Display is built"
PHOTO = "Photo of the finished display"


def test_a_campaign_from_plan_to_launch(screen, picture, photo, server):
    name = f"Corner weeks {uuid.uuid4().hex[:6]}"
    headquarters = screen("operations", DESKTOP)
    plan(headquarters, picture, name)
    store = screen("store0101", PHONE)
    answer_some(store, picture, name, photo)
    assert readiness(server, name) > 0
    let_the_rest_become_late(server, name)
    picture_of_lateness(headquarters, picture)
    answer_the_rest(store, picture, name)
    region_alone_finishes(store, screen, picture, name)
    press(headquarters, "Go live")
    headquarters.locator(".o_arrow_button_current", has_text="Live").wait_for()
    picture(headquarters, "campaign-live")


def plan(page, picture, name):
    """Make a campaign for the small stores and give each of them its checklist."""
    page.goto("/odoo/campaigns")
    page.get_by_role("button", name="New").click()
    page.fill("[name=name] input", name)
    launch = datetime.date.today() + datetime.timedelta(days=21)
    page.fill("[name=launch_date] input", launch.strftime("%m/%d/%Y"))
    choose(page, page, "template_id", "Promotion set-up")
    # What the template changes draws the conditions anew: let it be over.
    saved(page)
    page.get_by_role("tab", name="Which stores").click()
    only_small_stores(page)
    picture(page, "campaign-draft")
    page.locator(".o_form_button_save").click()
    press(page, "Plan")
    page.get_by_role("tab", name="Stores", exact=True).click()
    page.locator("[name=checklist_ids] .o_data_row").nth(2).wait_for()
    picture(page, "campaign-planned")


def only_small_stores(page):
    """Add the condition that the cluster is Small, in the editor."""
    editor = page.locator("[name=store_domain]")
    editor.get_by_text("New Rule").click()
    rule = editor.locator(".o_tree_editor_condition").last
    rule.locator(".o_model_field_selector").click()
    page.locator(".o_model_field_selector_popover input").fill("Cluster")
    page.locator(
        ".o_model_field_selector_popover_item_name", has_text="Cluster"
    ).click()
    rule.locator(".o_model_field_selector", has_text="Cluster").wait_for()
    rule.locator("input[type=text]").last.fill("Small")
    page.keyboard.press("Tab")
    editor.get_by_text("3 record(s)").wait_for()


def open_checklist(page, name):
    page.goto("/odoo/my-checklists")
    page.locator(".o_kanban_record", has_text=name).first.click()
    page.locator(".o_form_view").wait_for()


def tick(page, item):
    """Press Done on one item's card and wait until it is done."""
    card = page.locator(".o_kanban_record", has_text=item)
    card.get_by_role("button", name="Done").click()
    card.get_by_role("button", name="Take back").wait_for()


def answer_some(page, picture, name, photo):
    """Do one item, show the photo of another, and say that the veto item cannot be."""
    open_checklist(page, name)
    picture(page, "campaign-store")
    tick(page, "Campaign pack is checked")
    photographed = page.locator(".o_kanban_record", has_text=PHOTO)
    photographed.get_by_role("button", name="Done").click()
    page.locator(".modal-dialog input[type=file]").set_input_files(photo)
    page.locator(".modal-dialog").get_by_text(photo.name).wait_for()
    picture(page, "campaign-evidence")
    confirm(page)
    photographed.get_by_role("button", name="Take back").wait_for()
    card = page.locator(".o_kanban_record", has_text=DISPLAY)
    card.get_by_role("button", name="Cannot").click()
    confirm(page, note="The base of the display came broken")
    card.get_by_text("came broken").wait_for()
    picture(page, "campaign-veto")


def readiness(server, name):
    """Return the readiness in percent that headquarters sees."""
    client = WebClient(server.url, server.db, "operations")
    [found] = client.find("retail.campaign", [("name", "=", name)], ["readiness"])
    return found["readiness"]


def let_the_rest_become_late(server, name):
    """Let what store 0101 has not answered have been due an hour ago."""
    server.query(
        "UPDATE retail_checklist_item SET due_at = now() AT TIME ZONE 'UTC'"
        " - interval '1 hour' FROM retail_checklist list, retail_campaign campaign,"
        " retail_store store WHERE list.id = checklist_id"
        " AND campaign.id = list.campaign_id AND store.id = list.store_id"
        f" AND store.code = '0101' AND campaign.name = '{name}'"
    )
    admin = WebClient(server.url, server.db, "admin", "admin")
    run_now(admin, "Checklists: raise what is overdue")


def picture_of_lateness(page, picture):
    """See who is late, what is missing and the risk of the launch."""
    page.reload()
    page.get_by_text("What is missing").wait_for()
    assert "veto" in page.locator("[name=risk_note]").text_content()
    picture(page, "campaign-late")
    page.get_by_role("tab", name="Regions").click()
    picture(page, "campaign-regions")


def answer_the_rest(page, picture, name):
    """Mend the veto item and do what is late."""
    open_checklist(page, name)
    picture(page, "campaign-store-late")
    card = page.locator(".o_kanban_record", has_text=DISPLAY)
    card.get_by_role("button", name="Take back").click()
    for item in (DISPLAY, "Stock is on the floor", "Price labels", "Posters hang"):
        tick(page, item)
    picture(page, "campaign-store-done")


def open_exception(page, name):
    page.goto("/odoo/open-exceptions")
    page.get_by_text(name).first.click()
    page.locator(".o_form_view").wait_for()


def region_alone_finishes(store, screen, picture, name):
    """The store may not finish the readiness exception; the region may."""
    open_exception(store, name)
    press(store, "Start work")
    press(store, "Resolve")
    dialog = store.locator(".modal-dialog").first
    dialog.locator("[name=note] textarea").fill("All done")
    dialog.get_by_role("button", name="Confirm").click()
    store.get_by_text("is finished by its region only").wait_for()
    picture(store, "campaign-refused")
    region = screen("region.useast", DESKTOP)
    open_exception(region, name)
    picture(region, "campaign-region-decides")
    press(region, "Resolve")
    confirm(region, note="Seen on site: everything stands")
    press(region, "Close")
    region.locator(".o_arrow_button_current", has_text="Closed").wait_for()
