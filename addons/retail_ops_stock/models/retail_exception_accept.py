from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

TOPIC = "stock.unexplained"
ACCEPTING = "retail_ops_core.group_loss_prevention"


class RetailException(models.Model):
    """Stock that no move explains is settled by accepting what it differs by."""

    _inherit = "retail.exception"

    can_accept_difference = fields.Boolean(compute="_compute_can_accept_difference")

    @api.depends("stock_watch_key", "is_open")
    @api.depends_context("uid")
    def _compute_can_accept_difference(self):
        may = self.env.user.has_group(ACCEPTING)
        for case in self:
            case.can_accept_difference = (
                may and case.is_open and case._is_about_unexplained_stock()
            )

    def _is_about_unexplained_stock(self):
        return (self.sudo().stock_watch_key or "").startswith(f"{TOPIC}/")

    def action_accept_difference(self):
        """Ask why the difference is lived with.

        :return: action that opens the dialog, with the difference of now
        :raise AccessError: to who is not of loss prevention
        :raise UserError: when there is nothing to accept, with what to do instead
        """
        self.ensure_one()
        self._check_may_accept()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Accept the difference"),
            "res_model": "retail.stock.accept",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_exception_id": self.id,
                "default_difference": self.sudo()._difference_of_now(),
            },
        }

    def _accept_difference(self, difference, reason):
        """Keep what the stock differs by as accepted, and resolve the case.

        :param difference: what the person saw, in the product's unit
        :param reason: why it is lived with, a text
        :raise UserError: when the stock differs by something else by now; else see
            :meth:`action_accept_difference`
        """
        self._check_may_accept()
        if not reason.strip():
            raise UserError(self.env._("Say why the difference is accepted."))
        self.sudo()._check_is_what_was_seen(difference)
        self.sudo()._keep_acceptance(reason.strip())

    # === WHO MAY, AND WHAT === #

    def _check_may_accept(self):
        self.check_access("write")
        if not self.env.user.has_group(ACCEPTING):
            raise AccessError(
                self.env._(
                    "Loss prevention accepts what no move explains: hand %s over to "
                    "it.",
                    self.name,
                )
            )
        self.sudo()._check_can_be_accepted()

    def _check_can_be_accepted(self):
        if not self._is_about_unexplained_stock():
            raise UserError(
                self.env._(
                    "%s is not about stock that no move explains: resolve it.",
                    self.name,
                )
            )
        if not self.is_open or self._acceptances():
            raise UserError(
                self.env._(
                    "%s was settled already: whatever differs since then comes with "
                    "a case of its own.",
                    self.name,
                )
            )
        if not self._differences_of_now():
            raise UserError(
                self.env._(
                    "The moves explain the stock of %s again: resolve it, or let the "
                    "next look do so.",
                    self.name,
                )
            )

    def _acceptances(self):
        of_case = [("exception_id", "=", self.id)]
        return self.env["retail.stock.acceptance"].sudo().search(of_case)

    def _check_is_what_was_seen(self, difference):
        now = self._difference_of_now()
        if self._unexplained_goods()[1].uom_id.compare(difference, now):
            raise UserError(
                self.env._(
                    "The stock differs by %(now)s by now, not by %(seen)s: open the "
                    "dialog anew, and look once more.",
                    now=now,
                    seen=difference,
                )
            )

    # === WHAT DIFFERS === #

    def _unexplained_goods(self):
        """Return the place and product that the nightly look found."""
        _topic, place, product = self.stock_watch_key.split("/")
        places, products = self.env["stock.location"], self.env["product.product"]
        return places.browse(int(place)), products.browse(int(product))

    def _differences_of_now(self):
        watch = self.env["retail.stock.watch"]
        return watch._differences_of_lots(*self._unexplained_goods())

    def _difference_of_now(self):
        return sum(difference for _lot, difference in self._differences_of_now())

    # === WHAT FOLLOWS === #

    def _keep_acceptance(self, reason):
        differences = self._differences_of_now()
        place, product = self._unexplained_goods()
        self.env["retail.stock.acceptance"].create(
            [
                {
                    "exception_id": self.id,
                    "company_id": self.company_id.id,
                    "product_id": product.id,
                    "location_id": place.id,
                    "lot_id": lot,
                    "difference": difference,
                    "reason": reason,
                    "user_id": self.env.uid,
                }
                for lot, difference in differences
            ]
        )
        self._note_acceptance(place, product, differences, reason)
        self._settle(self._acceptance_text(place, product, differences, reason))

    def _note_acceptance(self, place, product, differences, reason):
        facts = {
            "product_id": product.id,
            "location_id": place.id,
            "differences": [list(row) for row in differences],
            "why": reason,
        }
        self.env["retail.audit.entry"]._record(self, "stock.accepted", facts)

    def _acceptance_text(self, place, product, differences, reason):
        return self.env._(
            "%(difference)s %(unit)s of %(product)s at %(place)s are accepted without "
            "a move: %(reason)s",
            difference=sum(difference for _lot, difference in differences),
            unit=product.uom_id.name,
            product=product.display_name,
            place=place.display_name,
            reason=reason,
        )
