from odoo import api, fields, models
from odoo.exceptions import ValidationError

HANDLINGS = [
    ("automatic", "Automated within limits"),
    ("approval", "Needs approval"),
    ("manual", "Stays manual"),
]


class RetailRequestKind(models.Model):
    """A line of the policy register: what happens by itself, and what does not."""

    _inherit = "retail.request.kind"

    handling = fields.Selection(
        HANDLINGS,
        compute="_compute_handling",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="Automated within limits: the policy may let it pass by an explicit row. "
        "Needs approval: no version that lets it pass can be published. Stays manual: "
        "people approve it and people carry it out, nothing is done by the system.",
    )
    policy_id = fields.Many2one(
        "retail.approval.policy", string="Policy in force", compute="_compute_register"
    )
    policy_owner_id = fields.Many2one(
        "res.users", string="Business owner", compute="_compute_register"
    )
    technical_owner_id = fields.Many2one(
        "res.users", string="IT owner", compute="_compute_register"
    )
    policy_reference = fields.Char(
        string="Policy reference", compute="_compute_register"
    )
    in_force_from = fields.Datetime(string="In force from", compute="_compute_register")
    passes = fields.Char(
        string="Passes by itself",
        compute="_compute_register",
        help="What explicit rows of the policy let pass without anybody.",
    )
    next_review_date = fields.Date(string="Next review", compute="_compute_register")
    overdue_review_count = fields.Integer(
        string="Reviews overdue",
        compute="_compute_register",
        help="Rows in force whose review date has passed.",
    )

    def _compute_handling(self):
        """Say of kinds that nobody classed what the policies in force make of them."""
        for kind in self:
            passes = kind._rows_that_pass()
            kind.handling = kind.handling or ("automatic" if passes else "approval")

    def _rows_that_pass(self):
        return self.rule_ids.filtered(
            lambda rule: rule.outcome == "none" and rule.state == "published"
        )

    @api.depends("rule_ids.next_review_date")
    @api.depends_context("company")
    def _compute_register(self):
        policies = self.env["retail.approval.policy"]
        company, today = self.env.company, fields.Date.context_today(self)
        in_force = policies._in_force(self, company)
        for kind in self:
            policy = in_force.get((kind, company), policies).sudo(False)
            rows = kind.rule_ids.filtered(lambda row: row.policy_id == policy)  # noqa: B023
            dates = [row.next_review_date for row in rows if row.next_review_date]
            kind.policy_id = policy
            kind.policy_owner_id = policy.owner_id
            kind.technical_owner_id = policy.technical_owner_id
            kind.policy_reference = policy.reference
            kind.in_force_from = policy.in_force_from
            kind.passes = kind._passes_text(rows)
            kind.next_review_date = min(dates, default=False)
            kind.overdue_review_count = sum(date <= today for date in dates)

    def _passes_text(self, rows):
        passing = rows.filtered(lambda row: row.outcome == "none")
        texts = [" · ".join(row._conditions()) for row in passing]
        return "; ".join(texts) or self.env._("nothing")

    # === THE REGISTER HOLDS === #

    @api.constrains("handling")
    def _check_handling(self):
        for kind in self.filtered(lambda each: each.handling != "automatic"):
            row = kind.sudo()._rows_that_pass()[:1]
            if row:
                raise ValidationError(
                    self.env._(
                        "%(policy)s lets “%(line)s” pass: publish a version without "
                        "that row first.",
                        policy=row.policy_id.display_name,
                        line=row.line,
                    )
                )

    @api.constrains("handling", "action_id")
    def _check_manual(self):
        for kind in self.sudo():
            if kind.handling == "manual" and kind.action_id:
                raise ValidationError(
                    self.env._(
                        "“%(kind)s” stays manual: take out the action that would carry "
                        "it out, or say that it needs approval.",
                        kind=kind.name,
                    )
                )

    def _audited_fields(self):
        return super()._audited_fields() | {"handling"}

    def action_open_policy(self):
        """Open the policy in force."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "retail.approval.policy",
            "res_id": self.policy_id.id,
            "views": [(False, "form")],
        }
