from odoo import fields, models

from .retail_stock_gate import TYPE_OF_LOSS


class RetailException(models.Model):
    """A case about stock that waits: its approval moves the goods."""

    _inherit = "retail.exception"

    stock_hold_ids = fields.One2many(
        "retail.stock.hold", "exception_id", string="Held stock", readonly=True
    )

    def _held_stock(self):
        return self.sudo().stock_hold_ids.filtered(lambda hold: hold.state == "waiting")

    def _approval_earlier_amounts(self):
        """An unusual loss is told from all the store lost, held or not."""
        warehouse = self.store_id.sudo().warehouse_id
        if warehouse and self.type_id in self._types_of_loss():
            return self.env["retail.stock.gate"]._earlier_losses(warehouse)
        return super()._approval_earlier_amounts()

    def _types_of_loss(self):
        types = self.env["retail.exception.type"]
        return types.union(*(self.env.ref(xmlid) for xmlid in TYPE_OF_LOSS.values()))

    def _approval_excluded(self):
        counters = dict.fromkeys(self.sudo().stock_hold_ids.user_id.ids, "raiser")
        return {**counters, **super()._approval_excluded()}

    def _approval_granted(self, request):
        """The goods move by queue, and the case is resolved with them."""
        if self._held_stock():
            return request._queue_act()
        return super()._approval_granted(request)

    def _approval_act(self, request):
        self._held_stock().with_env(self.env)._apply()
        super()._approval_act(request)
        return super(RetailException, self.sudo())._approval_granted(request)

    def _approval_refused(self, request, reason):
        self._held_stock()._refuse()
        return super()._approval_refused(request, reason)

    def _check_can_resolve(self):
        self._held_stock()._check_not_waiting()
        return super()._check_can_resolve()

    def _set_cancelled(self, reason):
        self._held_stock()._drop()
        return super()._set_cancelled(reason)
