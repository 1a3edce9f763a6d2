from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools.misc import formatLang

UNITS = {"percent": "%", "hours": "h"}
NO_FIGURE = "–"


class DigestDigest(models.Model):
    """What stores came to, for each recipient what he may read."""

    _inherit = "digest.digest"

    kpi_retail_opened = fields.Boolean(
        "Exceptions Opened", help="Exceptions opened in the period, cancelled ones not."
    )
    kpi_retail_opened_value = fields.Integer(compute="_compute_kpi_retail_opened_value")
    kpi_retail_resolved = fields.Boolean(
        "Exceptions Resolved",
        help="Exceptions resolved in the period and not taken up again.",
    )
    kpi_retail_resolved_value = fields.Integer(
        compute="_compute_kpi_retail_resolved_value"
    )
    kpi_retail_overdue = fields.Boolean(
        "Fallen Due and Still Open",
        help="Open exceptions whose deadline to resolve fell in the period.",
    )
    kpi_retail_overdue_value = fields.Integer(
        compute="_compute_kpi_retail_overdue_value"
    )
    kpi_retail_sla = fields.Boolean(
        "SLA Attainment",
        help="The KPI of that name, over whole business days up to yesterday.",
    )
    kpi_retail_sla_value = fields.Float(compute="_compute_kpi_retail_sla_value")

    # === Counts === #
    def _compute_kpi_retail_opened_value(self):
        self._count_retail(
            "retail.exception",
            "kpi_retail_opened_value",
            "opened_at",
            Domain("state", "!=", "cancelled"),
        )

    def _compute_kpi_retail_resolved_value(self):
        self._count_retail(
            "retail.exception",
            "kpi_retail_resolved_value",
            "resolved_at",
            Domain("state", "in", ("resolved", "closed")),
        )

    def _compute_kpi_retail_overdue_value(self):
        self._count_retail(
            "retail.exception",
            "kpi_retail_overdue_value",
            "resolve_due",
            Domain("is_overdue", "=", True),
        )

    def _count_retail(self, model, field, moment, domain):
        self._check_retail_reader()
        self._calculate_company_based_kpi(model, field, moment, domain)

    def _check_retail_reader(self):
        """Raise AccessError, which leaves the figure out of that user's digest."""
        self.env["retail.kpi.snapshot"].check_access("read")

    # === Figures === #
    def _retail_figures(self):
        """Return dict KPI name -> code of the retail.kpi it tells.

        What divides one thing by another is read from the snapshots, as dashboards
        read it.
        """
        return {"kpi_retail_sla": "sla_attainment"}

    def _compute_kpi_retail_sla_value(self):
        for digest in self:
            digest.kpi_retail_sla_value = digest._retail_figure("kpi_retail_sla")

    def _retail_figure(self, name):
        """Return a KPI over the whole days of the period, None without a denominator.

        :param name: a key of :meth:`_retail_figures`
        """
        first, last = self._retail_days()
        company = self.company_id or self.env.company
        [(value, denominator)] = self.env["retail.kpi.snapshot"]._read_group(
            Domain("kpi_id.code", "=", self._retail_figures()[name])
            & Domain("company_id", "=", company.id)
            & Domain("day", ">=", first)
            & Domain("day", "<=", last),
            [],
            ["value:avg", "denominator:sum"],
        )
        return value if denominator else None

    def _retail_days(self):
        """Return the first and the last business day of the period.

        Today's figures still change and are left out: *last 24 hours* is yesterday.
        """
        now = fields.Datetime.now()
        end = self.env.context.get("end_datetime") or now
        start = self.env.context.get("start_datetime") or end - timedelta(days=1)
        return start.date(), end.date() - timedelta(days=1)

    # === The mail === #
    def _compute_kpis(self, company, user):
        kpis = super()._compute_kpis(company, user)
        figures = self._retail_figures()
        for kpi in kpis:
            if kpi["kpi_name"] in figures:
                self._tell_retail_figure(kpi, company, user)
        return kpis

    def _tell_retail_figure(self, kpi, company, user):
        """Give a figure its unit; where nothing was to be divided, say no 0.00."""
        for number, (_title, (period, _before)) in enumerate(
            self._compute_timeframes(company), start=1
        ):
            digest = self.with_user(user).with_company(company)
            value = digest.with_context(
                start_datetime=period[0], end_datetime=period[1]
            )._retail_figure(kpi["kpi_name"])
            column = kpi[f"kpi_col{number}"]
            column["value"] = self._told_retail_figure(kpi["kpi_name"], value)

    def _told_retail_figure(self, name, value):
        if value is None:
            return NO_FIGURE
        code = self._retail_figures()[name]
        kpis = self.env["retail.kpi"].sudo().with_context(active_test=False)
        kpi = kpis.search([("code", "=", code)])
        return f"{formatLang(self.env, value, digits=1)} {UNITS[kpi.unit]}"

    def _compute_kpis_actions(self, company, user):
        actions = super()._compute_kpis_actions(company, user)
        menu = self.env.ref("retail_ops_core.menu_root").id
        for name, screen in self._retail_screens().items():
            actions[name] = f"{screen}?menu_id={menu}"
        return actions

    def _retail_screens(self):
        """Return dict KPI name -> XML id of the window action it opens."""
        return {
            "kpi_retail_opened": "retail_ops_core.action_exception_all",
            "kpi_retail_resolved": "retail_ops_core.action_exception_all",
            "kpi_retail_overdue": "retail_ops_core.action_exception_open",
            "kpi_retail_sla": "retail_ops_core.action_kpi_snapshot",
        }
