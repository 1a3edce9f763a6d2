from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import float_compare

# What a region may set, and the two fields of the row that say how far.
LIMITS = {
    "amount_min": ("amount_min_lowest", "amount_min_highest"),
    "amount_max": ("amount_max_lowest", "amount_max_highest"),
    "variance_min": ("variance_min_lowest", "variance_min_highest"),
}
# What a variant has of its row, and never of its own.
INHERITED = (
    "policy_id",
    "kind_id",
    "sequence",
    "currency_id",
    "type_ids",
    "family",
    "store_format",
    "requester_group_ids",
    "is_emergency",
    "recurrence_min",
    "store_risk",
    "outlier_min",
    "counts_split",
    "category_ids",
    "margin_below",
    "is_outside_campaign",
    "is_outside_terms",
)
DIGITS = 2


class RetailApprovalRule(models.Model):
    """A region's variant of a row: the row allows how far, steps are only added."""

    _inherit = "retail.approval.rule"

    base_id = fields.Many2one(
        "retail.approval.rule",
        string="Variant of",
        index="btree_not_null",
        ondelete="cascade",
        domain="[('policy_id', '=', policy_id), ('base_id', '=', False)]",
        help="The row that this one stands for in its regions. It has the row's "
        "conditions and steps; limits may differ as far as the row allows.",
    )
    variant_ids = fields.One2many(
        "retail.approval.rule", "base_id", string="Region variants", copy=False
    )

    # === How far regions may go === #
    amount_min_lowest = fields.Float(
        string="From, at least",
        digits=(16, 2),
        help="Regions may set their own “From” between these two amounts. Leave both "
        "0 and no region may.",
    )
    amount_min_highest = fields.Float(
        string="From, at most",
        digits=(16, 2),
        help="The highest that a region may set here; see the lowest beside it.",
    )
    amount_max_lowest = fields.Float(
        string="Below, at least",
        digits=(16, 2),
        help="Regions may set their own “Below” between these two amounts. Leave both "
        "0 and no region may.",
    )
    amount_max_highest = fields.Float(
        string="Below, at most",
        digits=(16, 2),
        help="The highest that a region may set here; see the lowest beside it.",
    )
    variance_min_lowest = fields.Float(
        string="Variance, at least (%)",
        help="Regions may set their own variance between these two percentages. "
        "Leave both 0 and no region may.",
    )
    variance_min_highest = fields.Float(
        string="Variance, at most (%)",
        help="The highest that a region may set here; see the lowest beside it.",
    )

    _ranges_are_ranges = models.Constraint(
        "CHECK(amount_min_lowest >= 0 AND amount_max_lowest >= 0"
        " AND variance_min_lowest >= 0"
        " AND amount_min_highest >= amount_min_lowest"
        " AND amount_max_highest >= amount_max_lowest"
        " AND variance_min_highest >= variance_min_lowest)",
        "What regions may set goes from a lower to a higher limit, neither below 0.",
    )

    # === A VARIANT FOLLOWS ITS ROW === #

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._with_inherited(vals) for vals in vals_list])

    @api.model
    def _with_inherited(self, vals):
        """Return the values of a new row; a variant starts as its row stands."""
        if not vals.get("base_id"):
            return vals
        base = self.browse(vals["base_id"])
        start = base._values_of(INHERITED)
        outcome = "steps" if vals.get("step_ids") else base.outcome
        evidence = {"needs_evidence": base.needs_evidence, "outcome": outcome}
        return {**base._values_of(LIMITS), **evidence, **vals, **start}

    def _values_of(self, names):
        values = self.read(names, load=False)[0]
        values.pop("id")
        return values

    def write(self, vals):
        follow = [
            (variant, variant._following(vals))
            for variant in self.variant_ids
            if vals.keys() & {*INHERITED, *LIMITS}
        ]
        result = super().write(vals)
        for variant, names in follow:
            variant.write(variant.base_id._values_of(names))
        if vals.keys() & self._fields_of_variation():
            self.variant_ids._check_variation()
        return result

    def _following(self, vals):
        """Return which of the changed fields a variant has from its row."""
        same = [name for name in LIMITS if self[name] == self.base_id[name]]
        return [name for name in (*INHERITED, *same) if name in vals]

    @api.onchange("base_id")
    def _onchange_base_id(self):
        if self.base_id:
            for name in (*INHERITED, *LIMITS, "outcome", "needs_evidence"):
                self[name] = self.base_id[name]

    # === WHAT A VARIANT MAY DO === #

    @api.model
    def _fields_of_variation(self):
        ranges = {name for names in LIMITS.values() for name in names}
        return {"outcome", "needs_evidence", "region_ids", *LIMITS, *ranges}

    @api.constrains(
        "base_id",
        "region_ids",
        "outcome",
        "needs_evidence",
        *LIMITS,
        *INHERITED,
    )
    def _check_variant(self):
        self.filtered("base_id")._check_variation()

    def _check_variation(self):
        for variant in self:
            variant._check_is_variant()
            variant._check_regions()
            for name in LIMITS:
                variant._check_limit(name)

    def _check_is_variant(self):
        base = self.base_id
        if base.base_id:
            raise ValidationError(
                self.env._("A variant varies a row of the policy, not another variant.")
            )
        changed = [name for name in INHERITED if self[name] != base[name]]
        looser = base.outcome == "steps" and self.outcome == "none"
        if changed or looser or base.needs_evidence > self.needs_evidence:
            raise ValidationError(
                self.env._(
                    "A region changes limits and asks more people, nothing else: "
                    "“%(line)s” differs from its row in more. Change the row, or give "
                    "the region a row of its own.",
                    line=self.line,
                )
            )

    def _check_regions(self):
        if not self.region_ids:
            raise ValidationError(self.env._("Say in which region the variant holds."))
        scope = set(self.base_id.region_ids.ids)
        for region in self.region_ids:
            if scope and not scope & set(region._path_ids()):
                raise ValidationError(
                    self.env._("The row does not hold in %s at all.", region.name)
                )
        others = (self.base_id.variant_ids - self).region_ids & self.region_ids
        if others:
            raise ValidationError(
                self.env._("%s has a variant of this row already.", others[0].name)
            )

    def _check_limit(self, name):
        base = self.base_id
        lowest, highest = (base[bound] for bound in LIMITS[name])
        if float_compare(self[name], base[name], DIGITS) == 0:
            return
        is_open = name == "amount_max" and not self[name]
        if highest and not is_open and lowest <= self[name] <= highest:
            return
        raise ValidationError(
            self.env._(
                "%(region)s sets “%(limit)s” to %(value).2f. The row allows %(range)s: "
                "choose a limit within it, or change the row.",
                region=", ".join(self.region_ids.mapped("name")),
                limit=self._fields[name]._description_string(self.env),
                value=self[name],
                range=base._range_text(name),
            )
        )

    # === WHAT IT STANDS FOR === #

    def _asked_steps(self):
        steps = super()._asked_steps() | self.base_id.step_ids
        return steps.sorted(lambda step: (step.sequence, step.id or 0))

    def _compiled_row(self):
        return super()._compiled_row()._replace(base_id=self.base_id.id or 0)
