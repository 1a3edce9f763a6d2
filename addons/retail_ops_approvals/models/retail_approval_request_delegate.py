from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ..tools import quorum


class RetailApprovalRequest(models.Model):
    """Who decides in whose place, and what becomes of those who are away."""

    _inherit = "retail.approval.request"

    is_delegated = fields.Boolean(
        string="Stands in",
        compute="_compute_is_delegated",
        search="_search_is_delegated",
        help="You may see it because you stand in for somebody who is asked.",
    )

    behalf_text = fields.Char(compute="_compute_behalf_text")

    @api.depends("state", "step_ids.state")
    @api.depends_context("uid")
    def _compute_is_delegated(self):
        domain = self._delegated_domain()
        mine = self.sudo().filtered_domain(domain)
        for request in self:
            request.is_delegated = request in mine

    @api.model
    def _search_is_delegated(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._delegated_domain()

    @api.model
    def _delegated_domain(self):
        """Return the requests that the user's delegations open, at this moment."""
        delegations = self.env["retail.approval.delegation"].sudo()
        mine = [
            ("delegate_id", "=", self.env.uid),
            *delegations._in_force_domain(),
        ]
        decided = Domain("decision_ids", "any", [("user_id", "=", self.env.uid)])
        return decided | delegations.search(mine)._requests_domain()

    # === WHO STANDS IN === #

    def _delegations(self, domain):
        """Return the delegations in force that cover the request.

        A delegate is bound by everything that binds an approver.

        :param domain: which of them
        :return: retail.approval.delegation
        """
        delegations = self.env["retail.approval.delegation"].sudo()
        facts, steps = self._step_facts(), self.env["retail.approval.step"]
        found = delegations.search([*domain, *delegations._in_force_domain()])
        return found.filtered(
            lambda each: each._covers(self)
            and not steps._reason_against(each.delegate_id, facts)
        )

    def _stand_ins(self, user_ids):
        """Return the users who stand in for any of these people."""
        return self._delegations([("user_id", "in", list(user_ids))]).delegate_id

    @api.depends("state", "decision_count", "step_ids.state")
    @api.depends_context("uid")
    def _compute_behalf_text(self):
        """Say before a delegate decides in whose place he does."""
        for request in self:
            seat = request.can_decide and request.sudo()._seat_of(self.env.user)
            delegation = seat[1] if seat else None
            request.behalf_text = delegation and self.env._(
                "You decide on behalf of %s, who is away.", delegation.user_id.name
            )

    def _seat_of(self, user):
        """Return ``(step, delegation)`` that a decision of ``user`` counts for.

        His own duty comes before the ones he does for others.

        :return: None when there is no seat for him
        """
        decisions = self.decision_ids
        if user in decisions.user_id | decisions.on_behalf_of_id:
            return None
        steps, excluded = self._steps_in("open"), set(self._excluded())
        places = [(step._candidate_ids() - excluded, step._missing()) for step in steps]
        delegations = self._delegations([("delegate_id", "=", user.id)])
        options = [(user.id, None)] + [(each.user_id.id, each) for each in delegations]
        apart = self.env["retail.approval.incompatibility"]._sides()
        principals = [person for person, _by in options]
        seat = quorum.seat_for(user.id, principals, places, apart)
        if seat is None:
            return None
        option, index = seat
        return steps[index], options[option][1]

    # === WHO IS AWAY === #

    def _note_absence(self, steps):
        """Write down who is out of office, and who is asked in his place."""
        for step in steps:
            for user in step._asked_users().filtered("is_out_of_office"):
                self.message_post(
                    body=step._absence_text(user), subtype_xmlid="mail.mt_note"
                )

    def _let_go(self, user):
        """End the part of somebody who is not asked any more."""
        self.activity_ids.filtered(lambda each: each.user_id == user).unlink()
        self.message_unsubscribe(partner_ids=user.partner_id.ids)


class RetailApprovalRequestStep(models.Model):
    _inherit = "retail.approval.request.step"

    def _absence_text(self, user):
        """Return who is away until when, and what happens now."""
        self.ensure_one()
        until = user.out_of_office_to
        text = (
            self.env._(
                "%(user)s is out of office until %(until)s.",
                user=user.name,
                until=format_date(self.env, until),
            )
            if until
            else self.env._("%(user)s is out of office.", user=user.name)
        )
        stand_ins = self.request_id._stand_ins(user.ids)
        if stand_ins:
            names = ", ".join(stand_ins.mapped("name"))
            return f"{text} " + self.env._("%s stands in.", names)
        if self.escalate == "none" or not self.hours:
            return f"{text} " + self.env._("Nobody stands in.")
        return f"{text} " + self.env._(
            "Nobody stands in: the next level is asked after the step's hours."
        )

    def _absent_text(self):
        """Return who of those asked is out of office, for the escalation's reason."""
        absent = self._asked_users().filtered("is_out_of_office")
        if not absent:
            return ""
        names = ", ".join(absent.mapped("name"))
        return " " + self.env._("Out of office: %s.", names)
