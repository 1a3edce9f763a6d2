from odoo import api, fields, models


class RetailStore(models.Model):
    """A store's equipment, and how long it was without it."""

    _inherit = "retail.store"

    equipment_ids = fields.One2many("maintenance.equipment", "store_id", "Equipment")
    equipment_count = fields.Integer(compute="_compute_equipment")
    downtime_hours = fields.Float(
        "Downtime in 12 months",
        compute="_compute_equipment",
        help="Opening hours in which equipment of the store was down, over the "
        "failures of the last 12 months.",
    )

    @api.depends("equipment_ids")
    def _compute_equipment(self):
        for store in self:
            equipment = store.sudo().equipment_ids
            store.equipment_count = len(equipment)
            store.downtime_hours = sum(equipment.mapped("retail_downtime_hours"))

    def action_open_equipment(self):
        """Open the equipment of the store."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "retail_ops_maintenance.action_equipment"
        )
        action["domain"] = [("store_id", "=", self.id)]
        action["context"] = {"default_store_id": self.id}
        return action
