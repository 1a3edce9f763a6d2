from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import format_amount


class PurchaseOrder(models.Model):
    """Whether an order is within the catalogue of agreed prices and the budget."""

    _inherit = "purchase.order"

    retail_terms_text = fields.Char(
        "Outside catalogue or budget",
        compute="_compute_retail_terms_text",
        help="What is bought without an agreed price, dearer than agreed, or beyond "
        "the store's monthly budget.",
    )

    def _compute_retail_terms_text(self):
        for order in self:
            broken = order.sudo()._broken_terms() if order.store_id else []
            order.retail_terms_text = " ".join(broken)

    def _add_supplier_to_product(self):
        """A store's price counts as agreed once people approved an order at it.

        Bought alone it teaches nothing: one piece at a price below the limits would
        make that price an agreed one for any quantity.
        """
        teaching = self.filtered(
            lambda order: not order.store_id or order._was_approved_by_people()
        )
        return super(PurchaseOrder, teaching)._add_supplier_to_product()

    def _was_approved_by_people(self):
        approval = self.sudo().retail_confirmed_by_id
        return self.state == "purchase" and approval and not approval.is_automatic

    def _approval_is_outside_terms(self):
        return bool(self.sudo()._broken_terms())

    def _broken_terms(self):
        """Return what is not as agreed, a sentence each."""
        lines = self.order_line.filtered(lambda line: not line.display_type)
        return [
            *filter(None, (line._broken_terms() for line in lines)),
            *self._broken_budget(),
        ]

    def _broken_budget(self):
        budget = self.store_id.purchase_budget
        spent = self._spent_this_month()
        total = spent + self._approval_company_amount()
        currency = self.company_id.currency_id
        if not budget or currency.compare_amounts(total, budget) <= 0:
            return []
        return [
            self.env._(
                "%(store)s has spent %(spent)s of its %(budget)s this month; with this "
                "it is %(total)s.",
                store=self.store_id.display_name,
                spent=format_amount(self.env, spent, currency),
                total=format_amount(self.env, total, currency),
                budget=format_amount(self.env, budget, currency),
            )
        ]

    def _spent_this_month(self):
        """Return what the store's other orders come to, untaxed, company currency.

        Spent is what is confirmed, and what has come whatever became of its order.
        """
        others = Domain(
            [
                ("store_id", "=", self.store_id.id),
                ("date_approve", ">=", fields.Date.today().replace(day=1)),
                ("id", "!=", self._origin.id),
            ]
        )
        let_go = [("state", "!=", "purchase"), ("retail_has_come", "=", True)]
        came = self.search(others & Domain(let_go))
        used = came.approval_request_ids.filtered(lambda each: each.state == "approved")
        return self._confirmed_among(others) + sum(
            came._largest_used(used).mapped("company_amount")
        )

    def _confirmed_among(self, domain):
        spent = self._read_group(
            domain & Domain("state", "=", "purchase"),
            ["currency_id", "company_id"],
            ["amount_untaxed:sum"],
        )
        today = fields.Date.context_today(self)
        return sum(
            currency._convert(amount, company.currency_id, company, today)
            for currency, company, amount in spent
        )
