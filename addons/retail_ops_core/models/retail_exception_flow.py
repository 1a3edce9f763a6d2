from odoo import api, fields, models
from odoo.exceptions import UserError


class RetailExceptionType(models.Model):
    _inherit = "retail.exception.type"

    milestone_ids = fields.One2many(
        "retail.milestone",
        "type_id",
        "Milestones",
        copy=True,
        help="Steps that every case passes in this order before it is resolved; each "
        "is timed.",
    )


class RetailException(models.Model):
    """Flow: the milestones of the type, each reached once, in order, and timed."""

    _inherit = "retail.exception"

    milestone_ids = fields.One2many(
        "retail.exception.milestone", "exception_id", "Milestones", readonly=True
    )
    next_milestone_id = fields.Many2one(
        "retail.milestone",
        "Next step",
        compute="_compute_next_milestone_id",
        help="What is to be done next before the case can be resolved.",
    )

    @api.depends("milestone_ids", "type_id.milestone_ids")
    def _compute_next_milestone_id(self):
        for exception in self:
            reached = exception.milestone_ids.milestone_id
            pending = exception.type_id.milestone_ids - reached
            exception.next_milestone_id = pending[:1]

    def _set_milestone(self, outcome=False):
        """Note that the next milestone of the case is reached.

        :param outcome: what came out of it, a text, where the milestone asks for it
        :raise UserError: when none is left, the case is not open, or the outcome lacks
        """
        self.ensure_one()
        milestone = self.next_milestone_id
        self._check_can_reach(milestone, outcome)
        now = fields.Datetime.now()
        last = max(self.milestone_ids.mapped("reached_at"), default=self.opened_at)
        self.env["retail.exception.milestone"].create(
            {
                "exception_id": self.id,
                "milestone_id": milestone.id,
                "reached_at": now,
                "user_id": self.env.uid,
                "outcome": outcome,
                "hours": (now - last).total_seconds() / 3600,
            }
        )
        self.env["retail.audit.entry"]._record(
            self, "exception.milestone", {"milestone": milestone.id, "why": outcome}
        )
        if self.state in ("new", "triaged"):
            self._set_in_progress()
        self.touched_at = now

    def _check_can_reach(self, milestone, outcome):
        if not milestone or not self.is_open:
            raise UserError(
                self.env._(
                    "%s has no step left: resolve it, or reopen it first.", self.name
                )
            )
        if milestone.asks_outcome and not outcome:
            raise UserError(
                self.env._("Say in one sentence what came out of “%s”.", milestone.name)
            )

    def _check_can_resolve(self):
        for exception in self:
            if exception.next_milestone_id:
                raise UserError(
                    self.env._(
                        "%(reference)s cannot be resolved before its next step, "
                        "“%(milestone)s”: press Next step first.",
                        reference=exception.name,
                        milestone=exception.next_milestone_id.name,
                    )
                )
        return super()._check_can_resolve()

    def action_next_milestone(self):
        """Take the next step of the flow; ask for the outcome where it is needed."""
        self.ensure_one()
        self.check_access("write")
        self._check_not_held()
        if self.next_milestone_id.asks_outcome:
            return self._open_step("milestone")
        return self.sudo()._set_milestone()
