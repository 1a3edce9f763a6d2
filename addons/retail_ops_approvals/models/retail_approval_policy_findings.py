from odoo import api, fields, models
from odoo.tools.misc import formatLang

from ..tools import matrix


class RetailApprovalPolicy(models.Model):
    """What to look at before a version is published."""

    _inherit = "retail.approval.policy"

    findings = fields.Text(
        compute="_compute_findings",
        help="What to look at before publishing: amounts nobody covers or two rows "
        "cover, rows that can never decide, steps without people.",
    )

    @api.depends("rule_ids", "rule_ids.line", "variant_ids.line")
    @api.depends_context("lang")
    def _compute_findings(self):
        for policy in self:
            drafted = policy._origin if policy.state == "draft" else policy.browse()
            policy.findings = "\n".join(drafted._find_problems()) or False

    def _find_problems(self):
        problems = []
        names = dict(self.rule_ids.kind_id.mapped(lambda kind: (kind.id, kind.name)))
        for kind_id, rows in self._compile_matrices().items():
            problems += self._find_in(rows.rows, names[kind_id])
        return problems + self._find_in_regions(names) + self._find_empty_roles()

    def _find_in(self, rows, name):
        return [
            *self._find_gaps(name, matrix.gaps(rows)),
            *self._find_overlaps(name, matrix.overlaps(rows)),
            *self._find_shadowed(rows),
        ]

    def _find_in_regions(self, names):
        """Return what only the variants of a region bring about."""
        matrices, problems = self._compile_matrices(), []
        for kind, variants in self.sudo().variant_ids.grouped("kind_id").items():
            rows = matrices[kind.id]
            usual = self._find_in(rows.rows, names[kind.id])
            for region in variants.region_ids:
                there = rows.in_regions(region._path_ids()).rows
                problems += [
                    self.env._("%(region)s: %(text)s", region=region.name, text=text)
                    for text in self._find_in(there, names[kind.id])
                    if text not in usual
                ]
        return problems

    def _find_gaps(self, name, gaps):
        return [
            self.env._(
                "%(kind)s: no row covers %(low)s to %(high)s. Such a request would go "
                "to the policy's owner.",
                kind=name,
                **self._bounds(low, high),
            )
            for low, high in gaps
        ]

    def _bounds(self, low, high):
        return {
            "low": formatLang(self.env, low, digits=2),
            "high": formatLang(self.env, high, digits=2) if high else "∞",
        }

    def _find_overlaps(self, name, overlaps):
        rules = self.env["retail.approval.rule"]
        return [
            self.env._(
                "%(kind)s: two rows cover %(low)s to %(high)s. “%(row)s” decides "
                "there, not “%(later)s”.",
                kind=name,
                **self._bounds(low, high),
                row=rules.browse(row.id).line,
                later=rules.browse(later.id).line,
            )
            for row, later, low, high in overlaps
        ]

    def _find_shadowed(self, rows):
        rules = self.env["retail.approval.rule"]
        return [
            self.env._(
                "“%(row)s” never decides: “%(earlier)s” comes first.",
                row=rules.browse(row.id).line,
                earlier=rules.browse(earlier.id).line,
            )
            for row, earlier in matrix.shadowed(rows)
        ]

    def _find_empty_roles(self):
        steps = self._all_rules().step_ids
        nowhere = steps._facts_of(self.env["retail.store"])
        return [
            self.env._("“%(line)s”: nobody holds %(step)s.", line=line, step=step)
            for line, step in (
                (step.rule_id.line, step._label())
                for step in steps
                if step.approver in ("group", "user")
                and not step._candidates(nowhere)[0].filtered("active")
            )
        ]
