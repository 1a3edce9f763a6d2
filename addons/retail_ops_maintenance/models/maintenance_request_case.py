from odoo import fields, models
from odoo.exceptions import UserError

FOLLOWED = {"stage_id", "archive", "equipment_id"}


class MaintenanceRequest(models.Model):
    """The case that asked for the repair follows where the repair stands."""

    _inherit = "maintenance.request"

    exception_id = fields.Many2one(
        "retail.exception",
        "Case",
        readonly=True,
        copy=False,
        ondelete="restrict",
        prefetch="retail_repair",
        help="The store's case that this repair is for.",
    )

    _one_per_case = models.UniqueIndex(
        "(exception_id) WHERE exception_id IS NOT NULL",
        "This case has its maintenance request already.",
    )

    def write(self, vals):
        if FOLLOWED.isdisjoint(vals):
            return super().write(vals)
        before = {each: each._step() for each in self.sudo().filtered("store_id")}
        result = super().write(vals)
        if before or "equipment_id" in vals:
            stores = self.sudo().filtered("store_id")
            stores.filtered(lambda each: each._step() != before.get(each))._tell_case()
            stores._name_equipment()
            stores._note_repair()
        return result

    def _step(self):
        """Return where the repair stands: a step, ``done`` or ``cancelled``."""
        if self.archive:
            return "cancelled"
        return "done" if self.stage_id.done else self.stage_id.retail_step

    def _is_finished(self):
        return self._step() in ("done", "cancelled")

    def _name_equipment(self):
        for request in self.filtered("exception_id"):
            if request.exception_id.equipment_id != request.equipment_id:
                request.exception_id.equipment_id = request.equipment_id

    def _tell_case(self):
        """Let open cases follow; what a case still lacks is said on it."""
        for request in self.filtered("exception_id"):
            case = request.exception_id
            self.env["retail.audit.entry"]._record(
                case,
                f"repair.{request._step()}",
                {"request": request.id, "stage": request.stage_id.id},
            )
            if not case.is_open:
                continue
            try:
                with self.env.cr.savepoint():
                    request._move_case(case)
            except UserError as missing:
                case.message_post(body=str(missing))

    def _move_case(self, case):
        """Take an open case along; what waits for somebody else goes on waiting."""
        step, waits_for = self._step(), case.waiting_reason
        if step in ("approval", "supplier"):
            case._set_waiting(step)
        elif waits_for in ("approval", "supplier") or step == "work" and not waits_for:
            case._set_in_progress()
        if self._is_finished():
            case.message_post(body=self._ending_text())

    def _ending_text(self):
        if self._step() == "cancelled":
            return self.env._(
                "%s was cancelled. Say what becomes of the equipment when you resolve "
                "the case.",
                self.display_name,
            )
        return self.env._(
            "%(repair)s is %(stage)s. Check that it works, then resolve the case.",
            repair=self.display_name,
            stage=self.stage_id.name,
        )

    def action_open_case(self):
        """Open the case that asked for the repair."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "retail.exception",
            "res_id": self.exception_id.id,
            "views": [(False, "form")],
        }
