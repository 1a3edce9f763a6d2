from odoo import api, fields, models
from odoo.tools.misc import formatLang


class RetailExceptionType(models.Model):
    """The control points of a type, in one place."""

    _inherit = "retail.exception.type"

    control_points = fields.Text(
        compute="_compute_control_points",
        help="What stands between such a case and its end: what resolving asks for, "
        "and the rows of the policy in force that decide about it.",
    )

    @api.depends("approval_kind_id", "root_cause_required", "evidence_required")
    @api.depends_context("company")
    def _compute_control_points(self):
        for each in self:
            each.control_points = "\n".join(
                [*each._control_demands(), *each._control_rows()]
            )

    def _control_demands(self):
        demands = [
            self.root_cause_required
            and self.env._("Resolving asks for the root cause."),
            self.evidence_required and self.env._("Resolving asks for evidence."),
            self.review_threshold
            and self.env._(
                "From an impact of %s on headquarters reviews it.",
                self._money_text(self.review_threshold),
            ),
        ]
        return [text for text in demands if text]

    def _money_text(self, amount):
        currency = self.env.company.currency_id
        return formatLang(self.env, amount, currency_obj=currency)

    def _control_rows(self):
        """Return the rows that can decide about such a case, in order."""
        kind = self.approval_kind_id
        if not kind:
            return [self.env._("No approval: whoever works it may resolve it.")]
        policy = kind.policy_id
        if not policy:
            return [
                self.env._("No policy covers it: it goes to %s.", kind.owner_id.name)
            ]
        rows = policy._all_rules().filtered(
            lambda row: row.kind_id == kind
            and (not row.type_ids or self in row.type_ids)
            and row.family in (False, self.family)
        )
        head = self.env._("%(policy)s decides:", policy=policy.display_name)
        return [head, *(f"• {row.line}" for row in rows)]
