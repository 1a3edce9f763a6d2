from odoo import api, models
from odoo.exceptions import UserError

from ..tools import sheet
from .retail_approval_rule_sheet import NUMBERS, YES
from .retail_approval_rule_variant import LIMITS

VARIANT = "variant"
RANGES = {
    "regions may set from": "amount_min",
    "regions may set below": "amount_max",
    "regions may set variance": "variance_min",
}


class RetailApprovalRule(models.Model):
    """A region's variant as a line of a spreadsheet, below the row it varies."""

    _inherit = "retail.approval.rule"

    # === OUT === #

    def _sheet_of_regions(self):
        """Return the columns about regions; a variant's limits are always written."""
        line = {VARIANT: "yes" if self.base_id else ""}
        for column, name in RANGES.items():
            lowest, highest = (self[bound] for bound in LIMITS[name])
            line[column] = sheet.format_limits(lowest, highest)
        if self.base_id:
            limits = {
                column: name for column, name in NUMBERS.items() if name in LIMITS
            }
            line |= {column: self[name] for column, name in limits.items()}
        return line

    # === IN === #

    @api.model
    def _take_sheet_line(self, line, values):
        """Add a line to the values of new rules; a variant goes into its row's.

        :param line: dict as :func:`..tools.sheet.read` returns it
        :param values: list of dicts, changed in place
        :raise UserError: saying what cannot be understood
        """
        if str(line.get(VARIANT) or "").strip().lower() not in YES:
            values.append(self._values_of_sheet(line))
        elif not values:
            raise UserError(
                self.env._("A variant stands below the row it varies: there is none.")
            )
        else:
            variant = self._variant_of_sheet(line, values[-1])
            values[-1].setdefault("variant_ids", []).append((0, 0, variant))

    @api.model
    def _variant_of_sheet(self, line, base):
        """Return the values of a variant; an empty cell is as in the row."""
        if self._sheet_kind(line.get("kind")).id != base["kind_id"]:
            raise UserError(
                self.env._("A variant is of the same kind as its row above.")
            )
        try:
            stages = sheet.steps_of(line)
            limits = {
                name: sheet.number(line[column])
                for column, name in NUMBERS.items()
                if name in LIMITS and line.get(column) not in (None, "")
            }
        except sheet.SheetError as error:
            raise UserError(self._sheet_error(error)) from error
        return {
            **limits,
            "region_ids": self._sheet_lists({"regions": line.get("regions")}).get(
                "region_ids", []
            ),
            "needs_evidence": self._sheet_switches(line)["needs_evidence"],
            "outcome": "steps" if stages else base["outcome"],
            **self._sheet_dates(line),
            "step_ids": self._sheet_step_commands(stages),
        }

    @api.model
    def _sheet_ranges(self, line):
        """Return how far regions may go, as the line says."""
        values = {}
        for column, name in RANGES.items():
            try:
                bounds = sheet.limits(line.get(column))
            except sheet.SheetError as error:
                raise UserError(self._sheet_error(error)) from error
            values |= dict(zip(LIMITS[name], bounds, strict=True))
        return values
