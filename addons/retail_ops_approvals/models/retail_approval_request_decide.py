from odoo import fields, models
from odoo.exceptions import AccessError, UserError


class RetailApprovalRequest(models.Model):
    """How people decide, and what follows."""

    _inherit = "retail.approval.request"

    # === ACTIONS OF PEOPLE === #

    def action_approve(self, comment=None):
        """Approve as the calling user; saying it twice changes nothing.

        :param comment: what to keep with the decision, a text
        :raise AccessError: when the user may not decide, with the reason
        :raise UserError: when there is nothing left to decide
        """
        return self._decide_as_needed("approved", comment)

    def action_reject(self, comment=None):
        """Reject as the calling user; one rejection ends the request.

        :param comment: the reason, a text; without it a dialog asks
        :raise AccessError: when the user may not decide, with the reason
        :raise UserError: when there is nothing left to decide
        """
        if not (comment or "").strip():
            return self._ask_for_reason()
        return self._decide_as_needed("rejected", comment.strip())

    def _ask_for_reason(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Why is it rejected?"),
            "res_model": "retail.approval.reject",
            "view_mode": "form",
            "target": "new",
            "context": {"default_request_ids": self.ids},
        }

    def action_withdraw(self):
        """Take the request back; only who asked may.

        :raise AccessError: to anybody else
        """
        for request in self:
            request.sudo()._lock()
            request._check_may_withdraw()
            request.sudo()._end("withdrawn", self.env._("Withdrawn by who asked."))
        return True

    def _check_may_withdraw(self):
        self.check_access("read")
        if self.sudo().requester_id != self.env.user:
            raise AccessError(
                self.env._(
                    "Only who asked for %(request)s can withdraw it.",
                    request=self.sudo().name,
                )
            )
        if self.sudo().spent_at:
            raise UserError(
                self.env._(
                    "%s was used already: what it allowed has been done.",
                    self.sudo().name,
                )
            )

    # === ONE DECISION === #

    def _lock(self):
        """Wait for others who decide now; who comes second starts again.

        Every decision updates the request's own row, so the second transaction
        fails to serialize and Odoo replays it on what the first has left.
        """
        self.env.cr.execute(
            "SELECT id FROM retail_approval_request WHERE id IN %s FOR UPDATE",
            [tuple(self.ids)],
        )
        self.invalidate_recordset()
        self.step_ids.invalidate_recordset()

    def _decide(self, verdict, comment, amount=None, is_identified=False):
        self.check_access("read")
        request, user = self.sudo(), self.env.user
        request._check_identified(is_identified)
        request._lock()
        if request._has_said(user, verdict):
            return
        request._check_can_decide(user)
        step, delegation = request._seat_of(user)
        decision = request._write_decision(
            step,
            user,
            delegation,
            {
                "verdict": verdict,
                "comment": comment or False,
                "amount": amount or request.granted_amount,
                "is_identified": is_identified,
            },
        )
        request._close_activities_of(user, comment)
        if verdict == "rejected":
            request._reject(step, decision)
        else:
            request._go_on_after(step)

    def _has_said(self, user, verdict):
        """Tell whether the user decided so already: a second click, no more."""
        before = self.decision_ids.filtered(lambda each: each.user_id == user)
        if before and before.verdict != verdict:
            raise UserError(
                self.env._(
                    "You decided about %s already: a decision stands.", self.name
                )
            )
        return bool(before)

    def _check_can_decide(self, user):
        reason = self._reason_not_to_decide(user)
        if reason:
            error = UserError if self.state != "pending" else AccessError
            raise error(reason)
        if not self._fits(self._document()):
            raise UserError(
                self.env._(
                    "%(document)s changed after approval was asked for: open it and "
                    "ask again, so that everybody decides about the same facts.",
                    document=self.document_name,
                )
            )

    def _reason_not_to_decide(self, user):
        """Return why the user may not decide now, in a sentence; empty if he may."""
        if self.state != "pending":
            states = dict(self._fields["state"]._description_selection(self.env))
            return self.env._(
                "%(request)s needs no decision any more: %(state)s.",
                request=self.name,
                state=states[self.state],
            )
        if user._is_machine():
            return self.env._("A machine decides nothing: a person has to.")
        code = self._excluded().get(user.id)
        if code:
            return self._exclusion_text(code)
        if self.is_blocked or self._seat_of(user) is None:
            return self.env._(
                "You are not among those who decide about %s now.", self.name
            )
        return ""

    def _exclusion_text(self, code):
        return {
            "requester": self.env._(
                "You asked for this approval: somebody else has to decide."
            ),
            "raiser": self.env._("You raised this case: somebody else has to decide."),
            "assignee": self.env._(
                "You work on this case: somebody else has to decide."
            ),
            "editor": self.env._("You wrote at this: somebody else has to decide."),
            "evidence": self.env._(
                "You brought the evidence: somebody else has to decide."
            ),
            "answered": self.env._(
                "You answered a question about it: somebody else has to decide."
            ),
            "other_half": self.env._(
                "You decided the other half of this: somebody else has to decide."
            ),
            "incompatible": self.env._(
                "Your roles must not meet those of who acted here already: somebody "
                "else has to decide."
            ),
        }[code]

    def _check_identified(self, is_identified):
        if self._needs_identity() and not is_identified:
            raise AccessError(self.env._("Such an amount asks for your password."))

    def _write_decision(self, step, user, delegation, values):
        principal = delegation.user_id if delegation else user.browse()
        decision = self.env["retail.approval.decision"].create(
            {
                "request_id": self.id,
                "step_id": step.id,
                "user_id": user.id,
                "on_behalf_of_id": principal.id,
                "delegation_id": delegation.id if delegation else False,
                **values,
            }
        )
        self.decision_count += 1
        if values["verdict"] == "approved":
            self.granted_amount = min(self.granted_amount, values["amount"])
        facts = {
            "request": self.name,
            "step": step.name,
            "verdict": values["verdict"],
            "amount": values["amount"],
            "is_identified": values["is_identified"],
            "user_id": user.id,
            "on_behalf_of_id": principal.id or None,
            "delegation_id": delegation.id if delegation else None,
            "fingerprint": self.fingerprint,
        }
        self.env["retail.audit.entry"]._record(self, "approval.decision", facts)
        return decision

    # === WHAT FOLLOWS === #

    def _go_on_after(self, step):
        if not step._missing():
            step.state = "approved"
        if not self._steps_in("waiting", "open"):
            return self._grant()
        self._notice_dead_end()
        if self.is_blocked:
            return self._tell_owner()
        return self._open_next_steps()

    def _grant(self):
        now = fields.Datetime.now()
        days = self.kind_id.validity_days
        self.write(
            {
                "state": "approved",
                "decided_at": now,
                "due_at": False,
                "valid_until": fields.Datetime.add(now, days=days) if days else False,
            }
        )
        self._clear_activities()
        self._tell("approval.decided")
        self._document()._approval_granted(self)

    def _reject(self, step, decision):
        step.state = "rejected"
        self._steps_in("waiting", "open").state = "cancelled"
        self.write(
            {"state": "rejected", "decided_at": fields.Datetime.now(), "due_at": False}
        )
        self._clear_activities()
        self.message_post(body=decision.comment)
        self._tell("approval.decided")
        self._document()._approval_refused(self, decision.comment)

    def _end(self, state, reason):
        """Finish requests without a decision.

        :param state: withdrawn or lapsed
        :param reason: why, a text for the history
        """
        for request in self.filtered(
            lambda each: each.state in ("pending", "approved") and not each.spent_at
        ):
            request._steps_in("waiting", "open").state = "cancelled"
            request.write({"state": state, "due_at": False, "is_blocked": False})
            request._clear_activities()
            request.message_post(body=reason)
            request._tell("approval.decided", f"approval.{state}")
            request._document()._approval_voided(request)

    def _lapse_where_changed(self):
        alive = self.filtered(
            lambda each: each.state in ("pending", "approved") and not each.spent_at
        )
        changed = alive.filtered(lambda each: not each._fits(each._document()))
        changed._end("lapsed", self.env._("The facts changed after it was asked for."))

    # === ACTIVITIES === #

    def _close_activities_of(self, user, comment):
        """Those in whose name he decided are not asked any more either."""
        decision = self.decision_ids.filtered(lambda each: each.user_id == user)
        done = user | decision.on_behalf_of_id
        mine = self.activity_ids.filtered(lambda activity: activity.user_id in done)
        mine.action_feedback(feedback=comment or False)

    def _clear_activities(self):
        """Nobody is reminded of what is decided."""
        self.activity_ids.unlink()
