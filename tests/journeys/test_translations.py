"""The terms kept in the repository are those that Odoo exports."""

import polib

from launcher import i18n
from launcher.scripts import terms
from launcher.workshop import ADDONS


def test_the_kept_terms_are_those_of_the_code(server, workshop):
    with workshop.progress.step("Terms") as step:
        exported = i18n.export(server.database, step)
    for addon, text in exported.items():
        now = {entry.msgid for entry in terms.template(addon, text)}
        kept = polib.pofile(str(ADDONS / addon / "i18n" / f"{addon}.pot"))
        missing = now - {entry.msgid for entry in kept}
        assert not missing, (
            f"{addon}: {len(missing)} of {len(now)} terms are not in its .pot: run "
            f"'./retail-ops i18n' and say them in each language."
        )
