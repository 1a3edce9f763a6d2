from odoo import api, fields, models
from odoo.tools import SQL

from .retail_exception_type import FAMILIES


class RetailKpiFigure(models.AbstractModel):
    """What was divided by what: a figure that adds up over stores and time."""

    _name = "retail.kpi.figure"
    _description = "KPI Figure, of Whatever Span"
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
        help="The store's region when the figure was first computed.",
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
        "together give no figure, and neither does money in different currencies.",
    )
    computed_at = fields.Datetime(required=True, readonly=True)
    revision = fields.Integer(
        required=True,
        readonly=True,
        aggregator=None,
        help="How often its facts changed the figure; 1: as first computed.",
    )

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """Divide sums by sums, of one KPI and, where it is money, of one currency."""
        if aggregate_spec != "value:avg":
            return super()._read_group_select(aggregate_spec, query)
        kpi, company, factor, numerator, denominator = (
            self._field_to_sql(self._table, name, query)
            for name in ("kpi_id", "company_id", "factor", "numerator", "denominator")
        )
        return SQL(
            "CASE WHEN MIN(%(kpi)s) = MAX(%(kpi)s) AND %(adds_up)s THEN"
            " MAX(%(factor)s) * SUM(%(numerator)s) / NULLIF(SUM(%(denominator)s), 0)"
            " END",
            kpi=kpi,
            adds_up=self._adds_up(kpi, company),
            factor=factor,
            numerator=numerator,
            denominator=denominator,
        )

    @api.model
    def _adds_up(self, kpi, company):
        """Return SQL that tells whether the companies' figures are of one unit.

        Between the first and the last company all have to share the currency: that
        costs nothing, and mixes none.
        """
        unit = self.env["retail.kpi"]._fields["unit"]
        return SQL(
            """(MIN(%(company)s) = MAX(%(company)s)
                OR (SELECT unit FROM retail_kpi WHERE id = MIN(%(kpi)s)) != 'money'
                OR (SELECT COUNT(DISTINCT currency_id) FROM res_company
                     WHERE id BETWEEN MIN(%(company)s) AND MAX(%(company)s)) = 1)""",
            kpi=kpi,
            company=company,
            to_flush=unit,
        )

    def _drill_key(self):
        """Return values of the facts that make this row up, for ``_open_facts``."""
        return {
            "store_id": self.store_id.id,
            "company_id": self.company_id.id,
            "family": self.family,
        }

    def _open_records(self):
        self.ensure_one()
        self.check_access("read")
        return self.kpi_id._open_facts(self.day, self.day, **self._drill_key())
