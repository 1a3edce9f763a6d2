"""A broken checkout: reported on a phone, held for its cost, repaired, proved."""

from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.steps import confirm, press, saved
from tests.waiting import eventually
from tests.webclient import WebClient

SUMMARY = "Self-checkout 3 shows a black screen"
PACK = "/report/html/retail_ops_maintenance.report_evidence_pack"


def report(page, photo, picture):
    """Report the checkout, as the store's manager does on the phone."""
    page.goto("/odoo/report-exception")
    page.get_by_role("button", name="Equipment failure").click()
    page.locator("#report_equipment").select_option(label="Self-checkout 3/SC-0042-3")
    page.fill("#report_summary", SUMMARY)
    page.locator("input[type=file]").set_input_files(photo)
    picture(page, "maintenance-report")
    page.get_by_role("button", name="Send").click()
    page.get_by_text("looks after it").wait_for()


def stage(page, name):
    """Press a stage of the repair's status bar."""
    page.locator(".o_statusbar_status button:visible", has_text=name).first.click()


def quote(page, repair, picture):
    """Write down what it costs, and try to go on without an approval."""
    page.goto(f"/odoo/maintenance.request/{repair}")
    page.locator("[name=repair_cost] input").fill("640")
    page.locator(".o_form_button_save").click()
    page.locator("[name=retail_approval]").wait_for()
    stage(page, "Repaired")
    refusal = page.locator(".modal-dialog", has_text="is held until")
    refusal.wait_for()
    picture(page, "maintenance-refused")
    refusal.get_by_role("button").last.click()
    refusal.wait_for(state="detached")
    page.locator(".o_form_button_cancel").click()
    page.locator(".o_form_button_cancel").wait_for(state="hidden")


def approve(page, request, picture):
    page.goto(f"/odoo/retail.approval.request/{request}")
    button = page.get_by_role("button", name="Approve", exact=True)
    button.wait_for()
    picture(page, "maintenance-approval")
    button.click()
    button.wait_for(state="detached")


def work(page, repair, picture):
    """Begin, then be done."""
    page.goto(f"/odoo/maintenance.request/{repair}")
    current = page.locator(".o_statusbar_status .o_arrow_button_current").first
    for name in ("In Progress", "Repaired"):
        current.wait_for()
        with page.expect_response("**/web_save"):
            stage(page, name)
        expect(current).to_have_text(name, timeout=90_000)
    picture(page, "maintenance-repaired")


def read_quotes(page, repair, picture):
    """What it was said to cost, and who said it."""
    page.goto(f"/odoo/maintenance.request/{repair}")
    page.get_by_role("tab", name="Quotes").click()
    page.locator("[name=quote_ids]").get_by_text("640.00").first.wait_for()
    picture(page, "maintenance-quotes")


def finish(page, case, picture):
    """Look at the repair on the case, resolve it and close it."""
    page.goto(f"/odoo/exceptions/{case}")
    page.get_by_role("tab", name="Repair").click()
    page.locator("[name=downtime_hours]").wait_for()
    picture(page, "maintenance-case")
    press(page, "Resolve")
    confirm(page, note="New display, works again")
    press(page, "Close")


def test_a_dear_repair_waits_is_approved_done_and_proved(
    screen, log_in, photo, picture, base_url, db
):
    store = screen("store", PHONE)
    report(store, photo, picture)
    client = WebClient(base_url, db, "store")
    about = [("summary", "=", SUMMARY)]
    [case] = client.find("retail.exception", about, ["maintenance_id"])
    repair = case["maintenance_id"][0]
    technician = screen("technician")
    quote(technician, repair, picture)

    about = [("res_model", "=", "maintenance.request"), ("res_id", "=", repair)]
    [request] = client.find("retail.approval.request", about, ["name"])
    region = log_in("region")  # a printed page has no icon, which consoles lament
    approve(region, request["id"], picture)
    granted = [("id", "=", repair), ("approved_by_id", "!=", False)]
    eventually(lambda: client.find("maintenance.request", granted, ["id"]), seconds=90)

    work(technician, repair, picture)
    for size in (PHONE, DESKTOP):
        technician.set_viewport_size(size)
        read_quotes(technician, repair, picture)
    finish(store, case["id"], picture)
    closed = [("id", "=", case["id"]), ("state", "=", "closed")]
    eventually(lambda: client.find("retail.exception", closed, ["id"]), seconds=90)
    region.goto(f"{PACK}/{case['id']}")
    region.get_by_text("New display, works again").first.wait_for()
    region.get_by_text("Files and their fingerprints").wait_for()
    picture(region, "maintenance-pack")


EMERGENCY = "Walk-in freezer is dead"


def report_by_hand(client):
    """Report a dead freezer as the store's manager; return its case and repair."""
    [kind] = client.find(
        "retail.exception.type", [("code", "=", "equipment_failure")], ["name"]
    )
    named = [("serial_no", "=", "WF-0042-1")]
    [freezer] = client.find("maintenance.equipment", named, ["store_id"])
    case = client.call(
        "retail.exception",
        "create",
        {
            "summary": EMERGENCY,
            "type_id": kind["id"],
            "store_id": freezer["store_id"][0],
            "equipment_id": freezer["id"],
        },
    )
    about = [("id", "=", case), ("maintenance_id", "!=", False)]
    [made] = eventually(
        lambda: client.find("retail.exception", about, ["maintenance_id"]), 90
    )
    return case, made["maintenance_id"][0]


def escalate(page, case, picture):
    """Hand the case one level up from the phone, and see who has it now."""
    page.goto(f"/odoo/exceptions/{case}")
    page.locator(".o_cp_action_menus .dropdown-toggle").first.click()
    page.get_by_role("menuitem", name="Escalate now").click()
    expect(page.locator("[name=user_id]").first).to_contain_text("Nora Lindqvist")
    picture(page, "emergency-escalated")


def call_it_an_emergency(page, repair, picture):
    """Write down what it costs, and that it cannot wait."""
    page.goto(f"/odoo/maintenance.request/{repair}")
    page.locator("[name=repair_cost] input").fill("1850")
    page.locator("[name=is_emergency] input").check()
    saved(page)
    page.locator("[name=retail_approval]").wait_for()
    picture(page, "emergency-asked")


def test_an_escalated_emergency_is_decided_by_one_and_reviewed_afterwards(
    log_in, page, picture, errors, base_url, db
):
    client = WebClient(base_url, db, "store")
    case, repair = report_by_hand(client)
    log_in("store", size=PHONE)
    escalate(page, case, picture)
    log_in("technician", size=DESKTOP)
    call_it_an_emergency(page, repair, picture)
    about = [("res_model", "=", "maintenance.request"), ("res_id", "=", repair)]
    [request] = client.find("retail.approval.request", about, ["name"])
    log_in("region", size=PHONE)
    approve(page, request["id"], picture)
    due = [*about, ("review_state", "=", "due")]
    eventually(lambda: client.find("retail.approval.request", due, ["id"]), 90)
    log_in("admin", "admin", size=DESKTOP)
    page.goto(f"/odoo/retail.approval.request/{request['id']}")
    press(page, "It was right")
    confirm(page, text="The range was worth more.")
    fine = [*about, ("review_state", "=", "fine")]
    eventually(lambda: client.find("retail.approval.request", fine, ["id"]), 90)
    picture(page, "emergency-reviewed")
