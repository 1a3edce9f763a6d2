from odoo import api, fields, models
from odoo.exceptions import UserError


class RetailRequest(models.Model):
    """Who bears what a store asks for."""

    _inherit = "retail.request"

    cost_centre_id = fields.Many2one(
        "retail.cost.centre",
        string="Cost centre",
        compute="_compute_cost_centre_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        ondelete="restrict",
        help="Bears it. Its owner may be among those who decide.",
    )

    @api.depends("store_id")
    def _compute_cost_centre_id(self):
        for request in self:
            if not request.approval_request_ids:
                request.cost_centre_id = request.store_id.cost_centre_id

    def write(self, vals):
        if "cost_centre_id" in vals:
            self._check_cost_centre_stands(vals["cost_centre_id"])
            self._note_editor()
        return super().write(vals)

    def _check_cost_centre_stands(self, cost_centre_id):
        """Whose money it is decides who is asked: it stays while somebody is asked."""
        for request in self.sudo():
            changes = request.cost_centre_id.id != (cost_centre_id or False)
            if changes and request.state not in ("draft", "refused"):
                raise UserError(
                    self.env._(
                        "%s was asked for at the expense of its cost centre: withdraw "
                        "it before you choose another one.",
                        request.display_name,
                    )
                )

    def _approval_cost_centre(self):
        return self.cost_centre_id
