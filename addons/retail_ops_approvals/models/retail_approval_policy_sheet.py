import base64

from odoo import fields, models
from odoo.tools import format_datetime

from ..tools import sheet

COLUMNS = [
    "Kind",
    "From",
    "Below",
    "Currency",
    "Variance from %",
    "Exception types",
    "Family",
    "Store format",
    "Regions",
    "Asked by",
    "Emergency",
    "Times from",
    "Store risk",
    "Categories",
    "Margin below %",
    "Outside campaigns",
    "Evidence",
    "Splitting",
    "Review by",
    "Variant",
    "Regions may set from",
    "Regions may set below",
    "Regions may set variance",
    "Outcome",
]


class RetailApprovalPolicy(models.Model):
    """A version on paper and as a spreadsheet."""

    _inherit = "retail.approval.policy"

    sheet = fields.Binary(string="Spreadsheet", compute="_compute_sheet")

    def _compute_sheet(self):
        for policy in self:
            policy.sheet = base64.b64encode(policy._sheet_content())

    def action_export(self):
        """Download the version as a spreadsheet.

        :return: action that downloads an xlsx file
        """
        self.ensure_one()
        name = f"{self.code}-v{self.version}.xlsx"
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/sheet/{name}?download=1",
            "target": "self",
        }

    def action_import(self):
        """Open the dialog that replaces the rows of a draft by those of a sheet.

        :raise UserError: when the version is no draft
        """
        self.ensure_one()
        self._check_draft()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import rows"),
            "res_model": "retail.approval.import",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_policy_id": self.id},
        }

    def action_print(self):
        """Print the version as one document."""
        report = self.env.ref("retail_ops_approvals.action_report_policy")
        return report.report_action(self)

    def _sheet_content(self):
        lines = [
            each._sheet_line()
            for rule in self._rules_in_order()
            for each in (rule, *rule.variant_ids)
        ]
        stages = max((_stages(line) for line in lines), default=1)
        columns = [*COLUMNS, *(f"Step {number}" for number in range(1, stages + 1))]
        return sheet.write(
            self.display_name,
            self._document_facts(),
            columns,
            [[line.get(column.lower(), "") for column in columns] for line in lines],
        )

    def _rules_in_order(self):
        return self.rule_ids.sorted(lambda rule: (rule.kind_id.sequence, rule.sequence))

    def _document_facts(self):
        """Return who answers for what from when: ``(label, text)``, for print."""
        return [*self._facts_of_version(), *self._facts_of_people()]

    def _facts_of_version(self):
        states = dict(self._fields["state"]._description_selection(self.env))
        moment = self.in_force_from or self.effective_from
        company = self.company_id.name or self.env._("Every company")
        return [
            (self.env._("Policy"), self.name),
            (self.env._("Version"), f"{self.version} ({states[self.state]})"),
            (self.env._("Policy reference"), self.reference or "–"),
            (
                self.env._("Effective from"),
                format_datetime(self.env, moment) if moment else "–",
            ),
            (self.env._("Company"), company),
            (self.env._("Change reason"), self.change_reason or "–"),
            (self.env._("Fingerprint"), self._matrix_digest()),
        ]

    def _facts_of_people(self):
        policy = self.sudo()
        authors = ", ".join(policy.author_ids.mapped("name"))
        return [
            (self.env._("Business owner"), policy.owner_id.name),
            (self.env._("Written by"), authors or "–"),
            (self.env._("Published by"), policy.publisher_id.name or "–"),
        ]

    def _document_kinds(self):
        """Return ``(kind, rules in order)`` for print."""
        return list(self._rules_in_order().grouped("kind_id").items())


def _stages(line):
    return max((int(name[5:]) for name in line if name.startswith("step ")), default=1)
