from odoo import api, fields, models
from odoo.tools import format_date, formatLang

RESULTS = {
    "state",
    "run_at",
    "run_by_id",
    "seconds",
    "digest",
    "currency_id",
    "weeks",
    "request_count",
    "incomplete_count",
    "moved_count",
    "looser_count",
    "stricter_count",
    "kind_line_ids",
    "load_line_ids",
    "move_ids",
}


class RetailApprovalBacktest(models.Model):
    """A draft tried on past requests: kept, so that who publishes can point to it."""

    _name = "retail.approval.backtest"
    _description = "Back-test of a Policy"
    _order = "id desc"

    policy_id = fields.Many2one(
        "retail.approval.policy",
        string="Policy version",
        required=True,
        index=True,
        ondelete="cascade",
        help="The version that is tried, usually a draft.",
    )
    policy_state = fields.Selection(
        related="policy_id.state", string="State of the version"
    )
    days = fields.Integer(
        string="Past days",
        default=90,
        help="Requests of how many past days are tried. 0: all there are.",
    )
    domain = fields.Char(
        string="Only requests",
        help="Narrows the requests that are tried. Empty: all of the period.",
    )
    filter_id = fields.Many2one(
        "ir.filters",
        string="Saved set",
        domain=[("model_id", "=", "retail.approval.request")],
        ondelete="restrict",
        help="A favourite search of All requests, such as last December or one region. "
        "Only requests it finds are tried.",
    )
    state = fields.Selection(
        [("new", "Not run yet"), ("done", "Run")],
        default="new",
        required=True,
        readonly=True,
        copy=False,
    )

    # === What came out === #
    run_at = fields.Datetime(string="Run at", readonly=True, copy=False)
    run_by_id = fields.Many2one(
        "res.users", string="Run by", readonly=True, copy=False, ondelete="restrict"
    )
    seconds = fields.Float(string="Took (s)", readonly=True, copy=False)
    digest = fields.Char(readonly=True, copy=False)
    is_stale = fields.Boolean(compute="_compute_is_stale")
    currency_id = fields.Many2one("res.currency", readonly=True, copy=False)
    weeks = fields.Float(readonly=True, copy=False)
    request_count = fields.Integer(string="Requests tried", readonly=True, copy=False)
    incomplete_count = fields.Integer(
        readonly=True,
        copy=False,
        help="Requests of the time before facts were kept: their exception type is "
        "not known, and rows that ask for one do not hold for them.",
    )
    moved_count = fields.Integer(
        string="Would go another way", readonly=True, copy=False
    )
    looser_count = fields.Integer(
        string="Would need nobody any more", readonly=True, copy=False
    )
    stricter_count = fields.Integer(
        string="Would newly need approval", readonly=True, copy=False
    )
    kind_line_ids = fields.One2many(
        "retail.approval.backtest.kind", "backtest_id", readonly=True, copy=False
    )
    load_line_ids = fields.One2many(
        "retail.approval.backtest.load", "backtest_id", readonly=True, copy=False
    )
    move_ids = fields.One2many(
        "retail.approval.backtest.move", "backtest_id", readonly=True, copy=False
    )
    comparison_html = fields.Html(
        string="Side by side", compute="_compute_comparison_html", sanitize=False
    )

    _days_not_negative = models.Constraint(
        "CHECK(days >= 0)", "Choose a number of past days; 0 means all there are."
    )

    @api.depends("policy_id", "run_at")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for backtest in self:
            day = format_date(self.env, backtest.run_at or fields.Datetime.now())
            backtest.display_name = f"{backtest.policy_id.display_name} · {day}"

    def _has_field_access(self, field, operation):
        if operation == "write" and field.name in RESULTS and not self.env.su:
            return False
        return super()._has_field_access(field, operation)

    @api.depends("digest", "policy_id.rule_ids.line", "policy_id.variant_ids.line")
    def _compute_is_stale(self):
        for backtest in self:
            backtest.is_stale = bool(
                backtest.digest
                and backtest.digest != backtest.policy_id._matrix_digest()
            )

    # === ACTIONS === #

    def action_run(self):
        """Try the version on the past; requests are read and never written.

        :raise UserError: when the version has no rows
        """
        self.check_access("write")
        for backtest in self:
            backtest.sudo()._run(self.env.user)
        return True

    def action_publish(self):
        """Put the version that was tried into force."""
        self.ensure_one()
        return self.policy_id.action_publish()

    def action_open_moves(self):
        """Open the requests that would go another way, largest amount first."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Would go another way"),
            "res_model": "retail.approval.backtest.move",
            "views": [(False, "list"), (False, "pivot")],
            "domain": [("backtest_id", "=", self.id)],
        }

    # === SIDE BY SIDE === #

    @api.depends("state", "kind_line_ids")
    def _compute_comparison_html(self):
        for backtest in self:
            backtest.comparison_html = self.env["ir.qweb"]._render(
                "retail_ops_approvals.backtest_comparison",
                {"rows": backtest._comparison_rows(), "days": backtest.days},
            )

    def _comparison_rows(self):
        """Return ``(label, as it went, with this version, difference)``, texts."""
        lines = self.kind_line_ids
        count, money, hours = self._count_text, self._money_text, self._hours_text
        figures = [
            (self.env._("Need nobody, by an explicit row"), "automatic", count),
            (self.env._("Money that passes unseen"), "unseen", money),
            (self.env._("Dead ends: nobody could decide"), "dead_end", count),
            (self.env._("An approver had a hand in the case"), "conflict", count),
        ]
        rows = [
            self._comparison_row(
                label,
                sum(lines.mapped(f"{name}_before")),
                sum(lines.mapped(f"{name}_after")),
                text,
            )
            for label, name, text in figures
        ]
        label = self.env._("Expected hours to a decision")
        means = self._mean_hours("before"), self._mean_hours("after")
        return [*rows, self._comparison_row(label, *means, hours)]

    def _comparison_row(self, label, before, after, text):
        sign = "+" if after > before else ""
        return (label, text(before), text(after), sign + text(after - before))

    def _mean_hours(self, side):
        decided = sum(self.kind_line_ids.mapped(f"decided_{side}"))
        hours = sum(
            line[f"hours_{side}"] * line[f"decided_{side}"]
            for line in self.kind_line_ids
        )
        return hours / decided if decided else 0.0

    def _count_text(self, value):
        return formatLang(self.env, value, digits=0)

    def _hours_text(self, value):
        return formatLang(self.env, value, digits=1)

    def _money_text(self, value):
        return formatLang(self.env, value, currency_obj=self.currency_id)
