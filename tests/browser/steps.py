"""What people do on every form: press what a phone keeps in a menu, choose, confirm."""

from contextlib import suppress

from playwright.sync_api import TimeoutError

from tests.waiting import eventually


def press(page, name):
    """Press a button of the status bar; a phone keeps all but the first in a menu."""
    bar = page.locator(".o_form_statusbar")
    more = bar.locator(".o_statusbar_buttons .dropdown-toggle")
    places = (bar, page.locator(".o-dropdown--menu"))

    def pressed():
        for place in places:
            button = place.get_by_role("button", name=name, exact=True)
            if button.count():
                return clicked(button.first)
            if place is bar and more.count():
                more.first.click()
        page.keyboard.press("Escape")
        return False

    def clicked(button):
        with suppress(TimeoutError):  # the form was drawn anew under the menu
            button.click(timeout=5000)
            return True

    eventually(pressed, seconds=40)


def choose(page, holder, field, text):
    """Choose a record in a field; a phone shows them on a screen of their own."""
    box = holder.locator(f"[name={field}] input").first
    box.click()
    if page.viewport_size["width"] < 500:
        page.locator(".o_kanban_record", has_text=text).last.click()
    else:
        box.fill(text)
        page.locator(".o-autocomplete--dropdown-item", has_text=text).first.click()


def confirm(page, **words):
    """Fill in the dialog that is open, field by field, and confirm it."""
    dialog = page.locator(".modal-dialog").first
    for field, text in words.items():
        dialog.locator(f"[name={field}] textarea").fill(text)
    dialog.get_by_role("button", name="Confirm").click()
    dialog.wait_for(state="detached")
