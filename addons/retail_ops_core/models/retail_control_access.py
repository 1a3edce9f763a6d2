from odoo import models

OURS = "retail.%"
CHANGING = ("perm_write", "perm_create", "perm_unlink")
# What an import or an export names; all else with an XML id came with an addon.
NO_ADDON = ("", "__export__", "__import__")


class RetailControl(models.Model):
    """Controls of who may do what, as the rights of this database stand."""

    _inherit = "retail.control"

    def _check_roles(self):
        """Rights on the suite's models are those that addons ship."""
        return [
            self.env._(
                "“%(right)s” opens “%(model)s” by hand: archive it, or ship it in an "
                "addon of your own.",
                right=access.name,
                model=access.model_id.name,
            )
            for access in self._made_by_hand(self._rights())
        ]

    def _check_stores_apart(self):
        """The rules that keep stores apart are all on, and none was added by hand."""
        rules = self.env["ir.rule"].with_context(active_test=False)
        ours = rules.search([("model_id.model", "=like", OURS)])
        by_hand = self._made_by_hand(ours)
        off = (ours - by_hand).filtered(lambda rule: not rule.active)
        widening = by_hand.filtered(lambda rule: rule.active and rule.groups)
        return [
            self.env._("The record rule “%s” is off: set it active.", rule.display_name)
            for rule in off
        ] + [
            self.env._(
                "The record rule “%s” was made by hand and may show more: archive it, "
                "or ship it in an addon of your own.",
                rule.display_name,
            )
            for rule in widening
        ]

    def _check_auditor(self):
        """Nothing that an auditor's roles bring changes a record that stays."""
        roles = self.env.ref("retail_ops_core.group_auditor").all_implied_ids
        granted = self._rights().filtered(
            lambda access: (not access.group_id or access.group_id in roles)
            and any(access[name] for name in CHANGING)
            and not self.env[access.model_id.model].is_transient()
        )
        return [
            self.env._(
                "“%(right)s” lets auditors change “%(model)s”: take that right away.",
                right=access.name,
                model=access.model_id.name,
            )
            for access in granted
        ]

    def _rights(self):
        return self.env["ir.model.access"].search(
            [("model_id.model", "=like", OURS), ("active", "=", True)]
        )

    def _made_by_hand(self, records):
        """Return those that no addon ships."""
        shipped = records.get_external_id()
        return records.filtered(lambda each: shipped[each.id].split(".")[0] in NO_ADDON)
