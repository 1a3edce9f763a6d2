from odoo import models


class RetailApprovalRequest(models.Model):
    """A need and the orders made from it are one part: their money is spent once."""

    _inherit = "retail.approval.request"

    def _bought_once(self):
        """Return those that stand for money of their own, needs and orders together."""
        orders = self.env["purchase.order"]
        about_orders = self.filtered(lambda each: each.res_model == orders._name)
        parts = self - about_orders | orders._still_bought_under(about_orders)
        for request in self - about_orders:
            parts -= request._counted_twice(parts)
        return parts

    def _counted_twice(self, parts):
        """Return what of a need's and its orders' requests is left out of the sum.

        Nothing is ordered under what passed by itself as a need: its orders stand for
        it. A grant can be used again: the larger counts, it or what its orders asked.
        """
        orders = self._need_asked_for().purchase_order_ids
        if self in orders.retail_confirmed_by_id:
            return self.browse()
        of_orders = parts & orders.approval_request_ids
        if self.is_automatic:
            return self if of_orders or orders._are_given_up() else self.browse()
        ordered = sum(of_orders.mapped("company_amount"))
        return self if ordered >= self.company_amount else of_orders

    def _need_asked_for(self):
        needs = self.env["retail.request"].sudo()
        return needs.browse(self.res_id if self.res_model == needs._name else ())

    def _counted_with(self, document):
        """Return those that are no part beside ``document``, an order made from a need.

        That is the need itself, and what people decided or decide knowing of it: they
        were told the sum with it.
        """
        if document._name != "purchase.order":
            return self.browse()
        need = document.sudo().retail_request_id
        others = need.purchase_order_ids - document
        of_need = need.approval_request_ids
        if not document.sudo()._is_what_was_granted(need):
            return of_need - others.retail_confirmed_by_id
        known = set(of_need.mapped("name"))
        knowing = self.filtered(lambda each: each._was_decided_knowing(known))
        return (of_need - others.retail_confirmed_by_id) | knowing

    def _was_decided_knowing(self, names):
        split = (self.explanation or {}).get("split") or {}
        return not self.is_automatic and not names.isdisjoint(split.get("requests", ()))
