from odoo import api, fields, models
from odoo.exceptions import UserError

STEPS = [
    ("acknowledge", "Acknowledge"),
    ("start", "Start work"),
    ("wait", "Wait"),
    ("resolve", "Resolve"),
    ("close", "Close"),
    ("cancel", "Cancel"),
    ("reopen", "Take up again"),
]


class RetailExceptionRequirement(models.Model):
    """What a case of a type must show before it may take a step."""

    _name = "retail.exception.requirement"
    _description = "Requirement of a Step"
    _inherit = ["retail.audited"]
    _order = "type_id, step, id"

    type_id = fields.Many2one(
        "retail.exception.type", required=True, index=True, ondelete="cascade"
    )
    step = fields.Selection(
        STEPS,
        "Before",
        required=True,
        help="The case is refused this step until what is asked for is there.",
    )
    fact_ids = fields.Many2many(
        "retail.exception.fact",
        relation="retail_exception_requirement_fact_rel",
        string="Facts",
        help="Filled in on the case; figures other than zero.",
    )
    evidence_count = fields.Integer(
        "Files",
        help="Photos or files on the case, at least so many. 0 asks for none.",
    )
    note = fields.Char(translate=True, help="Why it is asked for: shown when missing.")

    _step_unique = models.Constraint(
        "UNIQUE(type_id, step)", "A type has one row for each step: change that one."
    )
    _evidence_count_not_negative = models.Constraint(
        "CHECK(evidence_count >= 0)", "The number of files cannot be below zero."
    )

    def _definition_row(self):
        """Return what is asked for before a step: ``(step, text)``."""
        label = dict(self._fields["step"]._description_selection(self.env))[self.step]
        asked = self.fact_ids.mapped("display_name")
        if self.evidence_count:
            asked.append(self.env._("files: %s", self.evidence_count))
        return self.env._("Before: %s", label), ", ".join(asked)

    def _check_met_by(self, exception):
        """Raise when the case lacks something, naming all of it.

        :param exception: one retail.exception
        :raise UserError: saying what to fill in or attach
        """
        self.ensure_one()
        missing = [
            fact.display_name
            for fact in self.fact_ids
            if not exception[fact.field_name]
        ]
        there = exception.message_attachment_count
        wanted = []
        if missing:
            wanted.append(self.env._("fill in %s", ", ".join(missing)))
        if there < self.evidence_count:
            wanted.append(
                self.env._(
                    "attach files as evidence: %(wanted)s wanted, %(there)s there",
                    wanted=self.evidence_count,
                    there=there,
                )
            )
        if wanted:
            raise UserError(self._refusal(exception, wanted))

    def _refusal(self, exception, wanted):
        steps = dict(self._fields["step"]._description_selection(self.env))
        text = self.env._(
            "%(reference)s lacks something before “%(step)s”: %(wanted)s.",
            reference=exception.name,
            step=steps[self.step],
            wanted=self.env._(" and ").join(wanted),
        )
        return f"{text} {self.note}" if self.note else text


class RetailExceptionType(models.Model):
    _inherit = "retail.exception.type"

    requirement_ids = fields.One2many(
        "retail.exception.requirement",
        "type_id",
        "What each step asks",
        copy=True,
        help="Facts and evidence without which a case of this type may not take a "
        "step, whoever takes it.",
    )

    def _asks_for(self, step, field_name):
        """Tell whether one of the types wants a fact before a step."""
        asking = self.requirement_ids.filtered(lambda row: row.step == step)
        return field_name in asking.fact_ids.mapped("field_name")


class RetailException(models.Model):
    """Steps that ask for facts and evidence first."""

    _inherit = "retail.exception"

    def _check_requirements(self, step):
        """Raise when a case lacks what its type asks for before a step.

        :param step: a step of :data:`STEPS`
        """
        for exception in self.sudo():
            for requirement in exception.type_id.requirement_ids:
                if requirement.step == step:
                    requirement._check_met_by(exception)

    @api.model
    def _step_towards(self, state, target):
        if target == "in_progress":
            return "reopen" if state in ("resolved", "closed") else "start"
        return {"closed": "close", "cancelled": "cancel"}.get(target)

    def _check_transition(self, target):
        result = super()._check_transition(target)
        self._check_requirements(self._step_towards(self.state, target))
        return result

    def _check_can_resolve(self):
        self._check_requirements("resolve")
        return super()._check_can_resolve()

    def _set_acknowledged(self):
        unseen = self.filtered(lambda exc: exc.is_open and not exc.acknowledged_at)
        unseen._check_requirements("acknowledge")
        return super()._set_acknowledged()

    def _set_waiting(self, reason):
        """An approval that is asked for holds the case whatever it lacks."""
        if reason != "approval":
            waiting = self.filtered(lambda exc: exc.state != "waiting")
            waiting._check_requirements("wait")
        return super()._set_waiting(reason)
