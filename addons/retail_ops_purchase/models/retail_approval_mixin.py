from odoo import models


class RetailApprovalMixin(models.AbstractModel):
    """Needs and orders add up with each other: they spend the same money."""

    _inherit = "retail.approval.mixin"

    def _approval_part_kinds(self, kind):
        kinds = super()._approval_part_kinds(kind)
        if not kind.is_bought:
            return kinds
        return kinds | kinds.sudo().search([("is_bought", "=", True)])

    def _approval_parts_alive(self, requests):
        alive = super()._approval_parts_alive(requests)
        return alive._bought_once() - alive._counted_with(self)
