from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

CHUNK_DAYS = 14
FRESH_DAYS = 3


class RetailKpi(models.Model):
    """The Scheduled Action that turns facts into snapshots."""

    _inherit = "retail.kpi"

    @api.model
    def _cron_snapshot(self):
        """Scheduled Action: bring the snapshots of every KPI up to date.

        Each run computes the last days anew; once a day, and at first, it goes
        through all days back to the horizon, a fortnight at a time. It goes on where
        it was stopped, and repeating it changes nothing that did not change.
        """
        commit_progress = self.env["ir.cron"]._commit_progress
        plan = self._plan()
        commit_progress(remaining=len(plan))
        for kpi, first, last, is_full in plan:
            kpi._snapshot(first, last)
            kpi._note_progress(last, is_full)
            if not commit_progress(1):
                break

    @api.model
    def _plan(self):
        """Return ``(kpi, first, last, whether part of a full run)``: what to compute.

        Fresh days of all KPIs come before anybody's past.
        """
        today = self._latest_day()
        kpis = self.search([("active", "=", True)]).filtered("is_computed")
        fresh = [
            (kpi, today - timedelta(days=FRESH_DAYS), today, False) for kpi in kpis
        ]
        past = [
            (kpi, *chunk, True)
            for kpi in kpis
            if kpi.checked_on != today
            for chunk in kpi._chunks(today)
        ]
        return fresh + past

    @api.model
    def _backfill(self):
        """Compute the whole past of every KPI at once, for data that was loaded."""
        for kpi, first, last, is_full in self._plan():
            kpi._snapshot(first, last)
            kpi._note_progress(last, is_full)

    def _chunks(self, today):
        """Return ``(first, last)`` of each part of the full run that is still to do."""
        day = self.position or today - timedelta(days=self.backfill_days)
        chunks = []
        while day <= today:
            last = min(day + timedelta(days=CHUNK_DAYS - 1), today)
            chunks.append((day, last))
            day = last + timedelta(days=1)
        return chunks

    def _note_progress(self, last, is_full):
        today = self._latest_day()
        values = {"computed_at": fields.Datetime.now()}
        if is_full:
            values["position"] = last + timedelta(days=1) if last < today else False
            values["checked_on"] = today if last >= today else self.checked_on
        self.sudo().write(values)

    # === Days into snapshots === #
    def _snapshot(self, first, last):
        """Compute some days of every store, and their hours, in one statement.

        A figure within the days open to corrections follows its facts and counts its
        revisions; an older one stays, and says that its facts have changed.

        :param first: date
        :param last: date, included
        :return: how many snapshots were made or changed
        """
        self.ensure_one()
        self.env.flush_all()
        settled = self._latest_day() - timedelta(days=self.correction_days)
        [[count]] = self._record(first, last, settled)
        return count

    def _take_over(self, first, last):
        """Let figures of some days follow their facts, however old they are."""
        self.env.flush_all()
        self._record(first, last, first)

    def _record(self, first, last, settled):
        rows = self.env.execute_query(self._recording(first, last, settled))
        self.env["retail.kpi.snapshot"].invalidate_model()
        self.env["retail.kpi.hour"].invalidate_model()
        return rows

    def _recording(self, first, last, settled):
        return SQL(
            """
            WITH facts AS (%(facts)s),
            measured AS MATERIALIZED (%(measured)s),
            put AS (%(put)s),
            moved AS (%(moved)s)
            %(hours)s
            SELECT (SELECT COUNT(*) FROM put) + (SELECT COUNT(*) FROM moved)
            """,
            facts=self._facts(first, last),
            measured=self._measured(first, last, SQL("facts")),
            hours=self._hours_beside(first, last),
            put=self._putting(settled),
            moved=self._moving(first, last, settled),
        )

    def _measured(self, first, last, facts=None):
        """Return SQL of the sums of facts by store, company, family and day.

        :param facts: SQL name of facts that stand in the same statement
        """
        return SQL(
            """
            SELECT store_id, company_id, family, day,
                   ROUND(SUM(numerator), 6)::float8 AS numerator,
                   ROUND(SUM(denominator), 6)::float8 AS denominator,
                   COUNT(record_id) AS record_count
              FROM %(facts)s
             WHERE day BETWEEN %(first)s AND %(last)s
             GROUP BY store_id, company_id, family, day
            """,
            facts=facts or SQL("(%s) AS facts", self._facts(first, last)),
            first=first,
            last=last,
        )

    def _putting(self, settled):
        """Insert what is measured; change what was measured otherwise."""
        return SQL(
            """
            INSERT INTO retail_kpi_snapshot AS old
                (kpi_id, store_id, region_id, company_id, family, day, numerator,
                 denominator, record_count, factor, value, computed_at, revision,
                 is_outdated)
            SELECT %(kpi)s, measured.store_id, store.region_id, measured.company_id,
                   measured.family, measured.day, measured.numerator,
                   measured.denominator, measured.record_count, %(factor)s,
                   %(factor)s * measured.numerator / NULLIF(measured.denominator, 0),
                   %(now)s, 1, FALSE
              FROM measured LEFT JOIN retail_store store
                ON store.id = measured.store_id
                ON CONFLICT (kpi_id, day, company_id, COALESCE(store_id, 0),
                             COALESCE(family, ''))
                DO UPDATE SET (numerator, denominator, record_count, value,
                               computed_at, revision, is_outdated)
                    = (EXCLUDED.numerator, EXCLUDED.denominator,
                       EXCLUDED.record_count, EXCLUDED.value, EXCLUDED.computed_at,
                       old.revision + 1, FALSE)
             WHERE old.day >= %(settled)s
               AND ((old.numerator, old.denominator, old.record_count)
                    IS DISTINCT FROM (EXCLUDED.numerator, EXCLUDED.denominator,
                                      EXCLUDED.record_count) OR old.is_outdated)
            RETURNING id
            """,
            kpi=self.id,
            factor=self._factor(),
            now=fields.Datetime.now(),
            settled=settled,
        )

    def _moving(self, first, last, settled):
        """Empty what has no facts any more, and mark older figures that differ."""
        return SQL(
            """
            UPDATE retail_kpi_snapshot AS snapshot
               SET is_outdated = old.day < %(settled)s AND differing.differs,
                   numerator = CASE WHEN differing.is_gone THEN 0
                                    ELSE old.numerator END,
                   denominator = CASE WHEN differing.is_gone THEN 0
                                      ELSE old.denominator END,
                   record_count = CASE WHEN differing.is_gone THEN 0
                                       ELSE old.record_count END,
                   value = CASE WHEN differing.is_gone THEN NULL ELSE old.value END,
                   revision = old.revision + differing.is_gone::int
              FROM retail_kpi_snapshot AS old
              LEFT JOIN measured
                ON measured.day = old.day AND measured.company_id = old.company_id
               AND COALESCE(measured.store_id, 0) = COALESCE(old.store_id, 0)
               AND COALESCE(measured.family, '') = COALESCE(old.family, '')
             CROSS JOIN LATERAL (SELECT
                   measured.day IS NULL AND old.day >= %(settled)s
                       AND old.record_count + old.denominator > 0 AS is_gone,
                   (old.numerator, old.denominator, old.record_count)
                       IS DISTINCT FROM (COALESCE(measured.numerator, 0),
                                         COALESCE(measured.denominator, 0),
                                         COALESCE(measured.record_count, 0))
                       AS differs) AS differing
             WHERE snapshot.id = old.id AND old.kpi_id = %(kpi)s
               AND old.day BETWEEN %(first)s AND %(last)s
               AND (differing.is_gone
                    OR old.day < %(settled)s
                       AND differing.differs IS DISTINCT FROM old.is_outdated)
            RETURNING snapshot.id
            """,
            settled=settled,
            kpi=self.id,
            first=first,
            last=last,
        )
