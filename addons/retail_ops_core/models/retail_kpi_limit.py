from datetime import timedelta

from odoo import api, fields, models
from odoo.tools.misc import formatLang

LIMIT_ACTIVITY = "retail_ops_core.activity_kpi_limit"


class RetailKpi(models.Model):
    """Alert limits: a figure that is worse for some days is put before its owner."""

    _name = "retail.kpi"
    _inherit = ["retail.kpi", "mail.thread", "mail.activity.mixin"]
    _unaudited = frozenset(
        {"position", "checked_on", "computed_at", "recent_value", "is_past_limit"}
    )

    has_limit = fields.Boolean(
        "Alert past a limit",
        help="Compare the figure of the last days with the limit after each run.",
    )
    alert_limit = fields.Float(
        help="In the unit of the KPI. Past it is above where lower is better, and "
        "below where higher is better."
    )
    alert_days = fields.Integer(
        "Over days",
        default=7,
        required=True,
        help="Days that are over, all stores together: one bad day is no alert.",
    )
    recent_value = fields.Float(
        "Last days",
        readonly=True,
        copy=False,
        help="The figure over the days of the limit, as of the last run.",
    )
    is_past_limit = fields.Boolean(
        "Past the limit",
        readonly=True,
        copy=False,
        help="The figure was worse than its limit at the last run. Its owner has an "
        "activity until it is back.",
    )

    _alert_days_positive = models.Constraint(
        "CHECK(alert_days > 0)", "Compare at least one day with the limit."
    )

    @api.model
    def _cron_snapshot(self):
        result = super()._cron_snapshot()
        self.search([("has_limit", "=", True)])._check_limits()
        return result

    def _check_limits(self):
        """Tell owners what came to be past its limit, and let go what is back.

        Repeating it tells nobody twice.
        """
        for kpi in self:
            value = kpi._recent_figure()
            was, now = kpi.is_past_limit, kpi._is_worse(value)
            kpi.sudo().write({"recent_value": value or 0.0, "is_past_limit": now})
            if now and not was:
                kpi._tell_owner(value)
            elif was and not now:
                kpi.activity_feedback([LIMIT_ACTIVITY])

    def _recent_figure(self):
        """Return the figure of all stores over the limit's days; None without one."""
        last = fields.Date.today() - timedelta(days=1)
        domain = [
            ("kpi_id", "=", self.id),
            ("day", ">", last - timedelta(days=self.alert_days)),
            ("day", "<=", last),
            ("denominator", ">", 0),
        ]
        snapshots = self.env["retail.kpi.snapshot"].sudo()
        [(value,)] = snapshots._read_group(domain, [], ["value:avg"])
        return value

    def _is_worse(self, value):
        if value is None or value is False:
            return False
        if self.direction == "lower":
            return value > self.alert_limit
        return value < self.alert_limit

    def _tell_owner(self, value):
        owner = self.owner_id or self.env.ref("base.user_admin")
        self.activity_schedule(
            LIMIT_ACTIVITY,
            user_id=owner.id,
            note=self.env._(
                "%(kpi)s was %(value)s over the last %(days)s days; the limit is "
                "%(limit)s. Open Figures to see which stores and days make it up.",
                kpi=self.name,
                value=formatLang(self.env, value, digits=1),
                days=self.alert_days,
                limit=formatLang(self.env, self.alert_limit, digits=1),
            ),
        )

    def _heir_of_activity(self):
        """Return whose activities on this KPI are, when their user leaves."""
        return self.owner_id or self.env.ref("base.user_admin")
