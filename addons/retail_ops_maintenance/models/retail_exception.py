from odoo import api, fields, models
from odoo.exceptions import ValidationError


class RetailException(models.Model):
    """A case about equipment: which one, named by whoever reports it."""

    _inherit = "retail.exception"

    makes_maintenance = fields.Boolean(related="type_id.makes_maintenance")
    equipment_id = fields.Many2one(
        "maintenance.equipment",
        check_company=True,
        index="btree_not_null",
        tracking=True,
        help="What is broken. The same equipment again within the type's window is a "
        "repeat.",
    )

    @api.constrains("equipment_id", "store_id")
    def _check_equipment_of_store(self):
        for case in self:
            home = case.sudo().equipment_id.store_id
            if home and home != case.store_id:
                raise ValidationError(
                    self.env._(
                        "%(equipment)s stands in store %(home)s: choose equipment of "
                        "store %(store)s.",
                        equipment=case.sudo().equipment_id.display_name,
                        home=home.display_name,
                        store=case.store_id.display_name,
                    )
                )

    def _suggested_summary(self):
        if not self.equipment_id:
            return super()._suggested_summary()
        return f"{self.type_id.name}: {self.sudo().equipment_id.display_name}"

    # === Repeats === #
    def _likeness(self):
        return *super()._likeness(), self.equipment_id.id

    def action_open_like(self):
        """Open the cases of the same store, type, product and equipment."""
        action = super().action_open_like()
        if self.equipment_id:
            equipment = ("equipment_id", "=", self.equipment_id.id)
            action["domain"] = [*action["domain"], equipment]
        return action

    # === The report screen === #
    @api.model
    def _reported_fields(self):
        return super()._reported_fields() | {"equipment_id"}

    @api.model
    def get_report_screen(self):
        """Return what the report screen needs, the stores' equipment included.

        :return: as in core, and ``"equipment": [{id, name, store_id}]``
        """
        screen = super().get_report_screen()
        stores = [store["id"] for store in screen["stores"]]
        equipment = self.env["maintenance.equipment"].search(
            [("store_id", "in", stores)], order="name"
        )
        return {**screen, "equipment": [each._screen_choice() for each in equipment]}
