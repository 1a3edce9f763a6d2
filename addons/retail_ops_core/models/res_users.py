from odoo import fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    def write(self, vals):
        result = super().write(vals)
        if vals.get("active") is False:
            self._hand_over_exceptions()
        return result

    def _hand_over_exceptions(self):
        """Give a leaver's open exceptions to whoever is next in line."""
        exceptions = (
            self.env["retail.exception"]
            .sudo()
            .search([("user_id", "in", self.ids), ("is_open", "=", True)])
        )
        for exception in exceptions:
            heir = exception.queue_id._assignee_for(exception.store_id)
            exception._hand_over(heir, self.env._("The user before has left."))

    def _present(self):
        """Return those who are active and not out of office now."""
        now = fields.Datetime.now()
        return self.filtered(
            lambda user: user.active
            and not (
                user.out_of_office_from
                and user.out_of_office_from <= now
                and (not user.out_of_office_to or now <= user.out_of_office_to)
            )
        )
