from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL


class RetailKpi(models.Model):
    """The same facts by the hour, computed with the day's in one statement."""

    _inherit = "retail.kpi"

    hour_days = fields.Integer(
        "Days kept by the hour",
        default=14,
        required=True,
        help="Hours older than so many days are let go; the days' figures stay.",
    )

    _hour_days_in_order = models.Constraint(
        "CHECK(hour_days > 0 AND (grain = 'day' OR hour_days <= correction_days))",
        "Keep hours for at least one day, and no longer than days are open to "
        "corrections: the hours of a day are what its figure adds up.",
    )

    @api.constrains("grain")
    def _check_grain(self):
        for kpi in self.filtered(lambda each: each.grain == "hour"):
            if kpi.is_computed and not kpi._has_moments():
                raise ValidationError(
                    self.env._(
                        "“%s” counts whole days: its facts have no hour to be told "
                        "apart by. Keep it by store and day.",
                        kpi.name,
                    )
                )

    def _has_moments(self):
        today = self._latest_day()
        facts = self._facts(today, today)
        self.env.cr.execute(SQL("SELECT * FROM (%s) AS facts LIMIT 0", facts))
        return "moment" in [column.name for column in self.env.cr.description]

    def write(self, vals):
        """Have the next run go through all days when more of them get hours."""
        if vals.get("grain") == "hour" or "hour_days" in vals:
            vals = {"checked_on": False, "position": False, **vals}
        return super().write(vals)

    # === Facts into hours === #
    @api.model
    def _with_hours(self, facts):
        """Return facts with begin_at and hour.

        The hour is that of the store's clock, and begin_at the UTC moment when it
        began: where clocks are set back, an hour that comes twice is two moments.

        :param facts: SQL of facts with a moment
        """
        return SQL(
            """
            SELECT facts.*, EXTRACT(HOUR FROM clock.shows)::int AS hour,
                   facts.moment - (clock.shows - date_trunc('hour', clock.shows))
                       AS begin_at
              FROM (%s) AS facts
              LEFT JOIN retail_store store ON store.id = facts.store_id
             CROSS JOIN LATERAL (
                SELECT facts.moment AT TIME ZONE 'UTC'
                       AT TIME ZONE COALESCE(store.tz, 'UTC') AS shows) AS clock
            """,
            facts,
        )

    def _hours_beside(self, first, last):
        """Return the parts of a statement with ``facts`` that keep the hours too.

        Days whose hours are let go already have none any more.
        """
        first = max(first, self._first_day_of_hours())
        if self.grain != "hour" or first > last:
            return SQL("")
        return SQL(
            """,
            hours AS MATERIALIZED (%s),
            hours_put AS (%s),
            hours_gone AS (%s)
            """,
            self._measured_hours(first, last, SQL("SELECT * FROM facts")),
            self._putting_hours(),
            self._removing_hours(first, last),
        )

    def _first_day_of_hours(self):
        return self._latest_day() - timedelta(days=self.hour_days)

    def _measured_hours(self, first, last, facts):
        return SQL(
            """
            SELECT store_id, company_id, family, day, begin_at, hour,
                   ROUND(SUM(numerator), 6)::float8 AS numerator,
                   ROUND(SUM(denominator), 6)::float8 AS denominator,
                   COUNT(record_id) AS record_count
              FROM (%(facts)s) AS timed
             WHERE day BETWEEN %(first)s AND %(last)s
             GROUP BY store_id, company_id, family, day, begin_at, hour
            """,
            facts=self._with_hours(facts),
            first=first,
            last=last,
        )

    def _putting_hours(self):
        """Insert hours, and change those alone that were measured otherwise."""
        return SQL(
            """
            INSERT INTO retail_kpi_hour AS old
                (kpi_id, store_id, region_id, company_id, family, day, begin_at, hour,
                 numerator, denominator, record_count, factor, value, computed_at,
                 revision)
            SELECT %(kpi)s, hours.store_id, store.region_id, hours.company_id,
                   hours.family, hours.day, hours.begin_at, hours.hour,
                   hours.numerator, hours.denominator, hours.record_count, %(factor)s,
                   %(factor)s * hours.numerator / NULLIF(hours.denominator, 0),
                   %(now)s, 1
              FROM hours LEFT JOIN retail_store store ON store.id = hours.store_id
                ON CONFLICT (kpi_id, day, begin_at, company_id, COALESCE(store_id, 0),
                             COALESCE(family, ''))
                DO UPDATE SET (numerator, denominator, record_count, value,
                               computed_at, revision)
                    = (EXCLUDED.numerator, EXCLUDED.denominator,
                       EXCLUDED.record_count, EXCLUDED.value, EXCLUDED.computed_at,
                       old.revision + 1)
             WHERE (old.numerator, old.denominator, old.record_count)
                   IS DISTINCT FROM (EXCLUDED.numerator, EXCLUDED.denominator,
                                     EXCLUDED.record_count)
            """,
            kpi=self.id,
            factor=self._factor(),
            now=fields.Datetime.now(),
        )

    def _removing_hours(self, first, last):
        """Delete hours that have no facts any more: what a correction moved away."""
        return SQL(
            """
            DELETE FROM retail_kpi_hour AS old
             WHERE old.kpi_id = %(kpi)s AND old.day BETWEEN %(first)s AND %(last)s
               AND NOT EXISTS (
                   SELECT FROM hours
                    WHERE hours.day = old.day AND hours.begin_at = old.begin_at
                      AND hours.company_id = old.company_id
                      AND COALESCE(hours.store_id, 0) = COALESCE(old.store_id, 0)
                      AND COALESCE(hours.family, '') = COALESCE(old.family, ''))
            """,
            kpi=self.id,
            first=first,
            last=last,
        )

    # === Reading them === #
    def action_open_hours(self):
        """Open today's figures of this KPI by the hour."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "retail_ops_core.action_kpi_hour"
        )
        return {
            **action,
            "name": self.env._("%s by the hour", self.name),
            "views": [(False, "graph"), (False, "list"), (False, "kanban")],
            "domain": [("kpi_id", "=", self.id)],
            "context": {"search_default_today": 1},
        }
