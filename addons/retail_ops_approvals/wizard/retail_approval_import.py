import base64

from odoo import fields, models
from odoo.exceptions import UserError

from ..tools import sheet

SHOWN = 20


class RetailApprovalImport(models.TransientModel):
    """Replaces the rows of a draft by those of a spreadsheet, all or none."""

    _name = "retail.approval.import"
    _description = "Import Rows of a Policy"

    policy_id = fields.Many2one(
        "retail.approval.policy", required=True, readonly=True, ondelete="cascade"
    )
    file = fields.Binary(
        string="Spreadsheet",
        required=True,
        help="An .xlsx file with a column Kind. Export a policy to see the others; "
        "your own matrix may call them Minimum, Maximum, Approver 1 and the like.",
    )
    filename = fields.Char()

    def action_import(self):
        """Replace the rows of the draft.

        :return: action of the policy's form
        :raise UserError: listing what is wrong, by row of the spreadsheet
        """
        self.ensure_one()
        lines, problems, values = self._lines(), [], []
        for number, line in lines:
            try:
                self.env["retail.approval.rule"]._take_sheet_line(line, values)
            except UserError as error:
                problems.append(
                    self.env._("Row %(row)s: %(text)s", row=number, text=error)
                )
        if problems:
            raise UserError(self._problems_text(problems))
        self._replace(values)
        return {
            "type": "ir.actions.act_window",
            "res_model": "retail.approval.policy",
            "res_id": self.policy_id.id,
            "views": [(False, "form")],
        }

    def _lines(self):
        try:
            lines = sheet.read(base64.b64decode(self.file))
        except sheet.SheetError as error:
            raise UserError(
                self.env._("This is no .xlsx file: save it as one and try again.")
                if error.code == "file"
                else self.env._("No line of the spreadsheet has a column “Kind”.")
            ) from error
        if not lines:
            raise UserError(self.env._("The spreadsheet has a header but no rows."))
        return lines

    def _problems_text(self, problems):
        more = len(problems) - SHOWN
        shown = problems[:SHOWN]
        if more > 0:
            shown.append(self.env._("and %s more", more))
        return "\n".join([self.env._("Nothing was imported."), *shown])

    def _replace(self, values):
        policy = self.policy_id
        policy.rule_ids.unlink()
        self.env["retail.approval.rule"].create(
            [
                {**each, "policy_id": policy.id, "sequence": 10 * place}
                for place, each in enumerate(values, 1)
            ]
        )
