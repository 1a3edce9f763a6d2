"""The web client reaches a person's screen."""


def test_administrator_logs_in_and_sees_the_web_client(log_in):
    page = log_in("admin", "admin")
    assert page.locator(".o_main_navbar").is_visible()
