"""An analyst looks at what stands out; leaves pictures behind."""

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.steps import confirm, press


def test_an_outlier_shows_its_arithmetic_and_is_dismissed_with_a_reason(
    log_in, page, picture, errors
):
    log_in("lossprevention", size=DESKTOP)
    page.goto("/odoo/outliers")
    page.locator(".o_data_row", has_text="Refund anomaly").first.wait_for()
    picture(page, "outliers")
    page.locator(".o_data_row", has_text="Refund anomaly").first.click()
    page.get_by_text("would be expected").first.wait_for()
    picture(page, "outlier")
    page.set_viewport_size(PHONE)
    picture(page, "outlier")
    page.set_viewport_size(DESKTOP)
    press(page, "Dismiss")
    confirm(page, reason="A new till was taught that week.")
    page.get_by_text("A new till was taught").first.wait_for()
