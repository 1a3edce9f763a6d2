"""Write the page of runbooks that ships: ``python -m tools.write_runbooks``."""

from .runbooks import SOURCE, TARGET, page

if __name__ == "__main__":
    TARGET.write_text(page(SOURCE.read_text("utf-8")), "utf-8")
