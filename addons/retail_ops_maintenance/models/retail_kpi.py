from odoo import api, models
from odoo.tools import SQL


class RetailKpi(models.Model):
    """How long stores were without their equipment."""

    _inherit = "retail.kpi"

    @api.model
    def _kpi_equipment_downtime(self, first, last):
        """Opening hours a failure lasted, of those repaired that day."""
        moment = SQL("request.repaired_at")
        return SQL(
            """
            SELECT request.store_id, store.company_id, 'equipment'::varchar AS family,
                   %(day)s AS day, request.id AS record_id,
                   request.downtime_repaired::numeric AS numerator,
                   1::numeric AS denominator
              FROM maintenance_request request
              JOIN retail_store store ON store.id = request.store_id
             WHERE %(on_days)s
            """,
            day=self._day(moment),
            on_days=self._on_days(moment, first, last),
        )
