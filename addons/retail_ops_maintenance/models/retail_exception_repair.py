from odoo import api, fields, models
from odoo.exceptions import UserError


class RetailException(models.Model):
    """The repair that a case asked for: made once, followed both ways."""

    _inherit = "retail.exception"

    maintenance_ids = fields.One2many(
        "maintenance.request", "exception_id", "Maintenance requests", readonly=True
    )
    maintenance_id = fields.Many2one(
        "maintenance.request",
        "Maintenance request",
        compute="_compute_maintenance_id",
        store=True,
        index="btree_not_null",
        copy=False,
    )
    repair_stage_id = fields.Many2one(
        related="maintenance_id.stage_id", string="Repair is"
    )
    repair_user_id = fields.Many2one(
        related="maintenance_id.user_id", string="Technician"
    )
    repair_vendor_id = fields.Many2one(
        related="maintenance_id.vendor_id", string="Repaired by"
    )
    repair_cost = fields.Monetary(
        related="maintenance_id.repair_cost", currency_field="company_currency_id"
    )
    repair_approval = fields.Char(
        related="maintenance_id.approval_text", string="Approval of the repair"
    )
    repair_is_emergency = fields.Boolean(
        related="maintenance_id.is_emergency", string="Emergency repair"
    )
    downtime_hours = fields.Float(related="maintenance_id.downtime_hours")

    @api.depends("maintenance_ids")
    def _compute_maintenance_id(self):
        for case in self:
            case.maintenance_id = case.maintenance_ids[:1]

    # === Making it === #
    def _prepare_maintenance(self):
        """Make the maintenance request of each open case that has none yet.

        Called by the Automation Rule “Store exceptions: ask for maintenance”.
        """
        for case in self.sudo():
            wanted = case.is_open and case.type_id.makes_maintenance
            if wanted and not case.maintenance_ids:
                request = self.env["maintenance.request"].sudo()
                made = request.create(case._maintenance_values())
                case.message_post(
                    body=self.env._(
                        "%(repair)s is asked for. Technician: %(technician)s. "
                        "Vendor: %(vendor)s.",
                        repair=made.display_name,
                        technician=made.user_id.name or self.env._("nobody yet"),
                        vendor=made.vendor_id.name or self.env._("none"),
                    )
                )

    def action_ask_maintenance(self):
        """Make the maintenance request, where the rule did not."""
        self.check_access("write")
        self._prepare_maintenance()

    def _maintenance_values(self):
        equipment = self.equipment_id
        return {
            "name": f"{self.name} {self.summary}",
            "exception_id": self.id,
            "equipment_id": equipment.id,
            "company_id": self.company_id.id,
            "description": self.reason,
            "maintenance_type": "corrective",
            "priority": "3" if self.severity in ("high", "critical") else "2",
            "owner_user_id": self.create_uid.id,
            **self._maintenance_team_values(),
        }

    def _maintenance_team_values(self):
        """Requests of equipment go to its team; others to the company's first."""
        if self.equipment_id.maintenance_team_id:
            return {}
        teams = self.env["maintenance.team"].sudo()
        domain = [("company_id", "in", [self.company_id.id, False])]
        team = teams.search(domain, limit=1) or teams.create(
            {"name": self.env._("Facilities"), "company_id": self.company_id.id}
        )
        return {"maintenance_team_id": team.id}

    # === The repair follows the case === #
    def write(self, vals):
        result = super().write(vals)
        if "equipment_id" in vals:
            self.sudo()._name_equipment()
        return result

    def _name_equipment(self):
        for case in self.filtered("maintenance_ids"):
            if case.maintenance_ids.equipment_id != case.equipment_id:
                case.maintenance_ids.equipment_id = case.equipment_id

    def _repairs(self, *steps):
        return self.sudo().maintenance_ids.filtered(
            lambda request: request._step() in steps
        )

    def _move_repairs(self, step, *sources):
        """Take repairs to a step from where they stand, where a stage means it."""
        stage = self.env["maintenance.stage"]._of_step(step)
        if stage:
            self._repairs(*sources).stage_id = stage

    def _set_waiting(self, reason):
        waiting = super()._set_waiting(reason)
        if reason == "supplier":
            waiting._move_repairs("supplier", "work")
        return waiting

    def _set_in_progress(self):
        moved = super()._set_in_progress()
        moved._move_repairs("work", "supplier")
        return moved

    def _set_cancelled(self, reason):
        cancelled = super()._set_cancelled(reason)
        open_repairs = cancelled._repairs("reported", "approval", "work", "supplier")
        open_repairs.archive_equipment_request()
        return cancelled

    def _set_reopened(self, reason):
        reopened = super()._set_reopened(reason)
        repairs = reopened._repairs("done", "cancelled")
        repairs.reset_equipment_request()
        repairs.approved_by_id = False
        return reopened

    def _check_can_resolve(self):
        for request in self._repairs("reported", "approval", "work", "supplier"):
            raise UserError(
                self.env._(
                    "%(case)s is being repaired: %(repair)s is %(stage)s. Finish or "
                    "cancel it first.",
                    case=request.exception_id.name,
                    repair=request.display_name,
                    stage=request.stage_id.name,
                )
            )
        return super()._check_can_resolve()

    def action_open_maintenance(self):
        """Open the maintenance request, for who may see it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "maintenance.request",
            "res_id": self.maintenance_id.id,
            "views": [(False, "form")],
        }
