from datetime import datetime

from odoo import api, fields, models
from odoo.tools import SQL

FINISHED = ("resolved", "closed")


class RetailException(models.Model):
    """Whether the matrix held a case in the moment it was finished.

    Where it holds changes with waves and with what types ask for. What was finished is
    judged by what held then: a case that the gate let go keeps that, and one that never
    came by the gate is judged by the dates.
    """

    _inherit = "retail.exception"

    approval_gate = fields.Selection(
        [("held", "Held by the matrix"), ("free", "Not held by the matrix")],
        "Approval when finished",
        compute="_compute_approval_gate",
        store=True,
        copy=False,
        help="Whether the approval matrix held the case when it was resolved. Empty: "
        "it is open, or it was finished behind the application.",
    )

    _approval_held_idx = models.Index("(opened_at) WHERE approval_gate = 'held'")

    def _auto_init(self):
        """Cases finished before the addon have no note: their dates tell."""
        self.env.cr.execute(
            SQL(
                "ALTER TABLE retail_exception"
                " ADD COLUMN IF NOT EXISTS approval_gate varchar"
            )
        )
        return super()._auto_init()

    @api.model
    def _has_field_access(self, field, operation):
        if operation == "write" and field.name == "approval_gate":
            return self.env.su
        return super()._has_field_access(field, operation)

    @api.depends("state")
    def _compute_approval_gate(self):
        for case in self:
            is_finished = case.state in FINISHED
            case.approval_gate = is_finished and (
                case.approval_gate or case._gate_passed()
            )

    def _gate_passed(self):
        finished_at = self.resolved_at or fields.Datetime.now()
        is_held = finished_at >= self._held_since() and not self._finished_elsewhere()
        return "held" if is_held else "free"

    def _finished_elsewhere(self):
        return not self.reopened_at and self.import_id.state in FINISHED

    def _held_since(self):
        """Return since when the matrix holds such a case in its store.

        :return: datetime in UTC, the far future where it holds nothing
        """
        governed = self.type_id
        if not governed.approval_kind_id:
            return datetime.max
        acts = governed.approval_kind_id.workflow_id._acts_since(self.store_id)
        return max(acts, governed.approval_since or datetime.max)

    @api.model
    def _note_held(self):
        """Note which cases finished behind the application were held, by today's dates.

        Called before what holds changes, so that no change hides a breach.
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE retail_exception SET approval_gate = 'held'
                 WHERE approval_gate IS NULL AND id IN (
                       SELECT exc.id FROM retail_exception exc %s WHERE %s)
                """,
                self._held_joins(),
                self._held_condition(),
            )
        )
        self.invalidate_model(["approval_gate"])

    @api.model
    def _held_joins(self):
        """Return the tables that :meth:`_held_condition` asks, beside ``exc``."""
        return SQL(
            """
            JOIN retail_exception_type type ON type.id = exc.type_id
            LEFT JOIN retail_request_kind kind ON kind.id = type.approval_kind_id
            LEFT JOIN retail_workflow workflow ON workflow.id = kind.workflow_id
            """
        )

    @api.model
    def _held_condition(self):
        """Return the condition of finished cases that the matrix held.

        The types come as an array: a database that never counted its few types takes
        nearly all of them for governed, and would read every case instead of theirs.
        """
        return SQL(
            """
            exc.state IN ('resolved', 'closed') AND exc.resolved_at IS NOT NULL
            AND (exc.approval_gate = 'held'
                 OR exc.approval_gate IS NULL
                    AND exc.type_id = ANY (ARRAY(
                        SELECT id FROM retail_exception_type
                         WHERE approval_kind_id IS NOT NULL))
                    AND exc.resolved_at >= type.approval_since
                    AND CASE WHEN workflow.mode = 'waves'
                             THEN %s
                             ELSE exc.resolved_at >= COALESCE(
                                  workflow.everywhere_since, '-infinity') END)
            """,
            self._in_live_wave(),
        )

    @api.model
    def _in_live_wave(self):
        return SQL(
            """EXISTS (SELECT FROM retail_rollout_wave wave
                         JOIN retail_rollout_wave_workflow_rel of_workflow
                           ON of_workflow.retail_rollout_wave_id = wave.id
                         JOIN retail_rollout_wave_store_rel of_store
                           ON of_store.retail_rollout_wave_id = wave.id
                        WHERE of_workflow.retail_workflow_id = workflow.id
                          AND of_store.retail_store_id = exc.store_id
                          AND wave.state = 'live'
                          AND exc.resolved_at >= COALESCE(
                              wave.live_since, '-infinity'))"""
        )

    @api.model
    def _approved_condition(self):
        """Return the condition of cases about which there is an approved request."""
        return SQL(
            """EXISTS (SELECT FROM retail_approval_request request
                        WHERE request.res_model = 'retail.exception'
                          AND request.res_id = exc.id
                          AND request.state = 'approved')"""
        )
