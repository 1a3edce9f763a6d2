from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_amount
from odoo.tools.float_utils import float_repr

from odoo.addons.retail_ops_core.models.retail_exception_type import FAMILIES

from ..tools import matrix


class RetailApprovalRule(models.Model):
    """One row of the matrix: when it holds, and who then decides."""

    _name = "retail.approval.rule"
    _description = "Approval Rule"
    _inherit = ["retail.approval.version.part"]
    _order = "policy_id, kind_id, sequence, id"
    _rec_names_search = ["kind_id"]

    policy_id = fields.Many2one(
        "retail.approval.policy", required=True, index=True, ondelete="cascade"
    )
    state = fields.Selection(related="policy_id.state")
    kind_id = fields.Many2one(
        "retail.request.kind",
        string="Kind",
        required=True,
        index=True,
        ondelete="restrict",
        help="What the row decides about; one policy holds all rows of a kind.",
    )
    sequence = fields.Integer(
        default=10,
        help="Rows of a kind are tried in this order; the first that holds decides.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        help="Currency of the two limits. Empty: the currency of the document's "
        "company, so that 50 means 50 dollars here and 50 euros there.",
    )
    amount_min = fields.Float(
        string="From",
        digits=(16, 2),
        help="The row holds from this amount on, the amount itself included.",
    )
    amount_max = fields.Float(
        string="Below",
        digits=(16, 2),
        help="The row holds below this amount, the amount itself excluded. "
        "0: no upper end.",
    )
    variance_min = fields.Float(
        string="Variance from (%)",
        help="The row holds when the variance is at least this percentage of what "
        "was expected. 0: any variance.",
    )
    type_ids = fields.Many2many(
        "retail.exception.type",
        relation="retail_approval_rule_type_rel",
        string="Exception types",
        help="Empty: every type.",
    )
    family = fields.Selection(FAMILIES, help="Empty: every family.")
    store_format = fields.Selection(
        selection=lambda self: (
            self.env["retail.store"]._fields["format"]._description_selection(self.env)
        ),
        help="Empty: every format.",
    )
    region_ids = fields.Many2many(
        "retail.region",
        relation="retail_approval_rule_region_rel",
        string="Regions",
        help="The row holds in these regions and all below them. Empty: everywhere.",
    )
    requester_group_ids = fields.Many2many(
        "res.groups",
        relation="retail_approval_rule_requester_rel",
        string="Asked by",
        help="The row holds when who asks has one of these roles. Empty: everybody.",
    )
    is_emergency = fields.Boolean(
        string="Emergencies only",
        help="The row holds for what was marked as an emergency, such as a shorter "
        "path that is looked at again afterwards.",
    )
    recurrence_min = fields.Integer(
        string="Times from",
        help="The row holds from so many like cases on, this one included. 0: any.",
    )
    store_risk = fields.Selection(
        [("2", "Medium or high"), ("3", "High")],
        help="The row holds in stores whose worst open checklist says so. "
        "Empty: every store.",
    )
    outlier_min = fields.Float(
        string="Unusual from",
        digits=(5, 1),
        help="The row holds when the amount lies so far above those of the last 180 "
        "days of the same kind and store: its distance from their median, measured in "
        "their usual distance from it. 3.5 is customary. With fewer than eight "
        "earlier ones nothing is unusual. 0: any amount.",
    )
    counts_split = fields.Boolean(
        string="Counts what was split",
        help="The row also decides when only the sum of several requests of the same "
        "person, store and partner reaches it.",
    )
    category_ids = fields.Many2many(
        "product.category",
        relation="retail_approval_rule_category_rel",
        string="Product categories",
        help="The row holds for these categories and all below them. Empty: every one.",
    )
    margin_below = fields.Float(
        string="Margin below (%)",
        help="The row holds when less than this margin is left; a margin that nobody "
        "gave counts as less. 0: any margin.",
    )
    is_outside_campaign = fields.Boolean(
        string="Outside campaigns only",
        help="The row holds for what no campaign of the store covers on that day.",
    )
    is_outside_terms = fields.Boolean(
        string="Outside catalogue or budget only",
        help="The row holds for what is not bought at agreed terms: no agreed price "
        "with the vendor, dearer than agreed, or beyond the store's budget.",
    )
    needs_evidence = fields.Boolean(
        string="Evidence demanded",
        help="Approval can be asked for only with a document attached.",
    )
    outcome = fields.Selection(
        [("steps", "Needs approval"), ("none", "No approval needed")],
        required=True,
        default="steps",
        help="A row without approval is an explicit decision of the policy, and "
        "shown as such on every document it lets pass.",
    )
    step_ids = fields.One2many("retail.approval.step", "rule_id", string="Steps")
    line = fields.Char(string="Rule", compute="_compute_line")

    _band_is_open = models.Constraint(
        "CHECK(amount_min >= 0 AND (amount_max = 0 OR amount_max > amount_min))",
        "The upper limit has to be above the lower one; 0 means no upper limit.",
    )
    _variance_not_negative = models.Constraint(
        "CHECK(variance_min >= 0 AND recurrence_min >= 0 AND margin_below >= 0"
        " AND outlier_min >= 0)",
        "A variance, a margin, a score and a number of times are never below 0.",
    )

    @api.constrains("outcome", "step_ids")
    def _check_outcome(self):
        for rule in self:
            if rule.outcome == "none" and rule.step_ids:
                raise ValidationError(
                    self.env._(
                        "“%(line)s” asks nobody, yet it has steps: remove them, or "
                        "let the row need approval.",
                        line=rule.line,
                    )
                )

    @api.depends("line")
    def _compute_display_name(self):
        for rule in self:
            rule.display_name = rule.line

    @api.depends(
        "kind_id.name",
        "currency_id",
        "amount_min",
        "amount_max",
        "variance_min",
        "type_ids.name",
        "family",
        "store_format",
        "region_ids.name",
        "requester_group_ids.name",
        "is_emergency",
        "recurrence_min",
        "store_risk",
        "outlier_min",
        "needs_evidence",
        "counts_split",
        "category_ids.name",
        "margin_below",
        "is_outside_campaign",
        "is_outside_terms",
        "outcome",
        "step_ids.display_name",
        "step_ids.sequence",
    )
    def _compute_line(self):
        for rule in self:
            conditions = " · ".join([rule.kind_id.name or "", *rule._conditions()])
            rule.line = f"{conditions} → {rule._outcome_text()}"

    def _conditions(self):
        texts = [self._band_text()]
        if self.variance_min:
            percent = float_repr(self.variance_min, 2).rstrip("0").rstrip(".")
            texts.append(self.env._("variance ≥ %(percent)s %%", percent=percent))
        texts += self.type_ids.mapped("name")[:3]
        for name in ("family", "store_format"):
            texts.append(self._selection_label(name))
        texts.append(", ".join(self.region_ids.mapped("name")))
        texts += self._offer_texts()
        return [text for text in texts + self._occasion_texts() if text]

    def _offer_texts(self):
        percent = float_repr(self.margin_below, 2).rstrip("0").rstrip(".")
        return [
            ", ".join(self.category_ids.mapped("name")),
            self.margin_below
            and self.env._("margin < %(percent)s %%", percent=percent),
            self.is_outside_campaign and self.env._("outside campaigns"),
            self.is_outside_terms and self.env._("outside catalogue or budget"),
        ]

    def _occasion_texts(self):
        roles = ", ".join(self.sudo().requester_group_ids.mapped("name"))
        return [
            self.is_emergency and self.env._("emergency"),
            roles and self.env._("asked by %s", roles),
            self.recurrence_min and self.env._("%s times or more", self.recurrence_min),
            self.store_risk
            and self.env._("store risk %s", self._selection_label("store_risk")),
            self.outlier_min
            and self.env._("unusual (score ≥ %s)", float_repr(self.outlier_min, 1)),
            self.needs_evidence and self.env._("with evidence"),
            self.counts_split and self.env._("split ones added up"),
        ]

    def _selection_label(self, name):
        labels = dict(self._fields[name]._description_selection(self.env))
        return labels.get(self[name], "")

    def _money(self, amount):
        if self.currency_id:
            return format_amount(self.env, amount, self.currency_id)
        return float_repr(amount, 2)

    def _band_text(self):
        low, high = self._money(self.amount_min), self._money(self.amount_max)
        if self.amount_min and self.amount_max:
            return self.env._("%(low)s to below %(high)s", low=low, high=high)
        if self.amount_max:
            return self.env._("below %(high)s", high=high)
        if self.amount_min:
            return self.env._("%(low)s and more", low=low)
        return self.env._("any amount")

    def _outcome_text(self):
        if self.outcome == "none":
            return self.env._("No approval needed")
        steps = self._asked_steps()
        stages = [
            self.env._(" AND ").join(step._label() for step in together)
            for together in steps.grouped("sequence").values()
        ]
        return self.env._(", THEN ").join(stages) or self.env._("nobody yet")

    def _asked_steps(self):
        """Return the steps that are asked when the row decides, in order."""
        return self.step_ids.sorted(lambda step: (step.sequence, step.id or 0))

    def _copy_with_steps(self, values):
        rule = self.copy(values)
        for step in self.step_ids:
            step.copy({"rule_id": rule.id})
        return rule

    def _policies(self):
        return self.policy_id

    @api.model
    def _policies_of(self, vals_list):
        return self.env["retail.approval.policy"].browse(
            vals["policy_id"] for vals in vals_list if vals.get("policy_id")
        )

    def _compile(self):
        """Return these rules as rows of :mod:`..tools.matrix`, in order."""
        return [rule._compiled_row() for rule in self]

    def _compiled_row(self):
        return matrix.Row(
            id=self.id,
            currency_id=self.currency_id.id or 0,
            amount_min=self.amount_min,
            amount_max=self.amount_max,
            variance_min=self.variance_min,
            type_ids=tuple(self.type_ids.ids),
            family=self.family or "",
            store_format=self.store_format or "",
            region_ids=tuple(self.region_ids.ids),
            **self._compiled_occasion(),
        )

    def _compiled_occasion(self):
        """Return the conditions beyond place and amount."""
        return {
            "group_ids": tuple(self.requester_group_ids.ids),
            "is_emergency": self.is_emergency,
            "recurrence_min": self.recurrence_min,
            "risk_min": int(self.store_risk or 0),
            "outlier_min": self.outlier_min,
            "counts_split": self.counts_split,
            "category_ids": tuple(self.category_ids.ids),
            "margin_below": self.margin_below,
            "is_outside_campaign": self.is_outside_campaign,
            "is_outside_terms": self.is_outside_terms,
        }
