from odoo import api, fields, models

FORMER_RULE = "retail_ops_maintenance.automation_ask"
RULE = "retail_ops_maintenance.automation_quote"


class RetailRepairQuote(models.Model):
    """One figure that a store's repair was said to cost; nobody writes it by hand.

    The Automation Rule that asks for approval sits here and not on maintenance
    requests, so that requests of no store are as fast as without it.
    """

    _name = "retail.repair.quote"
    _description = "Repair Quote"
    _order = "id desc"
    _allow_sudo_commands = False

    request_id = fields.Many2one(
        "maintenance.request",
        "Repair",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    currency_id = fields.Many2one(related="request_id.currency_id")
    amount = fields.Monetary(
        readonly=True, help="What the repair was said to cost in all."
    )
    vendor_id = fields.Many2one("res.partner", readonly=True)
    is_emergency = fields.Boolean("Emergency", readonly=True)

    def _request_approval_where_needed(self):
        """Put the repairs before those who decide, where somebody has to.

        Called by the Automation Rule “Repair quotes: ask for approval”.
        """
        self.request_id._request_approval_where_needed()

    @api.model
    def _replace_former_rule(self):
        """The rule on maintenance requests of older databases goes, off stays off."""
        former = self.env.ref(FORMER_RULE, raise_if_not_found=False)
        if former:
            self.env.ref(RULE).active = former.active
            former.unlink()
