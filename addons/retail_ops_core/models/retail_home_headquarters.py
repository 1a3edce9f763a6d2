from datetime import timedelta

from pytz import utc

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from ..tools import figures

HEADQUARTERS = (
    "retail_ops_core.group_operations,retail_ops_core.group_auditor,"
    "retail_ops_core.group_loss_prevention,retail_ops_core.group_finance"
)
TREND_DAYS = 28
SEVERITIES = (("critical", "danger"), ("high", "warning"), ("medium", ""), ("low", ""))


class RetailHome(models.AbstractModel):
    """*Headquarters*: five questions, a panel each, and where the risk is."""

    _inherit = "retail.home"

    @api.model
    def _pages(self, wanted=None):
        pages = super()._pages(wanted)
        if self.env.user.has_groups(HEADQUARTERS):
            pages.append(("headquarters", self.env._("Headquarters")))
        return pages

    @api.model
    def _headquarters_scope(self, _scope_id):
        return False

    @api.model
    def _headquarters_sections(self, _scope):
        return [
            self._panel_happening(),
            self._panel_intervention(),
            self._panel_compliance(),
            self._panel_speed(),
            self._panel_risk(),
            self._region_people([]),
        ]

    # === 1. What is happening === #
    @api.model
    def _panel_happening(self):
        model = "retail.exception"
        return self._section(
            10,
            "happening",
            self.env._("What is happening?"),
            figures=self._figures(
                ("open", self.env._("Open exceptions"), model, figures.OPEN),
                (
                    "storms",
                    self.env._("Storms going on"),
                    "retail.storm",
                    figures.STORMS,
                    "warning",
                ),
            ),
            bars=self._severity_bars(),
            trend=self._trend(),
            empty=self.env._(
                "Nothing is open. Exceptions come from stores' reports, from events of "
                "tills and other systems, and from checklists and daily reports."
            ),
        )

    @api.model
    def _severity_bars(self):
        counts = dict(
            self.env["retail.exception"]._read_group(
                figures.OPEN, ["severity"], ["__count"]
            )
        )
        labels = dict(
            self.env["retail.exception"]
            ._fields["severity"]
            ._description_selection(self.env)
        )
        return [
            self._figure(
                f"severity_{severity}",
                labels[severity],
                "retail.exception",
                [*figures.OPEN, ("severity", "=", severity)],
                tone,
                value=counts.get(severity, 0),
            )
            for severity, tone in SEVERITIES
        ]

    @api.model
    def _trend(self):
        """Return raised and resolved exceptions by day, with the days between."""
        since = fields.Datetime.context_timestamp(self, fields.Datetime.now())
        first = since.date() - timedelta(days=TREND_DAYS - 1)
        days = [first + timedelta(days=offset) for offset in range(TREND_DAYS)]
        return {
            "days": [fields.Date.to_string(day) for day in days],
            "series": [
                self._series("raised", self.env._("Raised"), "opened_at", days),
                self._series("resolved", self.env._("Resolved"), "resolved_at", days),
            ],
        }

    @api.model
    def _series(self, key, label, field, days):
        zone = self.env.tz
        midnight = zone.localize(fields.Datetime.to_datetime(days[0]))
        utc_midnight = midnight.astimezone(utc).replace(tzinfo=None)
        domain = [(field, ">=", self._moment(utc_midnight))]
        rows = self.env["retail.exception"]._read_group(
            domain, [f"{field}:day"], ["__count"]
        )
        counts = {moment.date(): count for moment, count in rows}
        return self._figure(
            key,
            label,
            "retail.exception",
            domain,
            value=sum(counts.values()),
            points=[counts.get(day, 0) for day in days],
        )

    # === 2. What needs intervention === #
    @api.model
    def _panel_intervention(self):
        model = "retail.exception"
        review = [*figures.OPEN, ("review_state", "=", "requested")]
        return self._section(
            20,
            "intervention",
            self.env._("What needs intervention?"),
            figures=self._figures(
                (
                    "escalated",
                    self.env._("Escalated"),
                    model,
                    figures.ESCALATED,
                    "danger",
                ),
                ("overdue", self.env._("Overdue"), model, figures.OVERDUE, "danger"),
                ("critical", self.env._("Critical"), model, figures.CRITICAL, "danger"),
                ("review", self.env._("Headquarters reviews"), model, review),
            ),
            rows=self._exception_rows(
                figures.ESCALATED, "escalation_level desc, effective_due"
            ),
            empty=self.env._(
                "Nothing has been escalated. What a store and its region leave past "
                "the deadline comes here by itself, the highest level first."
            ),
        )

    # === 4. Where compliance is weak === #
    @api.model
    def _panel_compliance(self):
        weak = self._weak_regions() if self._may("retail.checklist.item") else []
        return self._section(
            40,
            "compliance",
            self.env._("Where is compliance weak?"),
            figures=self._adherence(),
            bars=weak,
            bars_title=self.env._("Checklist items on time, weakest regions first"),
            empty=self._no_items_due() if self._may("retail.checklist.item") else "",
        )

    @api.model
    def _no_items_due(self):
        return self.env._(
            "No checklist item was due in the last %s days: the weakest regions stand "
            "here as soon as some are.",
            TREND_DAYS,
        )

    @api.model
    def _since(self):
        return self._moment(fields.Datetime.now() - timedelta(days=TREND_DAYS))

    @api.model
    def _adherence(self):
        shares = [self._deadlines_kept()]
        if self._may("retail.store.report"):
            shares.append(self._reports_on_time())
        if self._may("retail.checklist.item"):
            shares.append(self._items_on_time())
        return shares

    @api.model
    def _deadlines_kept(self):
        """Count what was resolved and what is overdue, so that nothing old hides."""
        resolved = [("resolved_at", ">=", self._since())]
        return self._percent(
            "deadlines_kept",
            self.env._("Cases on time"),
            "retail.exception",
            [resolved, figures.OVERDUE],
            [[*resolved, ("breached_at", "!=", False)], figures.OVERDUE],
            self.env._(
                "%(failed)s of %(all)s exceptions, resolved in 28 days or open and "
                "overdue, missed a deadline. Each counts once; SLA attainment counts "
                "each deadline on its day."
            ),
        )

    @api.model
    def _reports_on_time(self):
        since = fields.Date.subtract(fields.Date.context_today(self), days=TREND_DAYS)
        due = [
            ("is_current", "=", True),
            ("business_date", ">=", fields.Date.to_string(since)),
        ]
        counted = ("filing", "in", ("on_time", "late", "missing"))
        return self._percent(
            "reports_on_time",
            self.env._("Reports on time"),
            "retail.store.report",
            [[*due, counted]],
            [[*due, ("filing", "in", ("late", "missing"))]],
            self.env._(
                "%(failed)s of %(all)s daily reports of 28 days came late or not."
            ),
        )

    @api.model
    def _items_due_domain_all(self):
        now = self._moment(fields.Datetime.now())
        return [
            ("due_at", ">=", self._since()),
            ("due_at", "<=", now),
            ("state", "!=", "not_applicable"),
        ]

    @api.model
    def _items_failed_domain(self):
        failed = ["|", ("was_late", "=", True), ("state", "in", ("open", "failed"))]
        return [*self._items_due_domain_all(), *failed]

    @api.model
    def _items_on_time(self):
        return self._percent(
            "items_on_time",
            self.env._("Checklist items on time"),
            "retail.checklist.item",
            [self._items_due_domain_all()],
            [self._items_failed_domain()],
            self.env._(
                "%(failed)s of %(all)s checklist items due in 28 days, of those that "
                "apply, were late, open or could not be done. Compliance completion "
                "counts late ones as done."
            ),
        )

    @api.model
    def _weak_regions(self):
        Item = self.env["retail.checklist.item"]
        due, failed = self._items_due_domain_all(), self._items_failed_domain()
        totals = Item._read_group(due, ["region_id"], ["__count"])
        failures = dict(Item._read_group(failed, ["region_id"], ["__count"]))
        shares = [
            (100.0 * (total - failures.get(region, 0)) / total, region)
            for region, total in totals
        ]
        shares.sort(key=lambda share: (share[0], share[1].id))
        return [
            self._figure(
                f"region_{region.id}",
                region.display_name,
                Item._name,
                [*failed, ("region_id", "=", region.id)],
                value=failures.get(region, 0),
                percent=share,
                text=self._percent_text(share),
            )
            for share, region in shares[:6]
        ]

    # === 5. How fast things resolve === #
    @api.model
    def _panel_speed(self):
        domain = [("resolved_at", ">=", self._since())]
        by_family = self._hours_to_resolve(domain)
        total, *families = by_family or [(None, 0, 0.0, 0.0)]
        return self._section(
            50,
            "speed",
            self.env._("How fast do exceptions resolve?"),
            figures=self._speed_figures(domain, total),
            bars=self._speed_bars(domain, families),
            bars_title=self.env._("Median hours by family, slowest first"),
            empty=self.env._(
                "Nothing was resolved in the last %s days: the hours from raising to "
                "resolving show here once something was.",
                TREND_DAYS,
            ),
        )

    @api.model
    def _hours_to_resolve(self, domain):
        """Return ``(family, count, median, p90)``: all together first, then slowest.

        Hours run from raising to resolving, by the clock on the wall.
        """
        Exceptions = self.env["retail.exception"]
        query = Exceptions._search(domain)
        columns = [
            Exceptions._field_to_sql(query.table, name, query)
            for name in ("family", "opened_at", "resolved_at")
        ]
        return self.env.execute_query(
            SQL(
                """
                SELECT family, count(*),
                       percentile_cont(0.5) WITHIN GROUP (ORDER BY hours) AS p50,
                       percentile_cont(0.9) WITHIN GROUP (ORDER BY hours)
                  FROM (SELECT resolved.family, EXTRACT(EPOCH FROM
                               resolved.resolved_at - resolved.opened_at)::float / 3600
                          FROM (%s) AS resolved (family, opened_at, resolved_at)
                       ) AS measured (family, hours)
                 GROUP BY GROUPING SETS ((), (family))
                HAVING count(*) > 0
                 ORDER BY GROUPING(family) DESC, p50 DESC
                """,
                query.select(*columns),
            )
        )

    @api.model
    def _speed_figures(self, domain, total):
        _family, count, median, slow = total
        model, text = "retail.exception", self._hours_text
        shown = {"value": count or 0, "hint": self._speed_hint()}
        labels = (
            self.env._("Resolved in %s days", TREND_DAYS),
            self.env._("Median time to resolve"),
            self.env._("Nine in ten within"),
        )
        return [
            self._figure("resolved", labels[0], model, domain, value=count or 0),
            self._figure(
                "median", labels[1], model, domain, **shown, text=text(median)
            ),
            self._figure("slow", labels[2], model, domain, **shown, text=text(slow)),
        ]

    @api.model
    def _speed_hint(self):
        return self.env._(
            "Hours by the clock from raising to resolving, of %s days: the middle one "
            "and the ninth of ten. Issue resolution time is their mean.",
            TREND_DAYS,
        )

    @api.model
    def _hours_text(self, hours):
        if not hours:
            return "–"
        if hours >= 48:
            return self.env._("%s days", formatLang(self.env, hours / 24, digits=1))
        return self.env._("%s h", formatLang(self.env, hours, digits=1))

    @api.model
    def _speed_bars(self, domain, families):
        labels = dict(
            self.env["retail.exception.type"]
            ._fields["family"]
            ._description_selection(self.env)
        )
        slowest = max((median for _f, _n, median, _s in families), default=0) or 1
        return [
            self._figure(
                f"family_{family}",
                labels.get(family, family),
                "retail.exception",
                [*domain, ("family", "=", family)],
                value=count,
                text=self._hours_text(float(median)),
                percent=100.0 * float(median) / float(slowest),
            )
            for family, count, median, _slow in families
        ]
