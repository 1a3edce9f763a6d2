"""The web client reaches a person's screen."""


def test_a_person_logs_in_and_sees_his_screen(page, errors):
    page.goto("/web/login")
    page.fill("input[name=login]", "store")
    page.fill("input[name=password]", "demo")
    page.click("button[type=submit]")
    page.locator(".o_main_navbar").wait_for(state="visible")
