from odoo import api, fields, models
from odoo.tools import SQL, format_datetime

PRUNED_AT_ONCE = 50_000


class RetailKpiHour(models.Model):
    """One KPI of one store in one hour: the day's facts, told apart by the hour.

    A table of its own, kept for some days only: what reads days never meets an hour.
    """

    _name = "retail.kpi.hour"
    _description = "KPI Figure of an Hour"
    _inherit = "retail.kpi.figure"
    _log_access = False
    _allow_sudo_commands = False
    _order = "begin_at desc, kpi_id, store_id, id"

    begin_at = fields.Datetime(
        "Hour from",
        required=True,
        readonly=True,
        help="When the hour began. Where clocks are set back, the hour that comes "
        "twice has two rows.",
    )
    hour = fields.Integer(
        "Hour of the day",
        required=True,
        readonly=True,
        aggregator=None,
        help="0 to 23, by the store's own clock: hours of stores in different time "
        "zones compare by it.",
    )

    _row_unique = models.UniqueIndex(
        "(kpi_id, day, begin_at, company_id, COALESCE(store_id, 0),"
        " COALESCE(family, ''))",
        "Each KPI of a store has one figure an hour.",
    )
    _store_idx = models.Index("(store_id, day)")

    @api.depends("kpi_id", "store_id", "begin_at")
    def _compute_display_name(self):
        for row in self:
            place = row.store_id or row.company_id
            moment = format_datetime(self.env, row.begin_at, dt_format="short")
            parts = [row.kpi_id.name, place.display_name, moment]
            row.display_name = " · ".join(parts)

    def action_open_records(self):
        """Open the records that the figure counts."""
        return self._open_records()

    def _drill_key(self):
        return {**super()._drill_key(), "begin_at": self.begin_at}

    @api.autovacuum
    def _gc_hours(self):
        """Let go of hours past their KPI's days, and of KPIs no longer kept by it.

        :return: (how many were deleted, how many of a full batch may be left)
        """
        today = self.env["retail.kpi"]._latest_day()
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM retail_kpi_hour WHERE id IN (
                    SELECT hour.id FROM retail_kpi_hour hour
                      JOIN retail_kpi kpi ON kpi.id = hour.kpi_id
                     WHERE hour.day < %s::date - kpi.hour_days OR kpi.grain = 'day'
                     LIMIT %s)
                """,
                today,
                PRUNED_AT_ONCE,
            )
        )
        done = self.env.cr.rowcount
        return done, PRUNED_AT_ONCE if done == PRUNED_AT_ONCE else 0
