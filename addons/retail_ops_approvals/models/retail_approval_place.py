from odoo import api, models
from odoo.exceptions import AccessError


class RetailApprovalPlace(models.AbstractModel):
    """A place whose manager decides: nobody puts himself there."""

    _name = "retail.approval.place"
    _description = "Place Whose Manager Decides"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_not_himself(vals)
        places = super().create(vals_list)
        places.filtered("manager_id")._record_manager()
        return places

    def write(self, vals):
        changes = "manager_id" in vals and self.filtered(
            lambda place: place.manager_id.id != vals["manager_id"]
        )
        if changes:
            self._check_not_himself(vals)
        result = super().write(vals)
        if changes:
            changes._record_manager()
        return result

    @api.model
    def _check_not_himself(self, vals):
        is_free = self.env.su or self.env.user.has_group("base.group_system")
        if not is_free and vals.get("manager_id") == self.env.uid:
            raise AccessError(
                self.env._(
                    "The manager decides about approvals: ask another administrator to "
                    "make you the one."
                )
            )

    def _record_manager(self):
        facts = [{"manager_id": place.manager_id.id or None} for place in self.sudo()]
        self.env["retail.audit.entry"]._record(self, "approval.place.changed", facts)
