from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from .retail_stock_facts import READER

KEY_DAYS = 90


class ResUsers(models.Model):
    """The account that asks for stock facts gets its key from an administrator."""

    _inherit = "res.users"

    def action_issue_stock_facts_key(self):
        """Make a key for an account that reads stock facts, and show it once.

        :return: action of Odoo's own window for new keys
        :raise AccessError: the caller does not administer users
        :raise UserError: the account may do more than ask for stock facts
        """
        self.ensure_one()
        if not self.env.user.has_group("base.group_system"):
            raise AccessError(self.env._("Ask an administrator to issue the key."))
        reader = self.env.ref(READER)
        if self.sudo().all_group_ids != reader:
            raise UserError(
                self.env._(
                    "%s must have the role Stock facts reader and no other: take the "
                    "others away, or use an account of its own.",
                    self.name,
                )
            )
        until = fields.Datetime.now() + timedelta(days=KEY_DAYS)
        keys = self.with_user(self).env["res.users.apikeys"]
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.users.apikeys.show",
            "name": self.env._("Key for %s", self.name),
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_key": keys._generate("rpc", self.name, until)},
        }
