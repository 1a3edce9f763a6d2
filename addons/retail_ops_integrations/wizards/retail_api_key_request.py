from odoo import api, fields, models

from ..models.retail_source_api_key import SCOPES


class RetailApiKeyRequest(models.TransientModel):
    """Asks what an API key is for before it is made."""

    _name = "retail.api.key.request"
    _description = "Issue API key"

    source_id = fields.Many2one("retail.source", required=True, readonly=True)
    purpose = fields.Char(required=True, help="Who holds it, and why it cannot sign.")
    may_send_events = fields.Boolean(
        string="Send events",
        default=True,
        help="It may bring events to the door, as its source's contract says.",
    )
    may_raise_exceptions = fields.Boolean(
        string="Raise exceptions",
        help="It may make cases and add facts to its own, without deciding anything.",
    )
    may_read = fields.Boolean(
        string="Read its own",
        help="It may read the events and cases that came from its source, and no "
        "others.",
    )
    may_read_metrics = fields.Boolean(
        string="Read metrics",
        help="It may read the figures of the monitor, for a monitoring system.",
    )
    days = fields.Integer(
        string="Valid for (days)",
        required=True,
        default=90,
        help="1 to 365. Issue the next key before this one ends.",
    )

    @api.model
    def _ask(self, source):
        """Return the window that asks.

        :param source: retail.source
        """
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("API key for %s", source.name),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {"default_source_id": source.id},
        }

    def action_confirm(self):
        """Make the key and show it once.

        :return: action of the window that shows the key
        :raise UserError: the source takes none, or the time is too long
        """
        self.ensure_one()
        self.source_id.check_access("write")
        scopes = [scope for scope in SCOPES if self[scope]]
        key = self.env["retail.source.api.key"]._issue(
            self.source_id, self.purpose, scopes, self.days
        )
        return self.env["retail.secret.reveal"]._show_api_key(self.source_id, key)
