from odoo import models

from ..tools import sheet


class ResGroups(models.Model):
    """A role as spreadsheets call it."""

    _inherit = "res.groups"

    def _sheet_name(self):
        """Return the role's name where it is the only one, else its external name."""
        name = self.with_context(lang="en_US").name
        same = self.search_count([("name", "=ilike", name)], limit=2)
        plain = same == 1 and not set("()") & set(name) and sheet.AND not in name
        return name if plain else self.get_external_id()[self.id] or name
