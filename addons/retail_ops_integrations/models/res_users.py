from odoo import models
from odoo.exceptions import ValidationError


class ResUsers(models.Model):
    _inherit = "res.users"

    def _is_integration_account(self):
        """Tell whether the user can create events and nothing else."""
        self.ensure_one()
        account = self.env.ref("retail_ops_integrations.group_integration").sudo()
        held = self.sudo().all_group_ids
        return account in held and held <= account.all_implied_ids

    def _is_machine(self):
        account = self.env.ref("retail_ops_integrations.group_integration").sudo()
        return super()._is_machine() or account in self.sudo().all_group_ids

    def _check_answers_for_integrations(self):
        """Raise unless each user can see what he gets activities about.

        :raise ValidationError: names the user and the role
        """
        for user in self:
            if not user.has_group("retail_ops_integrations.group_integrator"):
                raise ValidationError(
                    self.env._(
                        "%s cannot see the doors and could not act: give the role "
                        "Integrator, or choose another owner.",
                        user.name,
                    )
                )
