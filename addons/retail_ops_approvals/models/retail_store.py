from odoo import fields, models


class RetailStore(models.Model):
    """Where rows of the matrix ask the store's manager, or who bears its costs."""

    _name = "retail.store"
    _inherit = ["retail.store", "retail.approval.place"]
    _decided_by = frozenset({"manager_id", "region_id", "cost_centre_id"})

    cost_centre_id = fields.Many2one(
        "retail.cost.centre",
        string="Cost centre",
        check_company=True,
        ondelete="restrict",
        help="Bears what the store asks for, unless the request names another one. "
        "A step of a policy can ask its owner.",
    )

    def _deciders(self):
        leaders = self.region_id.leader_ids
        return super()._deciders() | leaders | self.cost_centre_id.owner_id
