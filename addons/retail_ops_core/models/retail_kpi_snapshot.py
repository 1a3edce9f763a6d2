from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import format_date


class RetailKpiSnapshot(models.Model):
    """One KPI of one store on one day, with what was divided by what."""

    _name = "retail.kpi.snapshot"
    _description = "KPI Figure"
    _inherit = "retail.kpi.figure"
    _log_access = False
    _allow_sudo_commands = False
    _order = "day desc, kpi_id, store_id, id"

    is_outdated = fields.Boolean(
        "Outdated",
        readonly=True,
        help="Facts changed after the days open to corrections: the figure stays as "
        "it was until an administrator takes the correction over.",
    )

    _row_unique = models.UniqueIndex(
        "(kpi_id, day, company_id, COALESCE(store_id, 0), COALESCE(family, ''))",
        "Each KPI of a store has one figure a day.",
    )
    _store_idx = models.Index("(store_id, day)")
    _region_idx = models.Index("(region_id, day)")
    _outdated_idx = models.Index("(kpi_id, day) WHERE is_outdated IS TRUE")

    @api.depends("kpi_id", "store_id", "day")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for snapshot in self:
            place = snapshot.store_id or snapshot.company_id
            day = format_date(self.env, snapshot.day)
            parts = [snapshot.kpi_id.name, place.display_name, day]
            snapshot.display_name = " · ".join(parts)

    def action_open_records(self):
        """Open the records that the figure counts."""
        return self._open_records()

    def action_take_over(self):
        """Let outdated figures follow their facts; the ledger keeps what they were.

        :raise AccessError: to others than administrators
        """
        if not self.env.user.has_group("retail_ops_core.group_admin"):
            raise AccessError(
                self.env._("Only a retail administrator takes corrections over.")
            )
        self.check_access("read")
        outdated = self.sudo().filtered("is_outdated")
        before = [outdated_one._frozen() for outdated_one in outdated]
        for (kpi, day), _rows in outdated.grouped(
            lambda row: (row.kpi_id, row.day)
        ).items():
            kpi._take_over(day, day)
        self.env["retail.audit.entry"]._record(
            outdated,
            "kpi.corrected",
            [
                {"from": old, "to": row._frozen()}
                for row, old in zip(outdated, before, strict=True)
            ],
        )
        return True

    def _frozen(self):
        return {
            "kpi": self.kpi_id.code,
            "day": str(self.day),
            "numerator": self.numerator,
            "denominator": self.denominator,
        }
