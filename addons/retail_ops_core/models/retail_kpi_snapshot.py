from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from .retail_exception_type import FAMILIES


class RetailKpiSnapshot(models.Model):
    """One KPI of one store on one day, with what was divided by what."""

    _name = "retail.kpi.snapshot"
    _description = "KPI Figure"
    _log_access = False
    _allow_sudo_commands = False
    _order = "day desc, kpi_id, store_id, id"
    _rec_name = "kpi_id"

    kpi_id = fields.Many2one(
        "retail.kpi", "KPI", required=True, readonly=True, ondelete="restrict"
    )
    unit = fields.Selection(related="kpi_id.unit")
    formula = fields.Text(related="kpi_id.formula")
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="restrict"
    )
    store_id = fields.Many2one(
        "retail.store",
        readonly=True,
        ondelete="restrict",
        help="Empty for what belongs to the company and to no store.",
    )
    store_format = fields.Selection(related="store_id.format")
    region_id = fields.Many2one(
        "retail.region",
        readonly=True,
        ondelete="restrict",
        help="The store's region when the day was first computed.",
    )
    family = fields.Selection(
        FAMILIES,
        readonly=True,
        help="Family of the exceptions; empty where the KPI is about other records.",
    )
    day = fields.Date(
        required=True, readonly=True, help="Business day by the store's own clock."
    )
    numerator = fields.Float(required=True, readonly=True)
    denominator = fields.Float(required=True, readonly=True)
    record_count = fields.Integer("Records", required=True, readonly=True)
    factor = fields.Integer(required=True, readonly=True, aggregator=None)
    value = fields.Float(
        "Figure",
        readonly=True,
        aggregator="avg",
        help="Numerator by denominator in the KPI's unit. Empty where there is no "
        "denominator. Sums of several rows are divided as sums; different KPIs "
        "together give no figure.",
    )
    computed_at = fields.Datetime(required=True, readonly=True)
    revision = fields.Integer(
        required=True,
        readonly=True,
        aggregator=None,
        help="How often its facts changed the figure; 1: as first computed.",
    )
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
    def _compute_display_name(self):
        for snapshot in self:
            place = snapshot.store_id or snapshot.company_id
            parts = [snapshot.kpi_id.name, place.display_name, str(snapshot.day)]
            snapshot.display_name = " · ".join(parts)

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """Divide sums by sums; figures of different KPIs have no common one."""
        if aggregate_spec != "value:avg":
            return super()._read_group_select(aggregate_spec, query)
        kpi, factor, numerator, denominator = (
            self._field_to_sql(self._table, name, query)
            for name in ("kpi_id", "factor", "numerator", "denominator")
        )
        return SQL(
            "CASE WHEN MIN(%(kpi)s) = MAX(%(kpi)s) THEN"
            " MAX(%(factor)s) * SUM(%(numerator)s) / NULLIF(SUM(%(denominator)s), 0)"
            " END",
            kpi=kpi,
            factor=factor,
            numerator=numerator,
            denominator=denominator,
        )

    def action_open_records(self):
        """Open the records that the figure counts."""
        self.ensure_one()
        self.check_access("read")
        return self.kpi_id._open_facts(
            self.day,
            self.day,
            store_id=self.store_id.id,
            company_id=self.company_id.id,
            family=self.family,
        )

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
