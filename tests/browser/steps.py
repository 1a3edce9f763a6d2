"""What people do on every form: press what a phone keeps in a menu, choose, confirm."""

from contextlib import suppress

from playwright.sync_api import TimeoutError

from tests.waiting import eventually


def press(page, name):
    """Press a button of the status bar; a phone keeps all but the first in a menu."""
    bar = page.locator(".o_form_statusbar")
    shown = bar.get_by_role("button", name=name, exact=True)
    more = bar.locator(".o_statusbar_buttons .dropdown-toggle")
    folded = page.locator(".o-dropdown--menu").get_by_role(
        "button", name=name, exact=True
    )

    def pressed():
        for button in (shown, folded):
            if button.count():
                return clicked(button.first) or page.keyboard.press("Escape")
        if more.count() and clicked(more.first):
            with suppress(TimeoutError):
                folded.first.wait_for(timeout=5000)
        else:
            page.keyboard.press("Escape")  # a menu that lies above the form
        return False

    eventually(pressed, seconds=90)


def clicked(button):
    """Whether a button could be clicked; a form drawn anew takes its menu away."""
    with suppress(TimeoutError):
        button.click(timeout=5000)
        return True
    return False


def approve(page, name):
    """Approve what bears a name, from the activity menu, as on a busy day."""
    open_waiting(page, name)
    button = page.get_by_role("button", name="Approve", exact=True)
    button.click()
    button.wait_for(state="detached")


def open_waiting(page, name):
    """Open a request that waits for the person, from the activity menu."""
    page.locator(".o_menu_systray .fa-clock-o").click()
    page.locator(
        '.o-mail-ActivityGroup[data-model_name="retail.approval.request"]'
    ).click()
    # A form that was open bears the name too, until the list is there.
    listed = ".o_list_view .o_data_row, .o_kanban_view .o_kanban_record"
    page.locator(listed, has_text=name).first.get_by_text(name).first.click()
    page.locator(".o_form_view").wait_for()


def saved(page):
    """Wait until the form has saved what was written."""
    page.locator(".o_form_button_save").locator("visible=true").click()
    page.locator(".o_form_status_indicator_buttons.invisible").first.wait_for(
        state="attached"
    )


def choose(page, holder, field, text):
    """Choose a record in a field; a phone shows them on a screen of their own."""
    box = holder.locator(f"[name={field}] input").first
    box.click()
    if page.viewport_size["width"] < 500:
        pick(page.locator(".modal-dialog").last, text)
    else:
        box.fill(text)
        page.locator(".o-autocomplete--dropdown-item", has_text=text).first.click()


def pick(dialog, text):
    """Choose a record on the screen of its own; who is not on it is searched for."""
    found = dialog.locator(".o_kanban_record", has_text=text)
    dialog.locator(".o_kanban_record").first.wait_for()
    if not found.count():
        dialog.locator("button:has(> .fa-search)").first.click()
        dialog.locator(".o_searchview_input").fill(text)
        dialog.locator(".o_searchview_input").press("Enter")
    found.last.click()


def confirm(page, **words):
    """Fill in the dialog that is open, field by field, and confirm it."""
    dialog = page.locator(".modal-dialog").first
    for field, text in words.items():
        dialog.locator(f"[name={field}] textarea").fill(text)
    dialog.get_by_role("button", name="Confirm").click()
    dialog.wait_for(state="detached")


def reach(page, target):
    """Press Tab until something has the focus, as who has no mouse."""
    target.wait_for()
    for _tab in range(200):
        if target.evaluate("each => each === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{target} is not reached by keyboard")


def press_by_key(page, target):
    """Reach a button by keyboard alone and press it."""

    def pressed():
        reach(page, target)
        return entered(page)

    eventually(pressed, seconds=90)


def open_first_by_key(page):
    """Go from the search box down into a list and open its first record."""

    def opened():
        reach(page, page.locator(".o_searchview_input"))
        return arrived_in_a_row(page) and entered(page)

    eventually(opened, seconds=90)
    page.locator(".o_form_view").wait_for()


def arrived_in_a_row(page):
    """Whether the arrow down leads from the search box into the list."""
    for _arrow in range(6):
        page.keyboard.press("ArrowDown")
        if page.evaluate("() => !!document.activeElement.closest('.o_data_row')"):
            return True
    return False


def entered(page):
    """Press Enter; whether what had the focus still had it when the key came.

    A screen that is drawn anew, as when its answer comes late, drops the focus;
    whoever sits before it goes there once more.
    """
    focused = page.evaluate(
        """() => {
            const held = document.activeElement;
            const came = () => (window.enterCame = true);
            window.enterCame = false;
            held.addEventListener("keydown", came, {once: true});
            return held !== document.body;
        }"""
    )
    if focused:
        page.keyboard.press("Enter")
    return focused and page.evaluate("() => window.enterCame")
