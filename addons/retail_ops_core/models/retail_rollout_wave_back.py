from odoo import api, fields, models
from odoo.exceptions import UserError

from .retail_rollout_wave import ACTING, NOTHING_ASKED

BACK = {"back_to_shadow": "shadow", "roll_back": "rolled_back"}


class RetailRolloutWave(models.Model):
    """The way back; where documents are held, a second administrator agrees to it."""

    _inherit = "retail.rollout.wave"

    asked_step = fields.Selection(
        [("back_to_shadow", "Back to shadow"), ("roll_back", "Roll back")],
        "Way back",
        readonly=True,
        copy=False,
    )
    is_my_question = fields.Boolean(compute="_compute_is_my_question")

    @api.depends("asked_by_id")
    @api.depends_context("uid")
    def _compute_is_my_question(self):
        for wave in self:
            wave.is_my_question = wave.asked_by_id == self.env.user

    def _has_field_access(self, field, operation):
        if operation == "write" and field.name == "asked_step" and not self.env.su:
            return False
        return super()._has_field_access(field, operation)

    def action_back_to_shadow(self, reason=None):
        """Stop the rules in the wave's stores, and only note what they would do.

        Where they hold documents for approval it is asked for, see `action_agree`.

        :param reason: why, a text; without it a dialog asks
        """
        return self._back("back_to_shadow", reason)

    def action_roll_back(self, reason=None):
        """Stop the rules in the wave's stores, and note nothing any more.

        Where they hold documents for approval it is asked for, see `action_agree`.

        :param reason: why, a text; without it a dialog asks
        """
        return self._back("roll_back", reason)

    def _back(self, step, reason):
        self.ensure_one()
        self.check_access("write")
        if not (reason or "").strip():
            return self._open_step(step, "wave")
        if self.state == BACK[step]:
            return True
        self._check_acts(("live",) if step == "back_to_shadow" else ACTING)
        if self.state == "live" and self.sudo()._holds_documents():
            self._ask_back(step, reason)
        else:
            self._stop(BACK[step], reason)
        return True

    def _check_acts(self, states):
        if self.state not in states:
            raise UserError(
                self.env._(
                    "“%s” does not act: there is nothing to take back.", self.name
                )
            )

    def _holds_documents(self):
        """Whether its rules hold documents; addons above know what holds."""
        return False

    def _ask_back(self, step, reason):
        self._check_reaches(self.sudo().store_ids)
        labels = dict(self._fields["asked_step"]._description_selection(self.env))
        self._ask(labels[step], reason, asked_step=step)
        self.message_post(
            body=self.env._(
                "%(step)s is asked for: %(why)s", step=labels[step], why=reason
            )
        )
        facts = {"step": step, "why": reason.strip()}
        self.env["retail.audit.entry"]._record(self, "rollout.back_asked", facts)

    def action_agree(self):
        """Take the wave back as another administrator asked.

        :raise UserError: when nobody, or the caller himself, asked for it
        """
        self.ensure_one()
        self.check_access("write")
        self.lock_for_update()
        if not self._is_agreed_by_another():
            raise UserError(
                self.env._(
                    "Taking “%s” back lets go of what waits for an approval: one "
                    "administrator asks for it, another agrees.",
                    self.name,
                )
            )
        self._stop(BACK[self.asked_step], self.asked_reason)
        return True

    def action_stay(self):
        """Leave the wave live: what was asked for is dropped."""
        self.ensure_one()
        self.check_access("write")
        if self.asked_step:
            self._check_reaches(self.sudo().store_ids)
            facts = {"step": self.asked_step, "asked_by": self.asked_by_id.id}
            self.env["retail.audit.entry"]._record(self, "rollout.back_dropped", facts)
            self.sudo().write(NOTHING_ASKED)
            self.message_post(body=self.env._("It stays live."))
        return True

    def _stop(self, state, reason):
        was_live = self.state == "live"
        self._move(state, reason)
        if was_live:
            for workflow in self.sudo().workflow_ids:
                workflow._rules_stopped(reason, self.sudo().store_ids)
