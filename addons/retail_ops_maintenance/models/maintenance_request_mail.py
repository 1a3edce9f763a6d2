from odoo import api, models

from .maintenance_request import defaults_of


class MaintenanceRequest(models.Model):
    """A request that comes by mail is made as superuser, and bound like any other."""

    _inherit = "maintenance.request"

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """Make a request of a mail, with what its address says.

        :param msg_dict: dict of the mail, as Odoo parses it
        :param custom_values: dict of values that the alias gives
        :raise AccessError: for an alias that says what only a repair's course sets
        """
        named = {*(custom_values or {}), *defaults_of(self.env.context)}
        self._refuse_whoever_asks(named)
        return super().message_new(msg_dict, custom_values)
