from odoo import api, fields, models


class RetailOutlierPlan(models.Model):
    """How many flags a company's analysts can look at in a week."""

    _name = "retail.outlier.plan"
    _description = "Alert Budget"
    _inherit = ["retail.audited"]
    _rec_name = "company_id"
    _order = "company_id"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        help="Its stores are compared with each other, and with no other company's.",
    )
    active = fields.Boolean(
        default=True, help="Archived: nothing is looked for in this company."
    )
    analyst_ids = fields.Many2many(
        "res.users",
        relation="retail_outlier_plan_analyst_rel",
        string="Analysts",
        domain=[("share", "=", False)],
        help="Flags are given to them in turn, the strongest first. Who looks for "
        "several companies has his number once, and they share it. Without any analyst "
        "there is the budget of one, and flags belong to nobody.",
    )
    per_analyst = fields.Integer(
        "Flags per analyst and week",
        default=5,
        required=True,
        help="At most so many become flags, the strongest; the rest is counted.",
    )
    level = fields.Float(
        "False alarms believed",
        default=0.1,
        required=True,
        help="Of the flags raised about this share at most may be chance alone: 0.1 is "
        "one in ten.",
    )
    budget = fields.Integer(compute="_compute_budget")
    decided_count = fields.Integer("Flags decided", compute="_compute_precision")
    case_count = fields.Integer("Became cases", compute="_compute_precision")
    precision = fields.Float(
        "Precision %",
        compute="_compute_precision",
        help="Of the flags decided, the share that became cases. Low: ask for less, "
        "or raise what is believed.",
    )

    _company_unique = models.Constraint(
        "UNIQUE(company_id)", "This company has an alert budget already: change that."
    )
    _sensible = models.Constraint(
        "CHECK(per_analyst > 0 AND level > 0 AND level < 1)",
        "A budget is at least one flag, and the share of false alarms lies between 0 "
        "and 1.",
    )

    @api.depends("analyst_ids", "per_analyst")
    def _compute_budget(self):
        for plan in self:
            plan.budget = sum(plan._rooms().values())

    def _rooms(self):
        """Return dict res.users -> how many flags a week this budget may give him.

        Who stands in several budgets has each of them in part, so that all together
        give him no more than one.
        """
        analysts = self.analyst_ids._origin
        plans = self.sudo().search(
            [("analyst_ids", "in", analysts.ids), ("active", "=", True)]
        )
        rooms = {
            analyst: self._share_among(
                plans.filtered(lambda plan, who=analyst: who in plan.analyst_ids)
            )
            for analyst in analysts
        }
        return rooms or {analysts: self.per_analyst}

    def _share_among(self, plans):
        """Return this budget's part of its number; the oldest take what is over."""
        own = self._origin
        sharing = (plans | own).sorted("id")
        part, rest = divmod(self.per_analyst, max(1, len(sharing)))
        return part + (own in sharing[:rest])

    def _turns(self):
        """Return whose each flag of a week is, strongest first: list of res.users."""
        rooms = self._rooms()
        return [
            analyst
            for turn in range(max(rooms.values()))
            for analyst, room in rooms.items()
            if turn < room
        ]

    def _compute_precision(self):
        rows = self.env["retail.outlier.flag"]._read_group(
            [("state", "in", ("case", "dismissed"))],
            ["company_id", "state"],
            ["__count"],
        )
        counts = {(company, state): count for company, state, count in rows}
        for plan in self:
            cases = counts.get((plan.company_id, "case"), 0)
            decided = cases + counts.get((plan.company_id, "dismissed"), 0)
            plan.case_count, plan.decided_count = cases, decided
            plan.precision = 100 * cases / decided if decided else 0.0

    @api.model
    def _of(self, company):
        """Return a company's budget, made on first use; empty when archived."""
        plans = self.sudo().with_context(active_test=False)
        plan = plans.search([("company_id", "=", company.id)])
        if not plan:
            plan = plans.create({"company_id": company.id})
        return plan.filtered("active")
