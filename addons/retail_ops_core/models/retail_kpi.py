from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, float_compare, float_is_zero

FACTORS = {"percent": 100, "per_thousand": 1000}
EARLIEST_ZONE_HOURS = 14
RECENT_DAYS = 7
DIGITS = 4
VALUE_AREAS = [
    ("cycle", "Faster cycles"),
    ("coordination", "Less manual coordination"),
    ("compliance", "Better compliance"),
    ("auditability", "Auditability"),
    ("consistency", "Consistent execution"),
]
ROI_DOMAINS = [
    ("stockouts", "Stockouts"),
    ("markdown", "Markdown exposure"),
    ("resolution", "Issue resolution"),
    ("close", "Close and settlement"),
    ("corrections", "Manual corrections"),
    ("effort", "Handling effort"),
    ("retention", "Customer retention"),
]


class RetailKpi(models.Model):
    """One figure, defined once: what it divides by what, and by which records.

    The method ``_kpi_<code>(first, last)`` returns its facts, one row a record. Every
    snapshot, list and dashboard adds the same rows up.
    """

    _name = "retail.kpi"
    _description = "KPI"
    _inherit = "retail.audited"
    _order = "sequence, id"
    _unaudited = frozenset({"position", "checked_on", "computed_at"})

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True, readonly=True, help="Names the method that computes it."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(
        default=True, help="Archived KPIs keep their past and are computed no more."
    )
    formula = fields.Text(
        required=True,
        translate=True,
        help="What is divided by what, in words. Figures of several stores or days "
        "are the sum of the one by the sum of the other, never a mean of means.",
    )
    source = fields.Char(
        required=True, translate=True, help="Where its facts come from."
    )
    unit = fields.Selection(
        [
            ("percent", "%"),
            ("hours", "Hours"),
            ("minutes", "Minutes"),
            ("seconds", "Seconds"),
            ("count", "Times"),
            ("per_thousand", "Per 1,000"),
            ("money", "Company currency"),
        ],
        required=True,
        readonly=True,
    )
    direction = fields.Selection(
        [("higher", "Higher is better"), ("lower", "Lower is better")],
        "Better is",
        required=True,
        readonly=True,
    )
    value_area = fields.Selection(
        VALUE_AREAS,
        "Speaks for",
        help="Under which promise of the value case the figure stands when a baseline "
        "is compared with now. Empty: it is compared, and stands for none of them.",
    )
    roi_domain = fields.Selection(
        ROI_DOMAINS,
        "In the ROI sheet under",
        help="Under which process domain the ROI sheet of a baseline shows the figure. "
        "Empty: it is not on the sheet.",
    )
    hour_cost = fields.Float(
        "Cost of an hour",
        company_dependent=True,
        help="What an hour of work costs your company, in its currency, everything "
        "included. The ROI sheet multiplies hours of handling by it. 0: hours are "
        "shown as hours only.",
    )
    grain = fields.Selection(
        [("day", "Store and day"), ("hour", "Store, day and hour")],
        "Kept by",
        default="day",
        required=True,
        help="By the hour: the same facts are told apart by the hour too, for some "
        "days. Only where a fact has a moment of its own, and not a day alone.",
    )
    drill_model = fields.Char(
        "Records",
        required=True,
        readonly=True,
        help="The kind of record that is counted, opened from each figure.",
    )
    owner_id = fields.Many2one(
        "res.users", "Owner", help="Answers for what the figure means and is used for."
    )
    backfill_days = fields.Integer(
        "Days to look back",
        default=90,
        required=True,
        help="The first run computes so many past days, and each day's full run looks "
        "through them again for what came late.",
    )
    correction_days = fields.Integer(
        "Days open to corrections",
        default=35,
        required=True,
        help="Within so many days a late fact or a correction changes the figure. "
        "Older figures stay, and are marked as outdated until somebody takes the "
        "correction over.",
    )
    is_computed = fields.Boolean(
        compute="_compute_is_computed",
        help="Whether an addon that is installed computes it.",
    )
    computed_at = fields.Datetime("Last computed", readonly=True)
    position = fields.Date(
        readonly=True, help="From where a full run that was interrupted goes on."
    )
    checked_on = fields.Date("Last full run", readonly=True)
    snapshot_ids = fields.One2many("retail.kpi.snapshot", "kpi_id")

    _code_unique = models.Constraint(
        "UNIQUE(code)", "Another KPI has this code: each code names one method."
    )
    _days_in_order = models.Constraint(
        "CHECK(correction_days > 0 AND backfill_days >= correction_days)",
        "Look back at least as many days as are open to corrections, and at least one.",
    )

    @api.depends("code")
    def _compute_is_computed(self):
        for kpi in self:
            kpi.is_computed = kpi.code and hasattr(kpi, f"_kpi_{kpi.code}")

    def _factor(self):
        """Return by what the quotient is multiplied to be shown in its unit."""
        return FACTORS.get(self.unit, 1)

    def _verdict(self, difference):
        """Return whether a figure that moved so far is better, worse or the same."""
        if float_is_zero(difference, precision_digits=DIGITS):
            return "same"
        grown = float_compare(difference, 0, precision_digits=DIGITS) > 0
        return "better" if grown == (self.direction == "higher") else "worse"

    # === Facts === #
    def _facts(self, first, last):
        """Return the facts of some days as a query.

        :param first: date, by each store's own clock
        :param last: date, included
        :return: SQL with columns store_id, company_id, family, day, record_id,
            numerator, denominator, and moment where an hour means something: the UTC
            moment of the fact; record_id is NULL in rows of no record
        """
        self.ensure_one()
        return getattr(self, f"_kpi_{self.code}")(first, last)

    @api.model
    def _day(self, moment):
        """Return SQL of the business day of a UTC moment in the row's ``store``.

        As ``storeday.business_day``: it begins at midnight, or at the cut-off when
        that falls after midnight.
        """
        return SQL(
            "((%s) AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(store.tz, 'UTC')"
            " - GREATEST(COALESCE(store.report_cutoff, 0) - 24, 0)"
            " * interval '1 hour')::date",
            moment,
        )

    @api.model
    def _on_days(self, moment, first, last):
        """Return SQL that tells whether a UTC moment falls on some business days."""
        return SQL(
            "%(moment)s >= %(begin)s AND %(moment)s < %(end)s"
            " AND %(day)s BETWEEN %(first)s AND %(last)s",
            moment=moment,
            begin=first - timedelta(days=1),
            end=last + timedelta(days=3),
            day=self._day(moment),
            first=first,
            last=last,
        )

    @api.model
    def _latest_day(self):
        """Return the day it is where the day is furthest."""
        now = fields.Datetime.now()
        return (now + timedelta(hours=EARLIEST_ZONE_HOURS)).date()

    # === Actions === #
    def action_open_snapshots(self):
        """Open the figures of this KPI by store and day."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "retail_ops_core.action_kpi_snapshot"
        )
        return {
            **action,
            "name": self.name,
            "domain": [("kpi_id", "=", self.id)],
            "context": {"search_default_last_days": 1},
        }

    def action_open_records(self):
        """Open the records of the last days that the figure counts."""
        self.ensure_one()
        self.check_access("read")
        last = self._latest_day()
        return self._open_facts(last - timedelta(days=RECENT_DAYS), last)

    def _open_facts(self, first, last, **key):
        ids = self.sudo()._record_ids(first, last, **key)
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": self.drill_model,
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", ids)],
        }

    def _record_ids(self, first, last, **key):
        """Return ids of the records behind the figures of some days.

        :param key: values of store_id, company_id, family and begin_at (the hour) to
            keep to; False for facts without one
        """
        if not self.is_computed:
            raise UserError(
                self.env._(
                    "“%s” is computed by an addon that is not installed: its past "
                    "figures stay, and its records cannot be listed.",
                    self.name,
                )
            )
        same = [
            SQL("%s IS NOT DISTINCT FROM %s", SQL.identifier(name), value or None)
            for name, value in key.items()
        ]
        facts = self._facts(first, last)
        if "begin_at" in key:
            facts = self._with_hours(facts)
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT record_id FROM (%s) AS facts"
                " WHERE record_id IS NOT NULL AND %s",
                facts,
                SQL(" AND ").join(same) if same else SQL("TRUE"),
            )
        )
        return sorted(row[0] for row in rows)
