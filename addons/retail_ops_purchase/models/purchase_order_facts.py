from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import format_amount, format_date
from odoo.tools.misc import formatLang

HISTORY_LIMIT = 5


class PurchaseOrder(models.Model):
    """What the matrix and the deciding person hear about an order."""

    _inherit = "purchase.order"

    retail_spend_to_date = fields.Monetary(
        "Spent with this vendor this year",
        compute="_compute_retail_spend_to_date",
        help="Confirmed orders of the store with this vendor since January, "
        "untaxed, in the order's currency.",
    )

    retail_category_spend = fields.Char(
        "Spent by category this year",
        compute="_compute_retail_category_spend",
        help="Confirmed orders of the store since January with any vendor, untaxed, "
        "in the order's currency, for each category on this order.",
    )

    def _compute_retail_spend_to_date(self):
        for order in self:
            domain = order._confirmed_this_year() & Domain(
                "partner_id", "=", order.partner_id.id
            )
            [(spent,)] = self.sudo()._read_group(domain, [], ["amount_untaxed:sum"])
            order.retail_spend_to_date = spent or 0.0

    def _confirmed_this_year(self):
        """Return the domain of the store's orders since January in this currency."""
        return Domain(
            [
                ("store_id", "=", self.store_id.id),
                ("currency_id", "=", self.currency_id.id),
                ("state", "=", "purchase"),
                ("date_approve", ">=", fields.Date.today().replace(month=1, day=1)),
            ]
        )

    def _compute_retail_category_spend(self):
        for order in self:
            categories = order.order_line.product_id.sudo().categ_id
            order.retail_category_spend = ", ".join(
                order._category_line(category) for category in categories
            )

    def _category_line(self, category):
        bought = Domain("order_id", "any", self._confirmed_this_year())
        inside = Domain("product_id.categ_id", "child_of", category.id)
        lines = self.env["purchase.order.line"].sudo()
        [(spent,)] = lines._read_group(bought & inside, [], ["price_subtotal:sum"])
        amount = format_amount(self.env, spent or 0.0, self.currency_id)
        return f"{category.display_name} {amount}"

    def _approval_kind(self):
        if not self.store_id:
            return self.env["retail.request.kind"]
        return super()._approval_kind()

    def _approval_amount(self):
        """What is bought, untaxed: a line below zero makes room for no other."""
        rebates = (min(line.price_subtotal, 0.0) for line in self.order_line)
        return self.amount_untaxed - sum(rebates)

    def _approval_currency(self):
        return self.currency_id

    def _approval_date(self):
        return (self.date_order or fields.Datetime.now()).date()

    def _approval_partner(self):
        return self.partner_id

    def _approval_is_settled(self):
        return self.state in ("purchase", "cancel")

    def _still_bought_under(self, requests):
        """What was cancelled, taken back or changed is not bought under its request.

        What has come is bought whatever became of its order, at the most it was.
        """
        orders = self.sudo().browse(requests.mapped("res_id")).exists()
        going = orders.filtered(lambda order: order.state != "cancel")
        came = orders.filtered("retail_has_come")
        under = (going - came).retail_confirmed_by_id | came._largest_used(requests)
        return requests.filtered(
            lambda request: (
                request in under if request.spent_at else request.res_id in going.ids
            )
        )

    def _largest_used(self, requests):
        """Return the used one of ``requests`` that each order was largest under."""
        used = requests.filtered("spent_at").sorted("company_amount")
        largest = {request.res_id: request.id for request in used}
        return requests.browse(largest[each] for each in self.ids if each in largest)

    def _approval_context_fields(self):
        return [
            "partner_id",
            "amount_untaxed",
            "retail_spend_to_date",
            "retail_category_spend",
            "retail_terms_text",
            "date_planned",
            "origin",
        ]

    def _approval_related(self):
        since = fields.Datetime.now() - relativedelta(months=3)
        before = self.search(
            [
                ("store_id", "=", self.store_id.id),
                ("partner_id", "=", self.partner_id.id),
                ("create_date", ">=", since),
                ("id", "!=", self.id),
            ],
            order="id desc",
            limit=HISTORY_LIMIT,
        )
        return [order._history_line() for order in before]

    def _history_line(self):
        states = dict(self._fields["state"]._description_selection(self.env))
        return {
            "name": self.display_name,
            "date": format_date(self.env, self.date_order),
            "amount": formatLang(
                self.env, self.amount_untaxed, currency_obj=self.currency_id
            ),
            "state": states[self.state],
        }

    # === WHAT HAPPENS === #

    def _approval_granted(self, request):
        return None if request.is_automatic else request._queue_act()

    def _approval_act(self, request):
        """Confirm the order that waits; one taken back in the meantime stays so."""
        if self.state == "to approve":
            self.button_approve()

    def _approval_refused(self, request, reason):
        self.filtered(lambda order: order.state == "to approve").button_draft()
        self.message_post(body=reason)
