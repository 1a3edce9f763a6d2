from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

CATCH_UP_DAYS = 31
LAST_ZONE_HOURS = 12
FIGURES = (
    "acknowledge_count",
    "acknowledge_in_time",
    "act_count",
    "act_in_time",
    "due_count",
    "in_time_count",
    "late_count",
    "open_count",
    "backlog_count",
    "paused_hours",
)
WORST_STORES = 10


class RetailSlaAudit(models.Model):
    """How far deadlines of one day were kept: recorded once, never changed."""

    _name = "retail.sla.audit"
    _description = "SLA Audit"
    _inherit = "retail.sla.figures"
    _log_access = False
    _allow_sudo_commands = False
    _order = "date desc, company_id"

    audited_at = fields.Datetime(required=True, readonly=True)
    line_ids = fields.One2many("retail.sla.audit.line", "audit_id", readonly=True)

    _company_date_unique = models.UniqueIndex(
        "(company_id, date)", "This day is audited already: open its record."
    )

    def init(self):
        self.env["retail.audit.entry"]._refuse_changes(self._table)

    @api.depends("date", "company_id")
    def _compute_display_name(self):
        for audit in self:
            audit.display_name = self.env._(
                "SLA audit %(date)s · %(company)s",
                date=audit.date,
                company=audit.company_id.name,
            )

    # === Recording === #
    @api.model
    def _cron_audit(self):
        """Scheduled Action: record each day once it has ended in every zone.

        Days that are missing, after a stop of any kind, are made up for; a day that
        is recorded is not recorded again.
        """
        missing = self._missing_days()
        self.env["ir.cron"]._commit_progress(remaining=len(missing))
        for company, day in missing:
            self._audit(company, day)
            if not self.env["ir.cron"]._commit_progress(1):
                break

    @api.model
    def _missing_days(self):
        """Return ``(company, date)`` of what is to be recorded, oldest first."""
        now = fields.Datetime.now()
        last_day = (now - timedelta(hours=LAST_ZONE_HOURS)).date() - timedelta(days=1)
        done = dict(self._read_group([], ["company_id"], ["date:max"]))
        stores = self.env["retail.store"].sudo()._read_group([], ["company_id"])
        missing = []
        for (company,) in stores:
            begin = last_day - timedelta(days=CATCH_UP_DAYS - 1)
            recorded = done.get(company, last_day - timedelta(days=1))
            day = max(begin, recorded + timedelta(days=1))
            while day <= last_day:
                missing.append((company, day))
                day += timedelta(days=1)
        return sorted(missing, key=lambda item: (item[1], item[0].id))

    @api.model
    def _audit(self, company, day):
        """Record one day of one company, in one statement.

        :param company: res.company
        :param day: date, by each store's own clock
        :return: retail.sla.audit: the record, made now or earlier
        """
        domain = [("company_id", "=", company.id), ("date", "=", day)]
        audit = self.search(domain)
        if not audit:
            self.env.flush_all()
            self.env.execute_query(self._recording(company, day))
            audit = self.search(domain)
            self.env["retail.audit.entry"]._record(
                audit, "sla.audited", {name: audit[name] for name in FIGURES}
            )
        return audit

    @api.model
    def _recording(self, company, day):
        names = SQL(", ").join(map(SQL.identifier, FIGURES))
        sums = [SQL("SUM(%(f)s)", f=SQL.identifier(name)) for name in FIGURES]
        return SQL(
            """
            WITH measured AS (%(measured)s),
            header AS (
                INSERT INTO retail_sla_audit
                    (company_id, date, audited_at, %(names)s, %(percent_names)s)
                SELECT %(company)s, %(day)s, %(now)s, %(totals)s, %(percents)s
                  FROM measured
                RETURNING id
            )
            INSERT INTO retail_sla_audit_line
                (audit_id, company_id, date, store_id, region_id, type_id, family,
                 queue_id, severity, %(names)s, %(percent_names)s)
            SELECT header.id, %(company)s, %(day)s, store_id, region_id, type_id,
                   family, queue_id, severity, %(names)s, %(row_percents)s
              FROM measured, header
            RETURNING id
            """,
            measured=self._measuring(company, day),
            names=names,
            percent_names=SQL("acknowledge_percent, act_percent, resolve_percent"),
            company=company.id,
            day=day,
            now=fields.Datetime.now(),
            totals=SQL(", ").join(SQL("COALESCE(%s, 0)", each) for each in sums),
            percents=self._percents("SUM(%s)"),
            row_percents=self._percents("%s"),
        )

    @api.model
    def _percents(self, form):
        pairs = (
            ("acknowledge_in_time", "acknowledge_count"),
            ("act_in_time", "act_count"),
            ("in_time_count", "due_count"),
        )
        return SQL(", ").join(
            SQL(
                f"100.0 * {form} / NULLIF({form}, 0)",
                SQL.identifier(met),
                SQL.identifier(due),
            )
            for met, due in pairs
        )

    @api.model
    def _measuring(self, company, day):
        """Count deadlines of the day by store, type, queue and severity.

        A deadline counts once, on the day it falls on by the store's clock, whether
        it was kept, missed, or is still open; what waits has no deadline meanwhile,
        and what was cancelled never had one. Everything stands as it did when that
        day ended in the store.
        """
        return SQL(
            """
            SELECT store_id, region_id, type_id, family, queue_id, severity,
                   COUNT(*) FILTER (WHERE kind = 'ack') AS acknowledge_count,
                   COUNT(*) FILTER (WHERE kind = 'ack' AND met) AS acknowledge_in_time,
                   COUNT(*) FILTER (WHERE kind = 'act') AS act_count,
                   COUNT(*) FILTER (WHERE kind = 'act' AND met) AS act_in_time,
                   COUNT(*) FILTER (WHERE kind = 'end') AS due_count,
                   COUNT(*) FILTER (WHERE kind = 'end' AND met) AS in_time_count,
                   COUNT(*) FILTER (WHERE kind = 'end' AND NOT met AND over)
                       AS late_count,
                   COUNT(*) FILTER (WHERE kind = 'end' AND NOT over) AS open_count,
                   COUNT(*) FILTER (WHERE kind = 'old') AS backlog_count,
                   COALESCE(SUM(paused_hours) FILTER (WHERE kind = 'end'), 0)
                       AS paused_hours
              FROM (%(clocks)s) AS clocks
             GROUP BY store_id, region_id, type_id, family, queue_id, severity
            """,
            clocks=self._clocks(company, day),
        )

    @api.model
    def _clocks(self, company, day):
        local = "(%s AT TIME ZONE 'UTC' AT TIME ZONE store.tz)::date"
        return SQL(
            f"""
            SELECT exc.store_id, exc.region_id, exc.type_id, exc.family, exc.queue_id,
                   exc.severity, exc.paused_hours,
                   CASE WHEN kind = 'end' AND {local % "due"} < %(day)s
                        THEN 'old' ELSE kind END AS kind,
                   COALESCE(done <= due, FALSE) AS met,
                   COALESCE({local % "ended"} <= %(day)s, FALSE) AS over
              FROM retail_exception exc
              JOIN retail_store store ON store.id = exc.store_id
             CROSS JOIN LATERAL (VALUES
                ('ack', exc.acknowledge_due, exc.acknowledged_at, NULL),
                ('act', exc.act_due, COALESCE(exc.acted_at, exc.resolved_at), NULL),
                ('end', exc.breached_at, NULL,
                 COALESCE(exc.resolved_at, CASE WHEN exc.breached_at < exc.reopened_at
                                                THEN exc.reopened_at END)),
                ('end', CASE WHEN exc.breached_at IS NULL
                               OR exc.breached_at < exc.reopened_at
                             THEN exc.resolve_due END,
                 exc.resolved_at, exc.resolved_at)
             ) AS clock (kind, due, done, ended)
             WHERE exc.company_id = %(company)s
               AND exc.state <> 'cancelled'
               AND NOT (exc.state = 'waiting' AND due > exc.waiting_since)
               AND due < %(day)s::date + 2
               AND (due >= %(day)s::date - 1
                    OR kind = 'end' AND COALESCE(ended >= %(day)s::date - 1, TRUE))
               AND {local % "due"} <= %(day)s
               AND ({local % "due"} = %(day)s
                    OR kind = 'end'
                    AND COALESCE({local % "ended"} > %(day)s, TRUE))
            """,
            company=company.id,
            day=day,
        )

    # === Reading === #
    def action_open_lines(self):
        """Open the figures of the day by store, type and queue."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "retail_ops_core.action_sla_audit_line"
        )
        action["domain"] = [("audit_id", "=", self.id)]
        action["context"] = {}
        return action

    def _by_region(self):
        """Return the lines of each region added up, the weakest first."""
        return self._added_up("region_id")

    def _worst_stores(self):
        """Return the stores that missed most deadlines."""
        missed = [row for row in self._added_up("store_id") if row["missed"]]
        return sorted(missed, key=lambda row: -row["missed"])[:WORST_STORES]

    def _added_up(self, name):
        groups = self.line_ids.sudo()._read_group(
            [("audit_id", "=", self.id)],
            [name],
            ["due_count:sum", "in_time_count:sum", "open_count:sum"]
            + ["backlog_count:sum", "resolve_percent:avg"],
        )
        rows = [
            {
                "name": record.display_name,
                "due": due,
                "in_time": met,
                "missed": due - met,
                "open": still_open,
                "backlog": backlog,
                "percent": percent if due else None,
            }
            for record, due, met, still_open, backlog, percent in groups
        ]
        return sorted(rows, key=lambda row: (row["percent"] is None, row["percent"]))

    def write(self, vals):
        if vals:
            raise AccessError(self._refusal())
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise AccessError(self._refusal())
