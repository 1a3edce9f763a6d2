import ipaddress

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from ..tools import egress


class RetailEgressRule(models.Model):
    """An address that is not public, which endpoints may reach all the same."""

    _name = "retail.egress.rule"
    _description = "Egress rule"
    _inherit = ["mail.thread", "retail.cached"]
    _order = "destination"
    _rec_name = "destination"

    destination = fields.Char(
        required=True,
        tracking=True,
        help="A host name, an IP address or a network, such as n8n.example.internal "
        "or 10.1.2.0/24. Cloud metadata and link-local addresses stay closed.",
    )
    port = fields.Integer(tracking=True, help="0 allows every port.")
    plain_http = fields.Boolean(
        string="Allow unencrypted http",
        tracking=True,
        help="For tests and for hosts that nobody else can listen to.",
    )
    reason = fields.Text(required=True, tracking=True, help="Why this is safe.")
    active = fields.Boolean(default=True, tracking=True)

    @api.constrains("destination", "port")
    def _check_destination(self):
        for rule in self:
            try:
                rule._allowance()
            except (ValueError, egress.EgressError) as error:
                raise ValidationError(
                    self.env._(
                        "“%(destination)s” is neither a host name nor a network: "
                        "%(reason)s.",
                        destination=rule.destination,
                        reason=error,
                    )
                ) from error
            if not 0 <= rule.port <= 65535:
                raise ValidationError(self.env._("A port is from 0 (any) to 65535."))

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules._note("created")
        return rules

    def write(self, vals):
        result = super().write(vals)
        self._note("changed")
        return result

    @api.ondelete(at_uninstall=False)
    def _note_deletion(self):
        self._note("deleted")

    def _note(self, what):
        facts = [
            {
                "destination": rule.destination,
                "port": rule.port,
                "plain_http": rule.plain_http,
                "active": rule.active,
            }
            for rule in self
        ]
        self.env["retail.audit.entry"]._record(self, f"egress_rule.{what}", facts)

    def _allowance(self):
        """Return the rule as the egress check uses it."""
        try:
            network, host = ipaddress.ip_network(self.destination.strip()), None
        except ValueError:
            network, host = None, egress.ascii_host(self.destination.strip())
        return egress.Allowance(network, host, self.port, self.plain_http)

    @api.model
    @tools.ormcache()
    def _allowances(self):
        """Return all rules in force.

        :return: list of egress.Allowance
        """
        return [rule._allowance() for rule in self.sudo().search([])]
