from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.retail_ops_core.tools import worktime


class RetailApprovalRequest(models.Model):
    """Asking for information: the clocks stop, who asked for approval answers."""

    _inherit = "retail.approval.request"

    question_ids = fields.One2many(
        "retail.approval.question", "request_id", string="Questions", readonly=True
    )
    is_paused = fields.Boolean(
        string="Waits for an answer",
        readonly=True,
        help="Somebody who decides asked for information; deadlines stand still.",
    )
    can_answer = fields.Boolean(compute="_compute_can_decide")

    def _compute_can_decide(self):
        result = super()._compute_can_decide()
        for request in self:
            asked = request.sudo()
            request.can_answer = asked.is_paused and self.env.user in asked._answerers()
        return result

    # === ASKING === #

    def action_ask(self, question=None):
        """Ask for information instead of deciding; the clocks stop.

        :param question: what is missing, a text; without it a dialog asks
        :raise AccessError: when the user may not decide, with the reason
        """
        self.ensure_one()
        if not (question or "").strip():
            return self._open_dialog("ask", self.env._("What do you need to know?"))
        self.check_access("read")
        request = self.sudo()
        request._lock()
        request._check_can_decide(self.env.user)
        request._ask_for_information(self.env.user, question.strip())
        return True

    def _ask_for_information(self, user, question):
        if user in self._open_questions().user_id:
            raise UserError(
                self.env._(
                    "You asked about %s already: wait for the answer, or decide.",
                    self.name,
                )
            )
        asked = self.env["retail.approval.question"].create(
            {"request_id": self.id, "user_id": user.id, "question": question}
        )
        self.is_paused = True
        self._steps_in("open")._stop_clock()
        self._set_due()
        self._add_activities(
            "retail_ops_approvals.activity_question", self._answerers(), question
        )
        self.message_post(body=self.env._("Asked for information: %s", question))
        self._record_question("approval.question", asked)

    def _open_questions(self):
        return self.question_ids.filtered(lambda each: not each.closed_at)

    def _answerers(self):
        """Return who answers: who asked for approval, else the store, else the owner.

        What an event reported was asked for by no person.
        """
        facts = {"excluded": {}, "company": self.company_id}
        for user in (self.requester_id, self.store_id.manager_id):
            if user and not self.env["retail.approval.step"]._reason_against(
                user, facts
            ):
                return user
        return self.owner_id

    def _record_question(self, action, questions):
        facts = {
            "request": self.name,
            "question_ids": questions.ids,
            "user_id": self.env.uid,
        }
        self.env["retail.audit.entry"]._record(self, action, facts)

    # === ANSWERING === #

    def action_answer(self, answer=None):
        """Answer what was asked; the clocks go on where they stopped.

        :param answer: a text; without it a dialog asks
        :raise AccessError: to anybody but who asked for approval
        """
        self.ensure_one()
        if not (answer or "").strip():
            return self._open_dialog("answer", self.env._("Your answer"))
        self.check_access("read")
        request = self.sudo()
        request._lock()
        request._check_may_answer(self.env.user)
        request._answer(self.env.user, answer.strip())
        return True

    def _check_may_answer(self, user):
        if user not in self._answerers():
            raise AccessError(
                self.env._("Only %s can answer.", self._answerers().mapped("name")[0])
            )
        if self.state != "pending" or not self._open_questions():
            raise UserError(self.env._("There is no question about %s.", self.name))

    def _answer(self, user, answer):
        questions = self._open_questions()
        askers = questions.user_id
        questions.write(
            {
                "answer": answer,
                "answered_by_id": user.id,
                "closed_at": fields.Datetime.now(),
            }
        )
        self._record_question("approval.answer", questions)
        self.message_post(body=self.env._("Answered: %s", answer))
        self._go_on_after_questions()
        self._remind_of_answer(askers, answer)

    def _remind_of_answer(self, askers, answer):
        self.message_notify(
            partner_ids=askers.partner_id.ids,
            subject=self.name,
            body=self.env._(
                "Answered: %(answer)s %(question)s waits for your decision.",
                answer=answer,
                question=self._question(),
            ),
        )

    def _go_on_after_questions(self):
        """Let the clocks go on where they stopped, once nothing is open any more."""
        if not self.is_paused or self._open_questions():
            return
        self.is_paused = False
        kind = self.env.ref("retail_ops_approvals.activity_question")
        self.activity_ids.filtered(lambda each: each.activity_type_id == kind).unlink()
        self._steps_in("open")._start_clock()
        self._set_due()

    def _drop_questions(self, questions):
        questions.closed_at = fields.Datetime.now()
        self._go_on_after_questions()

    # === WHERE IT MEETS DECISIONS === #

    def _open_steps(self, steps):
        result = super()._open_steps(steps)
        if self.is_paused:
            steps._stop_clock()
        return result

    def _close_activities_of(self, user, comment):
        """Who decides after all needs no answer any more."""
        result = super()._close_activities_of(user, comment)
        mine = self._open_questions().filtered(lambda each: each.user_id == user)
        self._drop_questions(mine)
        return result

    def _clear_activities(self):
        for request in self:
            request._drop_questions(request._open_questions())
        return super()._clear_activities()


class RetailApprovalRequestStep(models.Model):
    _inherit = "retail.approval.request.step"

    stopped_at = fields.Datetime(readonly=True)
    stopped_due_at = fields.Datetime(readonly=True)
    stopped_remind_at = fields.Datetime(readonly=True)

    def _stop_clock(self):
        """Without a deadline neither reminder nor escalation finds the step."""
        for step in self.filtered(lambda each: not each.stopped_at):
            step.write(
                {
                    "stopped_at": fields.Datetime.now(),
                    "stopped_due_at": step.due_at,
                    "stopped_remind_at": step.remind_at,
                    "due_at": False,
                    "remind_at": False,
                }
            )

    def _start_clock(self):
        for step in self.filtered("stopped_at"):
            step.write(
                {
                    "stopped_at": False,
                    "due_at": step._moment_left(step.stopped_due_at),
                    "remind_at": step._moment_left(step.stopped_remind_at),
                }
            )

    def _moment_left(self, moment):
        """Return when the hours that were left at the stop will have passed."""
        if not moment:
            return False
        now, left = fields.Datetime.now(), self._hours_left(moment)
        if not left:
            return now
        return self.request_id._moment_after(now, left)

    def _hours_left(self, moment):
        if moment <= self.stopped_at:
            return 0.0
        days = (moment - self.stopped_at).days + 1
        store = self.request_id.store_id
        intervals = (
            store._working_intervals(self.stopped_at, days)
            if store
            else [(self.stopped_at, moment)]
        )
        return worktime.hours_between(intervals, self.stopped_at, moment)
