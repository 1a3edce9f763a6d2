from odoo import api, fields, models


class RetailCostCentre(models.Model):
    """Who bears a cost and answers for it, whether accounting is installed or not."""

    _name = "retail.cost.centre"
    _description = "Cost Centre"
    _inherit = ["retail.approval.place"]
    _named_in = "owner_id"
    _decided_by = frozenset({"owner_id"})
    _order = "code"
    _check_company_auto = True
    _rec_names_search = ["code", "name"]

    name = fields.Char(required=True)
    code = fields.Char(
        required=True, help="The number by which finance and other systems know it."
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        help="Stores and requests of this company may name the cost centre.",
    )
    owner_id = fields.Many2one(
        "res.users",
        string="Owner",
        required=True,
        domain=[("share", "=", False)],
        ondelete="restrict",
        help="Answers for what the cost centre spends; steps of a policy can ask him.",
    )
    active = fields.Boolean(default=True)

    _code_unique = models.Constraint(
        "UNIQUE(company_id, code)",
        "Another cost centre of the company has this code: choose one of its own.",
    )

    @api.depends("code", "name")
    def _compute_display_name(self):
        for centre in self:
            centre.display_name = f"{centre.code} {centre.name}"

    def _record_decider(self):
        facts = [{"code": each.code, "owner_id": each.owner_id.id} for each in self]
        self.env["retail.audit.entry"]._record(
            self, "approval.cost_centre.owner", facts
        )
