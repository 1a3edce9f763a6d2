from odoo import models

from ..tools import runbooks


class IrActionsActUrl(models.Model):
    """A runbook opens in the language of who opens it."""

    _inherit = "ir.actions.act_url"

    def _get_action_dict(self):
        result = super()._get_action_dict()
        return {**result, "url": runbooks.spoken(result["url"], self.env.lang)}
