from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.http import request as http_request

from odoo.addons.base.models.res_users import check_identity


class RetailApprovalRequest(models.Model):
    """Ways to decide: a lower amount, several at once, by another, identified."""

    _inherit = "retail.approval.request"

    is_low_risk = fields.Boolean(related="kind_id.is_low_risk")
    granted_amount = fields.Monetary(
        string="Approved amount",
        readonly=True,
        help="What may be spent: who decided may have approved less than was asked.",
    )
    can_lower = fields.Boolean(compute="_compute_can_decide")
    is_lowered = fields.Boolean(compute="_compute_is_lowered")

    def _compute_can_decide(self):
        result = super()._compute_can_decide()
        for request in self:
            allowed = request.sudo().kind_id.allows_lower_amount
            request.can_lower = request.can_decide and allowed and request.amount > 0
        return result

    @api.depends("granted_amount", "amount")
    def _compute_is_lowered(self):
        for request in self:
            request.is_lowered = request.granted_amount != request.amount

    @api.model
    def _values_for(self, route):
        values = super()._values_for(route)
        return values | {"granted_amount": values["amount"]}

    def _ledger_facts(self):
        return super()._ledger_facts() | {"granted_amount": self.granted_amount}

    def _publication_data(self):
        granted = {"amount": self.granted_amount, "currency": self.currency_id.name}
        return super()._publication_data() | {"granted_amount": granted}

    # === A LOWER AMOUNT === #

    def action_approve_lower(self, amount=None, comment=None):
        """Approve less than was asked; later steps decide about the lower amount.

        :param amount: in the request's currency; without it a dialog asks
        :param comment: why, a text
        :raise UserError: when the kind does not allow it or the amount is not lower
        """
        self.ensure_one()
        if not amount:
            return self._open_dialog("lower", self.env._("Approve a lower amount"))
        self._check_lower_amount(amount, comment)
        return self._decide_as_needed("approved", comment, amount)

    def _check_lower_amount(self, amount, comment):
        self.check_access("read")
        request = self.sudo()
        if not request.kind_id.allows_lower_amount:
            raise UserError(
                self.env._(
                    "“%s” cannot be approved in part: approve or reject it.",
                    request.kind_id.name,
                )
            )
        is_lower = request.currency_id.compare_amounts(amount, request.granted_amount)
        if amount <= 0 or is_lower >= 0:
            raise UserError(
                self.env._("Choose an amount above zero and below what is asked for.")
            )
        if not (comment or "").strip():
            raise UserError(self.env._("Say why less is enough: who asked reads it."))

    # === THE PERSON'S OWN PASSWORD === #

    def _decide_as_needed(self, verdict, comment, amount=None):
        """Decide, after the person's password where the kind asks for it.

        :return: True, or the action of the dialog that asks for the password
        """
        self._check_bulk()
        if any(request._needs_identity() for request in self.sudo()):
            return self._decide_identified(verdict, comment, amount)
        for request in self:
            request._decide(verdict, comment, amount)
        return True

    def _needs_identity(self):
        limit = self.kind_id.identity_amount
        return bool(limit) and self.company_amount >= limit

    @check_identity
    def _decide_identified(self, verdict, comment, amount=None):
        for request in self:
            request._decide(verdict, comment, amount, is_identified=True)
        return self._forget_identity()

    def _forget_identity(self):
        """Ask for the password again at the next decision.

        Odoo lets an identity stand for ten minutes, in which a shared device may have
        changed hands.
        """
        http_request.session["identity-check-last"] = 0
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    # === SEVERAL AT ONCE === #

    def _check_bulk(self):
        risky = self.sudo().filtered(lambda each: not each.kind_id.is_low_risk)
        if len(self) > 1 and risky:
            raise UserError(
                self.env._(
                    "Open these one by one, only low-risk kinds are approved at once: "
                    "%s",
                    ", ".join(risky.mapped("name")[:5]),
                )
            )

    def action_approve_selected(self):
        """Approve a selection of the worklist; all of them or none.

        :raise UserError: when one is not of a low-risk kind
        :raise AccessError: when the user may not decide one of them
        """
        return self.action_approve()

    # === ANOTHER PERSON === #

    def action_reassign(self, user=None, reason=None):
        """Leave the decision to somebody else whom the policy's step allows.

        :param user: res.users or its id; without it a dialog asks
        :param reason: a text
        :raise UserError: when the other may not decide this step, with the reason
        """
        self.ensure_one()
        if not user or not (reason or "").strip():
            return self._open_dialog("reassign", self.env._("Who decides instead?"))
        self.check_access("read")
        request, other = self.sudo(), self.env["res.users"].sudo().browse(int(user))
        request._lock()
        request._check_can_decide(self.env.user)
        step, delegation = request._seat_of(self.env.user)
        if delegation:
            raise AccessError(self.env._("Who stands in decides himself."))
        request._check_can_take_over(step, other)
        request._reassign(step, other, reason.strip())
        return True

    def _check_can_take_over(self, step, other):
        if other not in step._eligible_users() - self.env.user:
            raise UserError(
                self.env._(
                    "%(user)s may not decide “%(step)s” under this policy: choose "
                    "somebody who holds the role.",
                    user=other.name,
                    step=step.name,
                )
            )

    def _reassign(self, step, other, reason):
        user = self.env.user
        step.approver_ids = step.approver_ids - user | other
        if not self._has_enough_people():
            raise UserError(
                self.env._("Without you too few people are left: decide yourself.")
            )
        self._let_go(user)
        self._ask(step)
        self.message_post(
            body=self.env._(
                "%(user)s leaves it to %(other)s: %(reason)s",
                user=user.name,
                other=other.name,
                reason=reason,
            )
        )
        facts = {"step": step.name, "from": user.id, "to": other.id}
        self.env["retail.audit.entry"]._record(self, "approval.reassigned", facts)

    def _open_dialog(self, mode, title):
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "retail.approval.dialog",
            "view_mode": "form",
            "target": "new",
            "context": {"default_request_id": self.id, "default_mode": mode},
        }


class RetailApprovalRequestStep(models.Model):
    _inherit = "retail.approval.request.step"

    def _eligible_users(self):
        """Return everybody whom the policy's step allows, in any of its attempts."""
        facts = self.request_id._step_facts()
        rule_step = self.step_id
        people = self.env["res.users"].union(
            *rule_step._candidates(facts), self.escalated_ids
        )
        return people.filtered(
            lambda user: not rule_step._reason_against(user, facts)
            and self._still_holds_role(user)
        )


class RetailApprovalDecision(models.Model):
    _inherit = "retail.approval.decision"

    currency_id = fields.Many2one(related="request_id.currency_id")
    amount = fields.Monetary(
        string="Approved amount", readonly=True, help="What this decision allows."
    )
    is_identified = fields.Boolean(
        string="Password given", readonly=True, help="Identified again to decide."
    )
