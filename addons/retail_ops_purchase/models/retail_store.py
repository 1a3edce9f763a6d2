from odoo import fields, models


class RetailStore(models.Model):
    """What a store may buy in a month before finance is asked."""

    _inherit = "retail.store"

    purchase_budget = fields.Monetary(
        "Monthly purchase budget",
        currency_field="currency_id",
        help="Confirmed orders of a calendar month, untaxed. An order beyond it is "
        "outside the budget, which the approval policy can ask about. 0: no budget.",
    )

    _purchase_budget_not_negative = models.Constraint(
        "CHECK(purchase_budget >= 0)", "A budget is never below 0; 0 means none."
    )
