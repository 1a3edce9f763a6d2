from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

PERIOD_MONTHS = 12


class MaintenanceEquipment(models.Model):
    """Equipment of a store: how often it fails, and how long it was down."""

    _inherit = "maintenance.equipment"

    store_id = fields.Many2one(
        "retail.store",
        check_company=True,
        index="btree_not_null",
        tracking=True,
        help="Where it stands. People of the store report it from their phone, its "
        "repairs obey the store's limits, and downtime counts in its opening hours.",
    )
    retail_failure_count = fields.Integer(
        "Failures in 12 months",
        compute="_compute_retail_downtime",
        help="Corrective requests of the last 12 months, cancelled ones left out.",
    )
    retail_downtime_hours = fields.Float(
        "Downtime in 12 months",
        compute="_compute_retail_downtime",
        help="Opening hours of the store in which it was down, from the report to the "
        "repair, over the failures of the last 12 months.",
    )

    @api.depends(
        "maintenance_ids.archive",
        "maintenance_ids.down_since",
        "maintenance_ids.repaired_at",
    )
    def _compute_retail_downtime(self):
        failures = self._recent_failures().grouped("equipment_id")
        for equipment in self:
            mine = failures.get(equipment, self.env["maintenance.request"])
            equipment.retail_failure_count = len(mine)
            equipment.retail_downtime_hours = sum(mine.mapped("downtime_hours"))

    def _recent_failures(self):
        since = fields.Datetime.now() - relativedelta(months=PERIOD_MONTHS)
        requests = self.env["maintenance.request"].sudo()
        return requests.search(
            [
                ("equipment_id", "in", self.ids),
                ("maintenance_type", "=", "corrective"),
                ("archive", "=", False),
                ("down_since", ">=", since),
            ]
        ).with_env(self.env(su=True))

    def _screen_choice(self):
        return {
            "id": self.id,
            "name": self.display_name,
            "store_id": self.store_id.id,
        }
