from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL

SESSION_MINUTES = 15
CLOSING_DAYS = 7
RECONCILED = ("settlement_mismatch", "cash_over_short", "missing_tax_data")


class RetailKpi(models.Model):
    """The facts of core's KPIs; other addons add methods of the same shape."""

    _inherit = "retail.kpi"

    @api.model
    def _facts_of_exceptions(self, moment, numerator, where, first, last, join=None):
        """Return facts of one exception a row, each counted once.

        :param moment: SQL of the UTC moment that places it on a day
        :param numerator: SQL of what it adds
        :param where: SQL condition
        :param join: SQL of further tables
        """
        return SQL(
            """
            SELECT exc.store_id, exc.company_id, exc.family, %(day)s AS day,
                   %(moment)s AS moment, exc.id AS record_id,
                   (%(numerator)s)::numeric AS numerator, 1::numeric AS denominator
              FROM retail_exception exc
              JOIN retail_store store ON store.id = exc.store_id
              %(join)s
             WHERE %(on_days)s AND %(where)s
            """,
            day=self._day(moment),
            moment=moment,
            numerator=numerator,
            join=join or SQL(""),
            on_days=self._on_days(moment, first, last),
            where=where,
        )

    @api.model
    def _kpi_resolution_time(self, first, last):
        """Hours by the clock from opening to resolution, of cases resolved that day."""
        return self._facts_of_exceptions(
            SQL("exc.resolved_at"),
            SQL("EXTRACT(EPOCH FROM exc.resolved_at - exc.opened_at) / 3600"),
            SQL("exc.state IN ('resolved', 'closed')"),
            first,
            last,
        )

    @api.model
    def _kpi_sla_attainment(self, first, last):
        """Deadlines of that day that were kept; one still open and past is missed.

        The rules are those of the SLA audit: what waits has no deadline meanwhile, a
        case that was taken up again has one more, and a cancelled one had none.
        """
        clocks = SQL(
            """
            CROSS JOIN LATERAL (VALUES
                (exc.breached_at, NULL),
                (CASE WHEN exc.breached_at IS NULL OR exc.breached_at < exc.reopened_at
                      THEN exc.resolve_due END, exc.resolved_at)
            ) AS clock (due, done)
            """
        )
        return self._facts_of_exceptions(
            SQL("clock.due"),
            SQL("COALESCE(clock.done <= clock.due, FALSE)::int"),
            SQL(
                "exc.state <> 'cancelled' AND (clock.due <= %s OR clock.done IS NOT"
                " NULL) AND NOT (exc.state = 'waiting' AND clock.due >"
                " exc.waiting_since)",
                fields.Datetime.now(),
            ),
            first,
            last,
            clocks,
        )

    @api.model
    def _kpi_recurrence(self, first, last):
        """Cases opened that day whose like came before within the type's window."""
        return self._facts_of_repeats(SQL("TRUE"), first, last)

    @api.model
    def _kpi_stock_recurrence(self, first, last):
        """The same, of the stock family alone."""
        return self._facts_of_repeats(SQL("exc.family = 'stock'"), first, last)

    @api.model
    def _facts_of_repeats(self, where, first, last):
        return self._facts_of_exceptions(
            SQL("exc.opened_at"),
            SQL("(exc.recurrence_count > 1)::int"),
            SQL("exc.state <> 'cancelled' AND %s", where),
            first,
            last,
        )

    @api.model
    def _kpi_unresolved_cases(self, first, last):
        """Cases that were still open when their seventh day ended, that day."""
        week_over = SQL("exc.opened_at + %s * interval '1 day'", CLOSING_DAYS)
        return self._facts_of_exceptions(
            week_over,
            SQL("(exc.resolved_at IS NULL OR exc.resolved_at > %s)::int", week_over),
            SQL(
                "exc.state <> 'cancelled' AND %s <= %s",
                week_over,
                fields.Datetime.now(),
            ),
            first,
            last,
        )

    @api.model
    def _kpi_compliance_completion(self, first, last):
        """Checklist items due that day that are done; those that apply count."""
        moment = SQL("item.due_at")
        return SQL(
            """
            SELECT item.store_id, item.company_id, NULL::varchar AS family,
                   %(day)s AS day, item.due_at AS moment, item.id AS record_id,
                   (item.state = 'done')::int::numeric AS numerator,
                   1::numeric AS denominator
              FROM retail_checklist_item item
              JOIN retail_store store ON store.id = item.store_id
             WHERE %(on_days)s AND item.state <> 'not_applicable'
               AND (item.due_at <= %(now)s OR item.state <> 'open')
            """,
            day=self._day(moment),
            on_days=self._on_days(moment, first, last),
            now=fields.Datetime.now(),
        )

    @api.model
    def _kpi_consistent_days(self, first, last):
        """Days of a store on which everything that was due that day was done.

        The day counts once, with the first of its items; the others add nothing, and
        are opened with it.
        """
        moment = SQL("item.due_at")
        return SQL(
            """
            WITH due AS (
                SELECT item.id, item.store_id, item.company_id, item.state,
                       %(day)s AS day
                  FROM retail_checklist_item item
                  JOIN retail_store store ON store.id = item.store_id
                 WHERE %(on_days)s AND item.state <> 'not_applicable'
                   AND (item.due_at <= %(now)s OR item.state <> 'open')
            )
            SELECT store_id, company_id, NULL::varchar AS family, day, id AS record_id,
                   (bool_and(state = 'done') OVER whole
                    AND ROW_NUMBER() OVER (whole ORDER BY id) = 1)::int::numeric
                       AS numerator,
                   (ROW_NUMBER() OVER (whole ORDER BY id) = 1)::int::numeric
                       AS denominator
              FROM due
            WINDOW whole AS (PARTITION BY store_id, day)
            """,
            day=self._day(moment),
            on_days=self._on_days(moment, first, last),
            now=fields.Datetime.now(),
        )

    @api.model
    def _kpi_documented_cases(self, first, last):
        """Cases resolved that day that say what caused them."""
        return self._facts_of_exceptions(
            SQL("exc.resolved_at"),
            SQL("(exc.root_cause_id IS NOT NULL)::int"),
            SQL("exc.state IN ('resolved', 'closed')"),
            first,
            last,
        )

    @api.model
    def _kpi_exception_rate(self, first, last):
        """Cases opened that day by the transactions that the store counted on it.

        Days whose transactions nobody counted are left out on both sides: their
        cases would make a rate of nothing.
        """
        return self._facts_by_transactions(SQL("TRUE"), first, last)

    @api.model
    def _kpi_stock_exception_rate(self, first, last):
        """The same, of the stock family alone."""
        return self._facts_by_transactions(SQL("exc.family = 'stock'"), first, last)

    @api.model
    def _kpi_customer_exception_rate(self, first, last):
        """The same, of what reaches customers."""
        return self._facts_by_transactions(SQL("exc.family = 'customer'"), first, last)

    @api.model
    def _kpi_reconciliation_rate(self, first, last):
        """The same, of what finance has to reconcile: cash, settlements, tax data."""
        return self._facts_by_transactions(
            SQL("kind.code = ANY(%s)", list(RECONCILED)), first, last
        )

    @api.model
    def _facts_by_transactions(self, where, first, last):
        moment = SQL("exc.opened_at")
        return SQL(
            """
            WITH counted AS (
                SELECT report.store_id, report.company_id,
                       report.business_date AS day, report.transaction_count
                  FROM retail_store_report report
                 WHERE report.is_current
                   AND report.state IN ('submitted', 'validated')
                   AND report.transaction_count > 0
                   AND report.business_date BETWEEN %(first)s AND %(last)s
            )
            SELECT store_id, company_id, NULL::varchar AS family, day,
                   NULL::int AS record_id, 0::numeric AS numerator,
                   transaction_count::numeric AS denominator
              FROM counted
             UNION ALL
            SELECT exc.store_id, exc.company_id, NULL, counted.day, exc.id, 1, 0
              FROM retail_exception exc
              JOIN retail_store store ON store.id = exc.store_id
              JOIN retail_exception_type kind ON kind.id = exc.type_id
              JOIN counted ON counted.store_id = exc.store_id
                          AND counted.day = %(day)s
             WHERE %(on_days)s AND exc.state <> 'cancelled' AND %(where)s
            """,
            where=where,
            first=first,
            last=last,
            day=self._day(moment),
            on_days=self._on_days(moment, first, last),
        )

    @api.model
    def _kpi_handling_touches(self, first, last):
        """What people did to each case resolved that day, by the ledger."""
        return self._facts_of_handling(SQL("touch.touches"), first, last)

    @api.model
    def _kpi_handling_minutes(self, first, last):
        """Minutes people spent on each case resolved that day, estimated.

        The session method: time between two touches of the same person counts when
        it is at most a quarter of an hour; a touch on its own counts a minute.
        """
        return self._facts_of_handling(SQL("touch.minutes"), first, last)

    @api.model
    def _facts_of_handling(self, numerator, first, last):
        touches = SQL(
            """
            CROSS JOIN LATERAL (
                SELECT COUNT(*) AS touches,
                       COALESCE(SUM(CASE WHEN gap <= %(session)s THEN gap ELSE 1 END),
                                0) AS minutes
                  FROM (SELECT EXTRACT(EPOCH FROM at - LAG(at) OVER (
                                   PARTITION BY user_id ORDER BY at)) / 60 AS gap
                          FROM (SELECT DISTINCT entry.user_id,
                                       date_trunc('minute', entry.recorded_at) AS at
                                  FROM retail_audit_entry entry
                                 WHERE entry.model = 'retail.exception'
                                   AND entry.res_id = exc.id
                                   AND entry.user_id <> %(system)s) AS minute) AS gaps
            ) AS touch
            """,
            session=SESSION_MINUTES,
            system=SUPERUSER_ID,
        )
        return self._facts_of_exceptions(
            SQL("exc.resolved_at"),
            numerator,
            SQL("exc.state IN ('resolved', 'closed')"),
            first,
            last,
            touches,
        )

    @api.model
    def _kpi_hq_answer_time(self, first, last):
        """Hours by the clock in which cases waited for headquarters, as each ended."""
        return self._facts_of_exceptions(
            SQL("pause.ended_at"),
            SQL("pause.wall_hours"),
            SQL("pause.reason = 'headquarters'"),
            first,
            last,
            SQL("JOIN retail_exception_pause pause ON pause.exception_id = exc.id"),
        )
