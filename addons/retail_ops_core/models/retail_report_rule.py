from odoo import api, fields, models
from odoo.tools import float_compare
from odoo.tools.misc import formatLang

KINDS = [
    ("over_short", "Over or short beyond tolerance"),
    ("missing_deposit", "Cash without a deposit"),
    ("negative_cash", "Negative cash"),
    ("missing_slip", "Deposit without a slip"),
    ("staffing", "People absent"),
    ("compliance", "Compliance items not ticked"),
    ("missing_report", "No report by the cut-off"),
]
LOGGED_FIELDS = (
    "active",
    "exception_type_id",
    "measure",
    "tolerance_amount",
    "tolerance_percent",
    "tender_kind_ids",
    "reminder_hours",
)


class RetailReportRule(models.Model):
    _name = "retail.report.rule"
    _description = "Daily Report Rule"
    _inherit = ["mail.thread"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        help="Names the rule in the key of the exception it raises, so that a report "
        "raises one exception for each rule.",
    )
    kind = fields.Selection(
        KINDS,
        string="Looks at",
        required=True,
        default="over_short",
        help="The part of a daily report that the rule holds against its limit.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company", help="Leave empty for a rule that holds in every company."
    )
    exception_type_id = fields.Many2one(
        "retail.exception.type",
        required=True,
        ondelete="restrict",
        tracking=True,
        help="The exception that a report failing this rule raises.",
    )
    measure = fields.Selection(
        [
            ("amount", "The amount"),
            ("percent", "The percentage of what was expected"),
            ("either", "Either of the two"),
            ("both", "Both together"),
        ],
        string="Fails when beyond",
        required=True,
        default="amount",
        tracking=True,
        help="Which tolerance a tender has to exceed to fail the rule.",
    )
    tolerance_amount = fields.Float(
        tracking=True,
        help="In the currency of the store's company. Over or short: the difference "
        "tolerated for each tender. Deposits and slips: the amount up to which none is "
        "asked for. 0 tolerates nothing.",
    )
    tolerance_percent = fields.Float(
        "Tolerance %",
        tracking=True,
        help="Over or short: percent of what was expected. People absent: percent of "
        "those planned. 0 tolerates nothing.",
    )
    tender_kind_ids = fields.Many2many(
        "retail.tender.kind",
        relation="retail_report_rule_tender_rel",
        string="Tenders",
        help="Leave empty to look at every tender.",
    )
    reminder_hours = fields.Float(
        default=2.0,
        tracking=True,
        help="Hours before the cut-off at which a store that has not filed is "
        "reminded. 0 reminds nobody.",
    )

    _code_unique = models.Constraint(
        "UNIQUE(code)", "Another report rule has this code: choose a code of its own."
    )
    _tolerances_not_negative = models.Constraint(
        "CHECK(tolerance_amount >= 0 AND tolerance_percent >= 0"
        " AND reminder_hours >= 0)",
        "Tolerances and reminder hours cannot be below zero.",
    )

    def write(self, vals):
        watched = [name for name in LOGGED_FIELDS if name in vals]
        before = [rule._logged_values(watched) for rule in self]
        result = super().write(vals)
        if watched:
            self.env["retail.audit.entry"]._record(
                self,
                "report_rule.changed",
                [
                    {"rule": rule.code, "from": old, "to": rule._logged_values(watched)}
                    for rule, old in zip(self, before, strict=True)
                ],
            )
        return result

    def _logged_values(self, names):
        return {
            name: self[name].ids if self._fields[name].relational else self[name]
            for name in names
        }

    @api.model
    def _in_force(self, company, kinds):
        """Return the active rules of ``kinds`` that hold in ``company``.

        :param company: res.company
        :param kinds: iterable of codes of :data:`KINDS`
        :return: retail.report.rule as superuser
        """
        return self.sudo().search(
            [("kind", "in", list(kinds)), ("company_id", "in", [False, company.id])]
        )

    # === Evaluation === #
    def _evaluate(self, report):
        """Hold one report against the rule.

        :param report: retail.store.report
        :return: dict with ``passed`` (bool), ``amount`` (at stake, in the report's
            currency, >= 0) and ``note`` (the arithmetic, a text)
        """
        self.ensure_one()
        return getattr(self, f"_evaluate_{self.kind}")(report)

    def _evaluate_over_short(self, report):
        lines = report.tender_ids.filtered(
            lambda line: not self.tender_kind_ids
            or line.kind_id in self.tender_kind_ids
        )
        beyond = lines.filtered(self._is_beyond_tolerance)
        largest = lines.sorted(lambda line: -abs(line.over_short))[:1]
        notes = [self._over_short_note(line) for line in beyond or largest]
        return {
            "passed": not beyond,
            "amount": sum(abs(line.over_short) for line in beyond),
            "note": "\n".join(notes) or self.env._("No tender to look at."),
        }

    def _is_beyond_tolerance(self, line):
        difference = abs(line.over_short)
        by_amount = (
            line.currency_id.compare_amounts(difference, self.tolerance_amount) > 0
        )
        by_percent = (
            float_compare(
                line.over_short_percent, self.tolerance_percent, precision_digits=4
            )
            > 0
        )
        return {
            "amount": by_amount,
            "percent": by_percent,
            "either": by_amount or by_percent,
            "both": by_amount and by_percent,
        }[self.measure]

    def _over_short_note(self, line):
        report = line.report_id
        return self.env._(
            "%(tender)s: counted %(counted)s − expected %(expected)s = %(difference)s "
            "(%(percent)s %%), tolerated %(tolerance)s",
            tender=line.kind_id.name,
            counted=report._money(line.counted_amount),
            expected=report._money(line.expected_amount),
            difference=report._money(line.over_short),
            percent=self._percent(line.over_short_percent),
            tolerance=self._tolerance_text(report),
        )

    def _percent(self, value):
        return formatLang(self.env, value, digits=2)

    def _tolerance_text(self, report):
        amount = report._money(self.tolerance_amount)
        percent = f"{self._percent(self.tolerance_percent)} %"
        return {
            "amount": amount,
            "percent": percent,
            "either": self.env._(
                "%(amount)s and %(percent)s", amount=amount, percent=percent
            ),
            "both": self.env._(
                "%(amount)s or %(percent)s", amount=amount, percent=percent
            ),
        }[self.measure]

    def _evaluate_missing_deposit(self, report):
        cash = sum(report._cash_lines().mapped("counted_amount"))
        due = report.currency_id.compare_amounts(cash, self.tolerance_amount) > 0
        passed = not due or not report.currency_id.is_zero(report.deposit_amount)
        return {
            "passed": passed,
            "amount": 0 if passed else cash,
            "note": self.env._(
                "Cash counted %(cash)s, deposited %(deposit)s; a deposit is asked for "
                "above %(tolerance)s",
                cash=report._money(cash),
                deposit=report._money(report.deposit_amount),
                tolerance=report._money(self.tolerance_amount),
            ),
        }

    def _evaluate_negative_cash(self, report):
        negative = report._cash_lines().filtered(
            lambda line: line.counted_amount < 0 or line.expected_amount < 0
        )
        lowest = [
            min(line.counted_amount, line.expected_amount)
            for line in report._cash_lines()
        ]
        return {
            "passed": not negative,
            "amount": abs(min(lowest, default=0)) if negative else 0,
            "note": self.env._(
                "Lowest cash figure %(lowest)s; cash cannot be below %(zero)s",
                lowest=report._money(min(lowest, default=0)),
                zero=report._money(0),
            ),
        }

    def _evaluate_missing_slip(self, report):
        deposit = report.deposit_amount
        asked = report.currency_id.compare_amounts(deposit, self.tolerance_amount) > 0
        passed = not asked or bool(report.slip_sha256)
        return {
            "passed": passed,
            "amount": 0 if passed else deposit,
            "note": self.env._(
                "Deposited %(deposit)s, slip %(slip)s; a slip is asked for above "
                "%(tolerance)s",
                deposit=report._money(deposit),
                slip=self.env._("attached")
                if report.slip_sha256
                else self.env._("not attached"),
                tolerance=report._money(self.tolerance_amount),
            ),
        }

    def _evaluate_staffing(self, report):
        planned, absent = report.staff_planned, report.staff_absent
        percent = 100 * absent / planned if planned else 0.0
        beyond = float_compare(percent, self.tolerance_percent, precision_digits=4) > 0
        return {
            "passed": not beyond,
            "amount": 0,
            "note": self.env._(
                "Planned %(planned)s − present %(present)s = absent %(absent)s "
                "(%(percent)s %%), tolerated %(tolerance)s %%",
                planned=planned,
                present=report.staff_present,
                absent=absent,
                percent=self._percent(percent),
                tolerance=self._percent(self.tolerance_percent),
            ),
        }

    def _evaluate_compliance(self, report):
        missed = report.asked_item_ids - report.done_item_ids
        names = ", ".join(missed.mapped("name"))
        return {
            "passed": not missed,
            "amount": 0,
            "note": self.env._("Not ticked: %s", names)
            if missed
            else self.env._(
                "%s of the items asked for are ticked", len(report.asked_item_ids)
            ),
        }
