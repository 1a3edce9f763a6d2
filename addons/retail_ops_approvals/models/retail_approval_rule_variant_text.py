from odoo import api, fields, models
from odoo.tools.float_utils import float_repr

from .retail_approval_rule_variant import LIMITS


class RetailApprovalRule(models.Model):
    """What a region does differently, in words."""

    _inherit = "retail.approval.rule"

    difference = fields.Char(
        compute="_compute_difference",
        help="What the region does differently from the row of the policy.",
    )
    allowed = fields.Char(
        string="Allowed to regions",
        compute="_compute_allowed",
        help="How far a region may go from the limits of the row.",
    )

    @api.depends("base_id.step_ids.display_name", "base_id.step_ids.sequence")
    def _compute_line(self):
        return super()._compute_line()

    @api.depends(*LIMITS, "needs_evidence", "step_ids.display_name", "base_id")
    def _compute_difference(self):
        for rule in self:
            rule.difference = ", ".join(rule._differences()) if rule.base_id else False

    def _differences(self):
        base = self.base_id
        texts = []
        if (self.amount_min, self.amount_max) != (base.amount_min, base.amount_max):
            texts.append(self._instead(self._band_text(), base._band_text()))
        if self.variance_min != base.variance_min:
            found, usual = _percent(self.variance_min), _percent(base.variance_min)
            texts.append(self.env._("variance ") + self._instead(found, usual))
        if self.needs_evidence and not base.needs_evidence:
            texts.append(self.env._("with evidence"))
        if self.step_ids:
            people = ", ".join(step._label() for step in self.step_ids)
            texts.append(self.env._("also asks %s", people))
        return texts

    def _instead(self, found, usual):
        return self.env._("%(found)s instead of %(usual)s", found=found, usual=usual)

    @api.depends("base_id", *(name for names in LIMITS.values() for name in names))
    def _compute_allowed(self):
        for rule in self:
            row = rule.base_id or rule
            ranges = [
                f"{self._fields[name]._description_string(self.env)}: "
                f"{row._range_text(name)}"
                for name, (_lowest, highest) in LIMITS.items()
                if row[highest]
            ]
            rule.allowed = ", ".join(ranges) or self.env._("steps only")

    def _variation(self):
        """Return what a request keeps of the variant that decided, None for no variant.

        :return: dict of ``region`` and ``difference``, texts
        """
        if not self.base_id:
            return None
        names = ", ".join(self.region_ids.mapped("name"))
        return {"region": names, "difference": self.difference}

    def _may_be_varied(self):
        """Tell whether regions may set limits of their own."""
        return any(self[highest] for _lowest, highest in LIMITS.values())

    def _range_text(self, name):
        lowest, highest = (self[bound] for bound in LIMITS[name])
        if not highest:
            return self.env._("no other limit")
        text = _percent if name == "variance_min" else self._money
        return self.env._("%(low)s to %(high)s", low=text(lowest), high=text(highest))


def _percent(value):
    return float_repr(value, 2).rstrip("0").rstrip(".") + " %"
