import json


def figures_of(section):
    """Yield every figure of a section, wherever on it."""
    yield from section.get("figures") or []
    yield from section.get("bars") or []
    if section.get("all"):
        yield section["all"]
    for row in (section.get("table") or {}).get("rows", []):
        yield row["raised"]
        yield from row["cells"]
    for row in (section.get("heat") or {}).get("rows", []):
        yield from row["cells"]
    yield from (section.get("trend") or {}).get("series", [])


class HomeTiles:
    """Checks of home screens against numbers that a test wrote down itself."""

    def _home(self, user, page=None, scope_id=None):
        return self.env["retail.home"].with_user(user).get_home(page, scope_id)

    def _section(self, home, key):
        return next(each for each in home["sections"] if each["key"] == key)

    def _figure(self, home, section, key):
        found = figures_of(self._section(home, section))
        return next(figure for figure in found if figure["key"] == key)

    def _keyed(self, home, module):
        """Return the page's figures about records of ``module``, by place and key."""
        return {
            (section["key"], figure["key"]): figure
            for section in home["sections"]
            for figure in figures_of(section)
            if figure["key"] and self.env[figure["model"]]._original_module == module
        }

    def _assert_tiles(self, user, home, module, expected):
        """Check each figure of a page: none is left out, none opens other records.

        :param expected: dict ``(section, figure)`` -> ``(number, records)``
        """
        keyed = self._keyed(home, module)
        self.assertEqual(set(keyed), set(expected))
        for place, (number, records) in expected.items():
            with self.subTest(user=user.login, figure=place):
                self.assertEqual(keyed[place]["value"], number)
                self._assert_opens(user, keyed[place], records)

    def _assert_opens(self, user, figure, records):
        domain = json.loads(json.dumps(figure["domain"]))
        found = self.env[figure["model"]].with_user(user).search(domain)
        self.assertEqual(set(found.ids), set(records.ids))
        self.assertEqual(figure["model"], records._name)
