from odoo import fields, models
from odoo.exceptions import AccessError


class ResUsers(models.Model):
    """Whether *Getting started* opens with an administrator's day."""

    _inherit = "res.users"

    retail_is_set_up = fields.Boolean(
        string="Getting started put away",
        copy=False,
        help="The page Getting started no longer opens with the day; its menu stays.",
    )

    def action_set_up(self):
        """Put *Getting started* away and open the day.

        :return: action of the home screen
        :raise AccessError: for the page of somebody else
        """
        return self._set_getting_started(True)

    def action_set_up_again(self):
        """Let *Getting started* open with the day again, see `action_set_up`."""
        return self._set_getting_started(False)

    def _set_getting_started(self, is_away):
        if self != self.env.user:
            raise AccessError(
                self.env._("Everybody puts away his own page: log in as that user.")
            )
        self.sudo().retail_is_set_up = is_away
        return self.env["ir.actions.actions"]._for_xml_id("retail_ops_core.action_home")
