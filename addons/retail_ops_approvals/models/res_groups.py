from odoo import api, models

from ..tools import sheet

MEMBER_FIELDS = {"user_ids", "implied_ids", "implied_by_ids"}
ALWAYS = (
    "retail_ops_core.group_admin",
    "retail_ops_approvals.group_break_glass",
)


class ResGroups(models.Model):
    """A role as spreadsheets call it, and those whose members are watched."""

    _inherit = "res.groups"

    def _sheet_name(self):
        """Return the role's name where it is the only one, else its external name."""
        name = self.with_context(lang="en_US").name
        same = self.search_count([("name", "=ilike", name)], limit=2)
        plain = same == 1 and not set("()") & set(name) and sheet.AND not in name
        return name if plain else self.get_external_id()[self.id] or name

    @api.model
    def _deciding(self):
        """Return the roles that decide, publish, release or must not meet."""
        steps = (
            self.env["retail.approval.step"]
            .sudo()
            ._read_group([("group_id", "!=", False)], ["group_id"])
        )
        apart = self.env["retail.approval.incompatibility"].sudo()
        pairs = apart.search([("active", "=", True)])
        always = [self.env.ref(xmlid, raise_if_not_found=False) for xmlid in ALWAYS]
        return self.sudo().union(
            *(group for (group,) in steps),
            pairs.group_id,
            pairs.other_group_id,
            *filter(None, always),
        )

    @api.model
    def _deciders(self):
        """Return who holds them, with no more rights than the caller's."""
        return self.env["res.users"].browse(self._deciding().all_user_ids.ids)

    @api.model_create_multi
    def create(self, vals_list):
        """A new role that implies another may bring people into that one."""
        holders = self._deciders()
        before = holders._approval_roles()
        groups = super().create(vals_list)
        (holders | self._deciders())._note_role_changes(before)
        return groups

    def write(self, vals):
        if not MEMBER_FIELDS & set(vals):
            return super().write(vals)
        holders = self._deciders()
        before = holders._approval_roles()
        result = super().write(vals)
        (holders | self._deciders())._note_role_changes(before)
        return result
