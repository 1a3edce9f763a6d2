from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from .retail_outlier_run import UNUSUAL_PATTERN, WEEK

LEAST_SHARE = 0.001


class RetailOutlierFlag(models.Model):
    """A store that stands out in a week more than chance explains."""

    _name = "retail.outlier.flag"
    _description = "Outlier"
    _order = "run_id desc, rank, id"
    _allow_sudo_commands = False

    run_id = fields.Many2one(
        "retail.outlier.run", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="run_id.company_id", store=True)
    week_start = fields.Date(related="run_id.week_start", store=True)
    store_id = fields.Many2one(
        "retail.store", required=True, readonly=True, ondelete="cascade"
    )
    type_id = fields.Many2one(
        "retail.exception.type", required=True, readonly=True, ondelete="restrict"
    )
    family = fields.Selection(related="type_id.family", store=True)
    measure = fields.Selection(
        [("number", "Number of cases"), ("money", "Money for each case")],
        required=True,
        readonly=True,
    )
    observed = fields.Float(readonly=True)
    expected = fields.Float(
        readonly=True, help="What the store would have if it were like its peers."
    )
    peer_count = fields.Integer("Peers", readonly=True)
    peer_total = fields.Integer("Cases of peers", readonly=True)
    shrunk = fields.Float(
        "Drawn to peers",
        readonly=True,
        help="The number once chance is taken out: the thinner a store, the nearer to "
        "its peers.",
    )
    score = fields.Float(
        readonly=True, help="Modified z-score of the logarithm; 3.5 is unusual."
    )
    chance = fields.Float(
        digits=(16, 13),
        readonly=True,
        help="Chance of so much or more if the store were like its peers.",
    )
    adjusted = fields.Float(
        "False alarms so strong",
        digits=(16, 6),
        readonly=True,
        help="Of all flags at least as strong, about this share is chance alone.",
    )
    rank = fields.Integer(readonly=True, help="1 is the strongest of the week.")
    state = fields.Selection(
        [
            ("open", "To look at"),
            ("case", "Became a case"),
            ("dismissed", "Dismissed"),
            ("cut", "Cut by the budget"),
        ],
        default="open",
        required=True,
        readonly=True,
        index=True,
    )
    analyst_id = fields.Many2one("res.users", readonly=True, index="btree_not_null")
    reason = fields.Text("Why dismissed", readonly=True)
    decided_by_id = fields.Many2one("res.users", "Decided by", readonly=True)
    exception_id = fields.Many2one("retail.exception", "Case", readonly=True)
    arithmetic = fields.Text("Why it stands out", compute="_compute_arithmetic")

    _once = models.Constraint(
        "UNIQUE(run_id, store_id, type_id, measure)", "A store stands out once."
    )

    @api.depends("store_id", "type_id", "week_start")
    def _compute_display_name(self):
        for flag in self:
            parts = [flag.store_id.display_name, flag.type_id.name]
            flag.display_name = ": ".join(filter(None, parts))

    # === The arithmetic, in words === #
    @api.depends("chance", "rank")
    @api.depends_context("lang")
    def _compute_arithmetic(self):
        for flag in self:
            what = (
                flag._number_text() if flag.measure == "number" else flag._money_text()
            )
            flag.arithmetic = "\n".join([what, *flag._common_lines()])

    def _number_text(self):
        return self.env._(
            "%(observed)d cases in the week; %(expected)s would be expected from "
            "%(total)s cases of %(peers)s peers, for the same opening days and "
            "transactions. With chance taken out it is %(shrunk)s.",
            observed=self.observed,
            expected=formatLang(self.env, self.expected, digits=2),
            total=self.peer_total,
            peers=self.peer_count,
            shrunk=formatLang(self.env, self.shrunk, digits=1),
        )

    def _money_text(self):
        currency = self.company_id.currency_id
        return self.env._(
            "%(observed)s for each case in the week; the median of %(peers)s peers "
            "that had any is %(expected)s. Score %(score)s; from 3.5 on it is called "
            "unusual.",
            observed=formatLang(self.env, self.observed, currency_obj=currency),
            expected=formatLang(self.env, self.expected, currency_obj=currency),
            peers=self.peer_count,
            score=formatLang(self.env, self.score, digits=1),
        )

    def _common_lines(self):
        run = self.run_id.sudo()
        return [
            self.env._(
                "Chance of so much or more if the store were like its peers: %s.",
                self._chance_text(),
            ),
            self.env._(
                "%(tested)s were tested. Of all flags at least as strong, %(share)s "
                "are chance alone.",
                tested=run.tested_count,
                share=self._share_text(),
            ),
            self._budget_text(run),
        ]

    def _share_text(self):
        if self.adjusted < LEAST_SHARE:
            return self.env._("fewer than 1 in 1,000")
        share = formatLang(self.env, 100 * self.adjusted, digits=1)
        return self.env._("about %s %%", share)

    def _chance_text(self):
        if self.chance <= 0:
            return self.env._("less than 1 in 10,000,000,000,000")
        return self.env._("1 in %s", formatLang(self.env, 1 / self.chance, digits=0))

    def _budget_text(self, run):
        if self.state == "cut":
            return self.env._(
                "Rank %(rank)s: the budget of %(budget)s flags ends before it.",
                rank=self.rank,
                budget=run.budget,
            )
        return self.env._(
            "Rank %(rank)s, within the budget of %(budget)s flags.",
            rank=self.rank,
            budget=run.budget,
        )

    # === What an analyst does === #
    def action_open_cases(self):
        """Open the cases that make the store stand out."""
        self.ensure_one()
        self.check_access("read")
        begin = datetime.combine(self.week_start, time.min)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "retail_ops_core.action_exception_all"
        )
        action["domain"] = [
            ("store_id", "=", self.store_id.id),
            ("type_id", "=", self.type_id.id),
            ("opened_at", ">=", fields.Datetime.to_string(begin)),
            (
                "opened_at",
                "<",
                fields.Datetime.to_string(begin + timedelta(days=WEEK)),
            ),
            ("state", "!=", "cancelled"),
        ]
        return action

    def action_raise_case(self):
        """Make it a case of loss prevention, once.

        :return: action of the case
        """
        self.ensure_one()
        self.check_access("write")
        if self.state == "dismissed":
            raise UserError(
                self.env._("%s was dismissed: look at a later week.", self.display_name)
            )
        if not self.exception_id:
            [case] = self.env["retail.exception"].sudo()._intake([self._case_values()])
            self._decide("case", exception_id=case.id)
        return {
            "type": "ir.actions.act_window",
            "res_model": "retail.exception",
            "res_id": self.exception_id.id,
            "views": [(False, "form")],
        }

    def _case_values(self):
        return {
            "type_id": self.env.ref(UNUSUAL_PATTERN).id,
            "store_id": self.store_id.id,
            "summary": self.env._(
                "Unusual in the week of %(week)s: %(type)s",
                week=format_date(self.env, self.week_start),
                type=self.type_id.name,
            ),
            "reason": self.arithmetic,
            "origin": "automation",
            "intake_key": f"outlier:{self.id}",
        }

    def action_dismiss(self, reason=None):
        """Say why it is nothing; it counts in the precision of the budget.

        :param reason: a text; without it a dialog asks
        """
        self.check_access("write")
        if not (reason or "").strip():
            return self._open_dismiss()
        for flag in self.filtered(lambda each: each.state in ("open", "cut")):
            flag._decide("dismissed", reason=reason.strip())
        return True

    def _open_dismiss(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Dismiss"),
            "res_model": "retail.outlier.dismiss",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_flag_ids": self.ids},
        }

    def _decide(self, state, **values):
        self.sudo().write({"state": state, "decided_by_id": self.env.uid, **values})
        facts = {"to": state, "chance": self.chance, "why": values.get("reason", "")}
        self.env["retail.audit.entry"]._record(self, "outlier.decided", facts)

    def _has_field_access(self, field, operation):
        if operation == "write" and not self.env.su:
            return False
        return super()._has_field_access(field, operation)
