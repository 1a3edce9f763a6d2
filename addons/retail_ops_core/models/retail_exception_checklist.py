from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

FINAL_STATES = ("resolved", "closed", "cancelled")
CONFIRM = "retail_ops_core.activity_confirm_readiness"


class RetailException(models.Model):
    """Exceptions that come from a checklist, and those that the region finishes."""

    _inherit = "retail.exception"

    checklist_id = fields.Many2one(
        "retail.checklist",
        "Checklist",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    veto_count = fields.Integer(related="checklist_id.veto_count")
    region_decides = fields.Boolean(related="type_id.region_decides")

    @api.model
    def _has_field_access(self, field, operation):
        if operation == "write" and field.name == "checklist_id":
            return self.env.su
        return super()._has_field_access(field, operation)

    # === What is missing === #
    def _check_can_resolve(self):
        """Refuse as long as a running checklist has overdue items."""
        result = super()._check_can_resolve()
        for exception in self:
            exception._check_checklist_is_answered()
        return result

    def _check_checklist_is_answered(self):
        checklist = self.sudo().checklist_id
        if checklist.state == "open" and checklist.overdue_count:
            raise UserError(
                self.env._(
                    "%(reference)s cannot be resolved while items of %(checklist)s are "
                    "overdue. Do them, or say why not:\n%(missing)s",
                    reference=self.name,
                    checklist=checklist.display_name,
                    missing=checklist.missing,
                )
            )

    # === The region finishes === #
    def _region_deciders(self):
        """Return who may finish it where the region decides: the real people.

        :return: res.users: active managers of the store's region and of those
            above it; the queue's business owner where there is none
        """
        self.ensure_one()
        exception = self.sudo()
        leaders = exception.region_id.leader_ids.filtered("active")
        return leaders or exception.queue_id._answering()

    def _nearest_decider(self):
        region = self.region_id
        while region and not region._manager_at_level(0):
            region = region.parent_id
        return region._manager_at_level(0) or self.queue_id._answering()

    def _undecidable(self):
        """Return those that the user at hand, superuser or not, may not finish."""
        user = self.env.user
        return self.filtered(
            lambda one: one.type_id.region_decides
            and user not in one._region_deciders()
        )

    def _refusal_to_finish(self):
        return self.env._(
            "%(reference)s is finished by its region only: ask %(manager)s to look at "
            "it and finish it.",
            reference=self.name,
            manager=self.sudo()._nearest_decider().name,
        )

    def _check_transition(self, target):
        result = super()._check_transition(target)
        if target in FINAL_STATES and self._undecidable():
            raise UserError(self._refusal_to_finish())
        return result

    @api.constrains("state")
    def _check_region_finished_it(self):
        finished = self.filtered(lambda one: one.state in FINAL_STATES)
        for exception in finished._undecidable():
            raise ValidationError(exception._refusal_to_finish())

    def write(self, vals):
        """Refuse the way round: another type, store or region, then the finish."""
        if vals.keys() & {"type_id", "store_id"}:
            self._check_stays_with_region(vals)
        return super().write(vals)

    def _check_stays_with_region(self, vals):
        for exception in self._undecidable():
            changed = any(
                name in vals and exception[name].id != vals[name]
                for name in ("type_id", "store_id")
            )
            if changed:
                raise UserError(exception._refusal_to_finish())

    def _ask_region(self):
        """Ask the region to finish it, once, where the region decides."""
        kind = self.env.ref(CONFIRM)
        waiting = self.filtered(
            lambda one: one.type_id.region_decides
            and kind not in one.activity_ids.activity_type_id
        )
        waiting._add_activities(
            CONFIRM,
            lambda one: one._nearest_decider(),
            lambda one: self.env._(
                "The store has answered every item: look and finish."
            ),
        )

    def _finish_activities(self, feedback):
        result = super()._finish_activities(feedback)
        self.activity_feedback([CONFIRM], feedback=feedback)
        return result

    def action_open_checklist(self):
        """Open the checklist that raised it."""
        self.ensure_one()
        return self.checklist_id.action_open()
