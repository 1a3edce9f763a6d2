import math
from collections import defaultdict
from datetime import datetime, time, timedelta
from itertools import zip_longest

from odoo import api, fields, models
from odoo.tools import format_date

from ..tools import budget, outlier, rates

WEEK = 7
LEAST_PEERS = 3
UNUSUAL_PATTERN = "retail_ops_core.type_unusual_pattern"


class RetailOutlierRun(models.Model):
    """One look at a company's week: what was tested, believed, flagged and cut."""

    _name = "retail.outlier.run"
    _description = "Weekly Look for Outliers"
    _order = "week_start desc, company_id"
    _rec_name = "week_start"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    week_start = fields.Date("Week from", required=True, readonly=True)
    tested_count = fields.Integer(
        "Tested",
        readonly=True,
        help="Stores times types, for numbers and for money. Every one counts as a "
        "chance of a false alarm.",
    )
    believed_count = fields.Integer(
        "Believed", readonly=True, help="Stronger than chance among so many explains."
    )
    budget = fields.Integer(readonly=True)
    flagged_count = fields.Integer("Flags", readonly=True)
    cut_count = fields.Integer(
        "Cut by the budget",
        readonly=True,
        help="Believed, but weaker than what the budget leaves room for.",
    )
    level = fields.Float("False alarms believed", digits=(4, 3), readonly=True)
    flag_ids = fields.One2many("retail.outlier.flag", "run_id", readonly=True)

    _once_a_week = models.Constraint(
        "UNIQUE(company_id, week_start)", "This week has been looked at already."
    )

    @api.depends("week_start", "company_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for run in self:
            week = format_date(self.env, run.week_start)
            run.display_name = f"{run.company_id.name} {week}"

    @api.model
    def _cron_look(self):
        """Scheduled Action: look at the last full week of each company, once."""
        today = fields.Date.today()
        monday = today - timedelta(days=today.weekday() + WEEK)
        companies = self.env["retail.store"].sudo()._read_group([], ["company_id"])
        for [company] in companies:
            plan = self.env["retail.outlier.plan"]._of(company)
            if plan and not self._has_looked(company, monday):
                self._look(plan, monday)

    @api.model
    def _has_looked(self, company, monday):
        domain = [("company_id", "=", company.id), ("week_start", "=", monday)]
        return bool(self.sudo().search_count(domain, limit=1))

    @api.model
    def _look(self, plan, monday):
        """Test every store and type of a week, and flag the strongest.

        :param plan: retail.outlier.plan
        :param monday: first day of the week, a date
        :return: retail.outlier.run
        """
        found = self._findings(plan.company_id, monday)
        chances = [each["chance"] for each in found]
        chosen = budget.choose(chances, plan.budget, plan.level)
        believed = [
            {**values, "adjusted": verdict.adjusted, "rank": verdict.rank}
            | {"state": "open" if verdict.is_flagged else "cut"}
            for values, verdict in zip(found, chosen, strict=True)
            if verdict.is_believed
        ]
        run = self.sudo().create(
            {
                "company_id": plan.company_id.id,
                "week_start": monday,
                "tested_count": len(found),
                "believed_count": len(believed),
                "budget": plan.budget,
                "level": plan.level,
                "flagged_count": sum(each["state"] == "open" for each in believed),
                "cut_count": sum(each["state"] == "cut" for each in believed),
            }
        )
        run._raise_flags(believed, plan._turns())
        return run

    def _raise_flags(self, believed, turns):
        """Strongest first, and to the analysts in turn."""
        ranked = sorted(believed, key=lambda each: each["rank"])
        for values, analyst in zip_longest(ranked, turns[: len(ranked)]):
            if analyst and values["state"] == "open":
                values["analyst_id"] = analyst.id
            values["run_id"] = self.id
            self.env["retail.outlier.flag"].sudo().create(values)

    # === What was found === #
    @api.model
    def _findings(self, company, monday):
        """Return values of a flag for each store and type that was tested."""
        stores = self._stores_compared(company)
        exposures = stores._week_exposures(monday)
        counted = self._counted(stores, monday)
        found = []
        for peers in stores._peer_groups():
            group = [store for store in peers if exposures[store] > 0]
            if len(group) > LEAST_PEERS:
                for kind, cells in counted.items():
                    found += self._numbers(kind, cells, group, exposures)
                    found += self._amounts(kind, cells, group)
        return found

    @api.model
    def _stores_compared(self, company):
        return (
            self.env["retail.store"]
            .sudo()
            .search(
                [
                    ("company_id", "=", company.id),
                    ("state", "in", ("pilot", "live")),
                    ("format", "!=", "office"),
                ]
            )
        )

    @api.model
    def _counted(self, stores, monday):
        """Return dict type -> dict store -> ``(number, money impact)`` of the week."""
        begin = datetime.combine(monday, time.min)
        own = self.env.ref(UNUSUAL_PATTERN)
        rows = (
            self.env["retail.exception"]
            .sudo()
            ._read_group(
                [
                    ("store_id", "in", stores.ids),
                    ("opened_at", ">=", begin),
                    ("opened_at", "<", begin + timedelta(days=WEEK)),
                    ("state", "!=", "cancelled"),
                    ("type_id", "!=", own.id),
                ],
                ["type_id", "store_id"],
                ["__count", "impact_amount:sum"],
            )
        )
        counted = defaultdict(dict)
        for kind, store, count, impact in rows:
            counted[kind][store] = (count, impact or 0.0)
        return counted

    @api.model
    def _numbers(self, kind, cells, group, exposures):
        """Test each store's number of cases against all its peers."""
        rows = [(cells.get(store, (0, 0))[0], exposures[store]) for store in group]
        total, exposure = sum(row[0] for row in rows), sum(row[1] for row in rows)
        drawn = rates.shrunk(rows)
        found = []
        for store, (count, own), rate in zip(group, rows, drawn, strict=True):
            others, rest = total - count, exposure - own
            expected = own * others / rest
            found.append(
                {
                    "store_id": store.id,
                    "type_id": kind.id,
                    "measure": "number",
                    "observed": count,
                    "expected": expected,
                    "peer_count": len(group) - 1,
                    "peer_total": others,
                    "shrunk": rate * own,
                    "chance": rates.exceedance(count, own, others, rest)
                    if count > expected
                    else 1.0,
                }
            )
        return found

    @api.model
    def _amounts(self, kind, cells, group):
        """Test each store's money impact for each case against its peers'.

        By logarithms, since amounts differ by factors. The number of cases is tested
        on its own, so that one trouble does not stand out twice.
        """
        means = {
            store: cells[store][1] / cells[store][0]
            for store in group
            if store in cells and cells[store][1] > 0
        }
        tested = ((store, self._dear(store, means)) for store in means)
        return [
            {"store_id": store.id, "type_id": kind.id, "measure": "money", **facts}
            for store, facts in tested
            if facts
        ]

    @api.model
    def _dear(self, store, means):
        """Return the facts of one store, or None where its peers tell nothing."""
        others = [math.log(mean) for peer, mean in means.items() if peer != store]
        if len(others) < outlier.LEAST or len(set(others)) == 1:
            return None
        compared = outlier.compare(math.log(means[store]), others)
        return {
            "observed": means[store],
            "expected": math.exp(compared.middle),
            "peer_count": compared.count,
            "score": compared.score,
            "chance": rates.beyond(compared.score) if compared.score else 1.0,
        }
