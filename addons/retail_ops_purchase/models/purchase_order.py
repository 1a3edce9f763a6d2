from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.retail_ops_core.tools.judged import judged_as_a_whole, judged_now

TOTALS = {
    "amount_untaxed",
    "amount_tax",
    "amount_total",
    "price_subtotal",
    "price_tax",
    "price_total",
}
CONTROLLED = {"retail_request_id", "retail_confirmed_by_id", "retail_has_come"}
LETTING_GO = ("draft", "sent", "cancel")
# By what an order is the store's into whose warehouse it is delivered.
DELIVERING = {"picking_type_id", "store_id", "company_id"}


class PurchaseOrder(models.Model):
    """An order for a store is confirmed once the matrix lets it.

    Odoo's own double validation stays for orders of no store, and for those that the
    matrix lets pass by itself. What people approved here is not asked twice.
    """

    _name = "purchase.order"
    _inherit = ["purchase.order", "retail.approval.mixin"]

    store_id = fields.Many2one(
        "retail.store",
        default=lambda self: self._stores_of_buyer().filtered(
            lambda store: store.company_id == self.env.company
        )[:1],
        check_company=True,
        index="btree_not_null",
        tracking=True,
        help="The store this is bought for. Its approval limits hold for the order.",
    )
    retail_request_id = fields.Many2one(
        "retail.request",
        "Store request",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The approved request that this order carries out.",
    )
    retail_confirmed_by_id = fields.Many2one(
        "retail.approval.request",
        "Confirmed under",
        readonly=True,
        copy=False,
        help="The approval under which the order stands.",
    )

    def _has_field_access(self, field, operation):
        allowed = super()._has_field_access(field, operation)
        ours = field.name in CONTROLLED
        return allowed and (self.env.su or operation != "write" or not ours)

    @api.model
    def _stores_of_buyer(self):
        """People of a store buy for their store, whatever company they act in."""
        stores = self.env["retail.store"].sudo()
        if self.env.user.has_group("retail_ops_core.group_operations"):
            return stores
        mine = [("manager_id", "=", self.env.uid), ("member_ids", "in", self.env.uid)]
        return stores.search(["|", *mine])

    @api.model_create_multi
    def create(self, vals_list):
        self._refuse_totals(vals_list)
        orders = super().create(vals_list)
        orders._take_store_of_delivery()
        return orders

    def _take_store_of_delivery(self):
        """What is bought into a store's warehouse, by the scheduler too, is its own."""
        for order in self.filtered(lambda each: not each.store_id):
            store = order.sudo()._store_of_delivery()
            if store:
                order.sudo().store_id = store

    def _store_of_delivery(self):
        """Return the company's open store whose warehouse gets the goods, or none."""
        stores = self.env["retail.store"].with_context(active_test=False)
        if (
            "picking_type_id" not in self._fields
            or "warehouse_id" not in stores._fields
        ):
            return stores
        return stores.search(
            [
                ("warehouse_id", "in", self.picking_type_id.warehouse_id.ids),
                ("company_id", "=", self.company_id.id),
                ("state", "!=", "planned"),
            ],
            limit=1,
        )

    def _refuse_totals(self, vals_list):
        """Refuse a total, which the matrix goes by, from whomever: lines make it."""
        for vals in vals_list:
            if not TOTALS.isdisjoint(vals):
                raise UserError(
                    self.env._(
                        "What an order comes to follows from its lines: write their "
                        "quantities and prices, and leave the totals out."
                    )
                )

    @api.constrains("store_id")
    def _check_store_of_buyer(self):
        for order in self.filtered(lambda each: not each.store_id):
            if order._stores_of_buyer():
                raise UserError(
                    self.env._(
                        "%s is bought by somebody of a store: say for which store.",
                        order.display_name,
                    )
                )

    @api.constrains("state")
    def _check_store_of_confirming(self):
        begun = self.filtered(lambda order: order.state in ("to approve", "purchase"))
        begun._check_store_of_buyer()

    # === SOFT HOLD === #

    def _approval_allowed(self):
        """Ask the matrix for orders of a store, and Odoo's own rule for the rest."""
        if not self.sudo()._approval_kind():
            return super()._approval_allowed()
        approval = self._approval_that_holds()
        if approval and not approval.is_automatic:
            return True
        passes = approval or self._passes_by_itself()
        return bool(passes) and super()._approval_allowed()

    def _approval_that_holds(self):
        """Return what allows the order: its own approval or its store request's."""
        own = self.sudo()._valid_approvals("approved")[:1]
        return own or self._covering_approval()

    def _covering_approval(self):
        """Return the store request's approval when the order is what people granted.

        What passed by itself as a need is judged as an order, with its other parts.
        """
        need = self.sudo().retail_request_id
        if not self._is_what_was_granted(need) or self._another_order_of(need):
            return need.approval_request_ids.browse()
        return need.approval_request_ids.filtered(
            lambda each: each.state == "approved" and not each.is_automatic
        )[-1:]

    def _is_what_was_granted(self, need):
        granted = need.granted_amount or need.amount
        goods = self.order_line.product_id
        return (
            need.state in ("approved", "done", "in_force")
            and need.partner_id in (self.partner_id, self.env["res.partner"])
            and (not need.product_id or goods <= need.product_id)
            and need.currency_id == self.currency_id
            and need.store_id == self.store_id
            and self.currency_id.compare_amounts(self._approval_amount(), granted) <= 0
        )

    def _another_order_of(self, need):
        others = [
            ("retail_request_id", "=", need.id),
            ("state", "in", ("purchase", "done")),
            ("id", "!=", self.id),
        ]
        return self.sudo().search_count(others, limit=1)

    def _passes_by_itself(self):
        """Tell whether nobody has to decide; what waits for people waits on."""
        order = self.sudo()
        routes = order._approval_routes()
        passes = all(route.is_automatic for route in routes)
        return passes and not order._valid_approvals("pending")

    def _let_pass(self):
        """Note that the order passes by itself, for the parts of it that come later.

        :return: whether it does
        """
        if not self._passes_by_itself():
            return False
        self._under_way()._lapse_where_changed()
        requests = self.env["retail.approval.request"]
        self.retail_confirmed_by_id = requests._open(self._approval_routes())
        return True

    def button_confirm(self):
        """Confirm what may be; ask for the approval of what waits."""
        result = super().button_confirm()
        waiting = self.filtered(lambda order: order.state == "to approve")
        if not waiting:
            return result
        requests = waiting._request_approval_where_needed()
        asked = requests.filtered(lambda request: request.state == "pending")
        return waiting._waiting_notice() if asked else result

    def button_approve(self, force=False):
        """Confirm those that the matrix lets, and note under which approval."""
        allowed = self.filtered(lambda order: order._note_approval())
        allowed._note_routes(done_by=self.env.user)
        result = super(PurchaseOrder, allowed).button_approve(force=force)
        stores = allowed.filtered("store_id")
        if stores:
            stores.sudo().filtered("retail_confirmed_by_id")._spend_approval()
        for order in stores:
            order._add_supplier_to_product()
        return result

    def _note_approval(self):
        """Note what the order is confirmed under, so that the next part sees it.

        :return: whether it may be confirmed
        """
        if not self._approval_allowed():
            return False
        order = self.sudo()
        if order._approval_kind():
            order.retail_confirmed_by_id = order._approval_that_holds()
            return bool(order.retail_confirmed_by_id) or order._let_pass()
        return True

    def _waiting_notice(self):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "title": self.env._("Waiting for approval"),
                "message": self.env._(
                    "%s is confirmed by itself once it is approved.",
                    ", ".join(self.mapped("display_name")),
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def write(self, vals):
        self._refuse_totals([vals])
        if vals.get("state") in LETTING_GO:
            self.sudo().retail_confirmed_by_id = False
            self._withdraw_approval(self.env._("The order was taken back."))
        with self._lines_judged_as_a_whole(vals):
            result = super().write(vals)
        if not DELIVERING.isdisjoint(vals):
            self._take_store_of_delivery()
        return result

    def _lines_judged_as_a_whole(self, vals):
        whole = self if "order_line" in vals else self.browse()
        return judged_as_a_whole(whole, "_check_confirmed_as_approved")

    # === HARD STOP === #

    @api.constrains(
        "state", "store_id", "partner_id", "currency_id", "company_id", "order_line"
    )
    def _check_confirmed_as_approved(self):
        """Catch every path to a confirmed order, and every change of one."""
        orders = judged_now(self).sudo()
        for order in orders.filtered(lambda each: each.state == "purchase"):
            if order._approval_kind() and not order._stands_approved():
                order._refuse_change()

    def _refuse_change(self):
        raise UserError(
            self.env._(
                "%(order)s for %(store)s needs an approval for this: set it "
                "back to draft, change it, and press Confirm, which asks.",
                order=self.name,
                store=self.store_id.display_name,
            )
        )

    def _stands_approved(self):
        """Tell whether the order is what was approved, from the database.

        What was confirmed in time stands, however old the approval has become, and
        however much stricter the policy or smaller the budget. What passed by itself
        and was changed meets the limits of the day.
        """
        own = self.retail_confirmed_by_id.filtered(
            lambda request: request.res_model == self._name
        )
        if own and (own._says_the_same(self) or not own.is_automatic):
            return own.state == "approved" and own._says_the_same(self)
        return bool(self._approval_that_holds()) or self._let_pass_as_done()

    def _let_pass_as_done(self):
        passes = self._let_pass()
        self._spend_approval()
        return passes

    def _check_facts_stand(self, request):
        """What passed by itself is judged anew where it changes, not kept as it was."""
        if request.is_automatic:
            return None
        return super()._check_facts_stand(request)
