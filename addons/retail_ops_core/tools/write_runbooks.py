"""Write the pages of runbooks that ship: ``python -m tools.write_runbooks``."""

from .runbooks import LANGUAGES, page, source, target

if __name__ == "__main__":
    for language in LANGUAGES:
        text = source(language).read_text("utf-8")
        target(language).write_text(page(text, language), "utf-8")
