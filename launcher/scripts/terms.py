"""The files of terms and languages, written with polib in Odoo's environment.

Odoo exports the terms of demo data too. Nobody's own network speaks them, so they are
left out; dates of the export are, too, so that a file changes with its terms alone.
"""

import json
import sys
import xml.etree.ElementTree as ElementTree

import polib

from launcher.database import manifest
from launcher.workshop import ADDONS

DATES = ("POT-Creation-Date", "PO-Revision-Date")
WIDTH = 78
# Odoo names the template that it makes for a product of ours.
OF_ITS_PRODUCT = "_product_template"


def write(exported):
    """Write each addon's .pot, and each of its languages with the terms of now.

    :param exported: dict addon -> text of the .pot that Odoo exports
    """
    for addon, text in exported.items():
        terms = template(addon, text)
        folder = ADDONS / addon / "i18n"
        folder.mkdir(exist_ok=True)
        terms.save(str(folder / f"{addon}.pot"))
        print(f"  {addon}: {len(terms)} terms")
        for path in sorted(folder.glob("*.po")):
            missing = len(update(path, terms).untranslated_entries())
            print(f"  {addon}, {path.stem}: {missing} to translate")


def template(addon, text):
    """Return the polib.POFile of an addon's terms, those of demo data left out."""
    terms = polib.pofile(text, wrapwidth=WIDTH)
    for name in DATES:
        terms.metadata.pop(name, None)
    samples = sample_ids(addon)
    for entry in list(terms):
        entry.occurrences = [
            (place, line)
            for place, line in entry.occurrences
            if place.rpartition(":")[2].removesuffix(OF_ITS_PRODUCT) not in samples
        ]
        if not entry.occurrences:
            terms.remove(entry)
    terms.sort(key=lambda entry: entry.msgid)
    return terms


def sample_ids(addon):
    """Return the full XML ids of the records that only an addon's demo data makes."""
    parts = manifest(addon)
    shipped = record_ids(addon, parts.get("data", []))
    return record_ids(addon, parts.get("demo", [])) - shipped


def record_ids(addon, files):
    """Return the full XML ids of the records in some of an addon's XML files."""
    return {
        name if "." in name else f"{addon}.{name}"
        for file in files
        if file.endswith(".xml")
        for record in ElementTree.parse(ADDONS / addon / file).iter("record")
        if (name := record.get("id"))
    }


def update(path, terms):
    """Bring a language up to its terms: new ones empty, those that left are gone."""
    language = polib.pofile(str(path), wrapwidth=WIDTH)
    known = {entry.msgid: entry for entry in language}
    language[:] = [known_or_new(known, entry) for entry in terms]
    language.save(str(path))
    return language


def known_or_new(known, entry):
    """Return a term with the translation that is known, else without one."""
    said = known[entry.msgid].msgstr if entry.msgid in known else ""
    return polib.POEntry(
        msgid=entry.msgid,
        msgstr=said,
        occurrences=entry.occurrences,
        comment=entry.comment,
        flags=entry.flags,
    )


if __name__ == "__main__":
    write(json.load(sys.stdin))
