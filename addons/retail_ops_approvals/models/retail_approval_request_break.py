from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.base.models.res_users import check_identity

CONFIRM_MINUTES = 60
GROUP = "retail_ops_approvals.group_break_glass"
REVIEW = "retail_ops_approvals.activity_review_afterwards"
BATCH = 100


class RetailApprovalRequest(models.Model):
    """Break-glass and what is looked at again afterwards."""

    _inherit = "retail.approval.request"

    override_ids = fields.One2many(
        "retail.approval.override",
        "request_id",
        string="Emergency releases",
        readonly=True,
    )
    is_override = fields.Boolean(
        string="Emergency release",
        readonly=True,
        help="Two people released it without those whom the policy asks.",
    )
    review_state = fields.Selection(
        [("due", "To be reviewed"), ("fine", "Reviewed: right"), ("breach", "Breach")],
        string="Review",
        readonly=True,
        tracking=True,
        help="Whether a shortened path or an emergency release was justified, looked "
        "at afterwards by somebody who had no hand in it.",
    )
    review_due_at = fields.Datetime(
        string="Review by",
        readonly=True,
        help="A review that has not happened by then is overdue.",
    )
    review_reminded_at = fields.Datetime(readonly=True)
    is_review_overdue = fields.Boolean(compute="_compute_is_review_overdue")
    reviewer_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    review_note = fields.Text(readonly=True)
    can_break_glass = fields.Boolean(compute="_compute_can_decide")
    can_confirm_break = fields.Boolean(compute="_compute_can_decide")
    can_review = fields.Boolean(compute="_compute_can_decide")

    _review_due_idx = models.Index("(review_due_at) WHERE review_state = 'due'")

    @api.depends("review_state", "review_due_at")
    def _compute_is_review_overdue(self):
        now = fields.Datetime.now()
        for request in self:
            due = request.review_state == "due" and request.review_due_at
            request.is_review_overdue = bool(due and due < now)

    def _compute_can_decide(self):
        result = super()._compute_can_decide()
        user = self.env.user
        for request in self:
            asked = request.sudo()
            may = not asked._reason_not_to_release(user)
            proposal = asked._open_proposal()
            request.can_break_glass = may and not proposal
            request.can_confirm_break = may and bool(proposal - proposal._of(user))
            request.can_review = not asked._reason_not_to_review(user)
        return result

    # === TWO PEOPLE === #

    def action_break_glass(self, reason=None):
        """Propose to release the request at once; a second person has to confirm.

        :param reason: why it cannot wait, a text; without it a dialog asks
        :raise AccessError: without the role, or with a hand in the case
        """
        self.ensure_one()
        if not (reason or "").strip():
            return self._open_dialog("break", self.env._("Why can it not wait?"))
        if self.sudo()._needs_identity():
            return self._propose_identified(reason.strip())
        return self._propose_release(reason.strip())

    @check_identity
    def _propose_identified(self, reason):
        self._propose_release(reason)
        return self._forget_identity()

    def _propose_release(self, reason):
        request = self._locked_for_release()
        if request._open_proposal():
            raise UserError(
                self.env._("It was proposed already: somebody else has to confirm.")
            )
        request._propose(self.env.user, reason)
        return True

    def action_confirm_break(self):
        """Release the request, as the second person.

        :raise AccessError: to who proposed it, and to who may not propose it
        """
        self.ensure_one()
        if self.sudo()._needs_identity():
            return self._confirm_identified()
        return self._confirm_release()

    @check_identity
    def _confirm_identified(self):
        self._confirm_release()
        return self._forget_identity()

    def _confirm_release(self):
        request = self._locked_for_release()
        proposal = request._open_proposal()
        if not proposal:
            raise UserError(
                self.env._("Nobody proposed it within the hour: propose it again.")
            )
        if proposal.user_id == self.env.user:
            raise AccessError(
                self.env._("You proposed it: a second person has to confirm.")
            )
        request._release(proposal, self.env.user)
        return True

    def _locked_for_release(self):
        self.check_access("read")
        request = self.sudo()
        request._lock()
        reason = request._reason_not_to_release(self.env.user)
        if reason:
            raise AccessError(reason)
        if not request._fits(request._document()):
            raise UserError(
                self.env._("The document changed after it was asked: ask again.")
            )
        return request

    def _reason_not_to_release(self, user):
        """Return why the user may neither propose nor confirm; empty if he may."""
        if self.state != "pending":
            return self.env._("%s needs no release any more.", self.name)
        if user._is_machine() or not user.has_group(GROUP):
            return self.env._("Only holders of the role Break glass release requests.")
        if user in self.decision_ids.user_id | self.decision_ids.on_behalf_of_id:
            return self.env._("You decided about %s already.", self.name)
        code = self._excluded().get(user.id)
        return self._exclusion_text(code) if code else ""

    def _acted(self):
        proposals = self.env["retail.approval.override"].union(
            *(request._open_proposal() for request in self)
        )
        releases = self.override_ids.filtered("confirmed_at")
        people = proposals.user_id | releases.user_id | releases.second_user_id
        return super()._acted() | people

    def _open_proposal(self):
        now = fields.Datetime.now()
        return self.override_ids.filtered(
            lambda each: not each.confirmed_at and each.expires_at > now
        )[:1]

    def _propose(self, user, reason):
        now = fields.Datetime.now()
        self.env["retail.approval.override"].create(
            {
                "request_id": self.id,
                "user_id": user.id,
                "reason": reason,
                "expires_at": fields.Datetime.add(now, minutes=CONFIRM_MINUTES),
            }
        )
        self.message_post(body=self.env._("Emergency release proposed: %s", reason))
        self._record_release("approval.override.proposed", user)

    def _record_release(self, action, user):
        facts = {
            "request": self.name,
            "user_id": user.id,
            "fingerprint": self.fingerprint,
            "steps": self.step_ids.mapped("state"),
        }
        self.env["retail.audit.entry"]._record(self, action, facts)

    def _release(self, proposal, user):
        now = fields.Datetime.now()
        proposal.write({"second_user_id": user.id, "confirmed_at": now})
        self._steps_in("waiting", "open").state = "cancelled"
        self.write({"is_override": True, "is_blocked": False, "block": False})
        self._record_release("approval.override.confirmed", user)
        self._grant()

    def _grant(self):
        result = super()._grant()
        if self.is_override:
            hours = self.kind_id.break_glass_hours
            self.valid_until = fields.Datetime.add(self.decided_at, hours=hours)
        if self.is_override or self._is_shortened():
            self._ask_for_review()
        return result

    # === AFTERWARDS === #

    def _is_shortened(self):
        return self.kind_id.needs_review and self.rule_id.is_emergency

    def _ask_for_review(self):
        days = self.kind_id.review_days
        due = fields.Datetime.add(self.decided_at, days=days)
        self.write({"review_state": "due", "review_due_at": due})
        self._add_activities(
            REVIEW,
            self._reviewer(),
            self.env._("Was the shortened path right? %s", self._question()),
            due,
        )

    def _reviewer(self):
        """The policy's owner, unless he had a hand in it; then who else may review."""
        admins = self.env.ref("retail_ops_core.group_admin").all_user_ids
        involved = self._had_a_hand()
        for user in (self.owner_id, self.kind_id.owner_id, *admins):
            if user.active and user not in involved:
                return user
        return self.owner_id

    def _had_a_hand(self):
        proposals = self.override_ids.user_id
        return self._acted() | proposals

    def _reason_not_to_review(self, user):
        if self.review_state != "due":
            return self.env._("There is nothing to review about %s.", self.name)
        if user._is_machine() or user in self._had_a_hand():
            return self.env._("You had a hand in it: somebody else has to review it.")
        owners = self.owner_id | self.kind_id.owner_id
        if user in owners or user.has_group("retail_ops_core.group_admin"):
            return ""
        return self.env._("Only the policy's owner or an administrator reviews.")

    def action_review_right(self, note=None):
        """Note that the shortened path was right.

        :param note: what was found, a text; without it a dialog asks
        :raise AccessError: to who had a hand in it, or does not own the policy
        """
        return self._review("fine", note)

    def action_review_breach(self, note=None):
        """Note that the shortened path was not justified.

        :param note: what was found, a text; without it a dialog asks
        :raise AccessError: to who had a hand in it, or does not own the policy
        """
        return self._review("breach", note)

    def _review(self, verdict, note):
        self.ensure_one()
        if not (note or "").strip():
            return self._open_dialog(verdict, self.env._("What did you find?"))
        self.check_access("read")
        request = self.sudo()
        request._lock()
        reason = request._reason_not_to_review(self.env.user)
        if reason:
            raise AccessError(reason)
        request._close_review(self.env.user, verdict, note.strip())
        return True

    def _close_review(self, user, verdict, note):
        self.write(
            {"review_state": verdict, "reviewer_id": user.id, "review_note": note}
        )
        self._review_activities().unlink()
        self.message_post(body=self.env._("Reviewed: %s", note))
        facts = {"request": self.name, "verdict": verdict, "user_id": user.id}
        self.env["retail.audit.entry"]._record(self, "approval.reviewed", facts)

    def _review_activities(self):
        kind = self.env.ref(REVIEW)
        return self.activity_ids.filtered(lambda each: each.activity_type_id == kind)

    def _clear_activities(self):
        """A release that lapses or is used is reviewed all the same."""
        kept = self.filtered(lambda each: each.review_state == "due")
        (kept.activity_ids - kept._review_activities()).unlink()
        return super(RetailApprovalRequest, self - kept)._clear_activities()

    @api.model
    def _cron_review_overdue(self):
        """Scheduled Action: remind the owners, once, of reviews that are overdue."""
        domain = [
            ("review_state", "=", "due"),
            ("review_due_at", "<", fields.Datetime.now()),
            ("review_reminded_at", "=", False),
        ]
        progress = self.env["ir.cron"]._commit_progress
        progress(remaining=self.search_count(domain))
        while batch := self.search(domain, order="review_due_at", limit=BATCH):
            batch = batch.try_lock_for_update()
            if not batch:
                break
            batch._remind_of_review()
            if not progress(len(batch)):
                break

    def _remind_of_review(self):
        self.review_reminded_at = fields.Datetime.now()
        for request in self:
            owners = request.owner_id | request.kind_id.owner_id | request._reviewer()
            request.message_notify(
                partner_ids=owners.partner_id.ids,
                subject=request.name,
                body=self.env._(
                    "The review of %s is overdue: say whether the shortened path was "
                    "right.",
                    request.display_name,
                ),
            )
            request.message_post(body=self.env._("The review is overdue."))
        facts = [{"request": request.name} for request in self]
        self.env["retail.audit.entry"]._record(self, "approval.review.overdue", facts)


class RetailApprovalOverride(models.Model):
    _inherit = "retail.approval.override"

    def _of(self, user):
        return self.filtered(lambda each: each.user_id == user)
