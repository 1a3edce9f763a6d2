from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import sheet

NUMBERS = {
    "from": "amount_min",
    "below": "amount_max",
    "variance from %": "variance_min",
    "times from": "recurrence_min",
    "margin below %": "margin_below",
    "unusual from": "outlier_min",
}
CHOICES = {
    "family": "family",
    "store format": "store_format",
    "store risk": "store_risk",
}
# Column, field, and the field by which its records are called in a sheet.
LISTS = {
    "exception types": ("type_ids", "code"),
    "regions": ("region_ids", "code"),
    "asked by": ("requester_group_ids", None),
    "categories": ("category_ids", "complete_name"),
}
SWITCHES = {
    "emergency": "is_emergency",
    "evidence": "needs_evidence",
    "splitting": "counts_split",
    "outside campaigns": "is_outside_campaign",
    "outside terms": "is_outside_terms",
}
DATES = {"review by": "review_date"}
YES = ("yes", "true", "1", "x")


class RetailApprovalRule(models.Model):
    """A row of the matrix as a line of a spreadsheet, and back."""

    _inherit = "retail.approval.rule"

    # === OUT === #

    def _sheet_line(self):
        """Return the row as a dict of column to value, its steps included."""
        self.ensure_one()
        line = {"kind": self.kind_id.code, "outcome": sheet.OUTCOMES[self.outcome]}
        line["currency"] = self.currency_id.name or ""
        for column, name in {**NUMBERS, **CHOICES}.items():
            line[column] = self[name] or "" if name in self._fields else ""
        for column, (name, key) in LISTS.items():
            records = self[name].sudo() if name in self._fields else ()
            line[column] = ", ".join(_called(each, key) for each in records)
        for column, name in SWITCHES.items():
            line[column] = "yes" if name in self._fields and self[name] else ""
        for column, name in DATES.items():
            line[column] = self[name] or ""
        return {**line, **self._sheet_of_regions(), **self._sheet_steps()}

    def _sheet_steps(self):
        """Return the row's own steps; those of the row it varies stand there."""
        stages = self._asked_steps().grouped("sequence").values()
        own = [stage & self.step_ids for stage in stages]
        return {
            f"step {number}": sheet.AND.join(step._sheet_text() for step in stage)
            for number, stage in enumerate(own, 1)
            if stage
        }

    # === IN === #

    @api.model
    def _values_of_sheet(self, line):
        """Return the values of a new rule, its steps included.

        :param line: dict as :func:`..tools.sheet.read` returns it
        :raise UserError: saying what cannot be understood
        """
        try:
            stages = sheet.steps_of(line)
            amounts = {
                name: sheet.number(line.get(column))
                for column, name in NUMBERS.items()
                if name in self._fields
            }
        except sheet.SheetError as error:
            raise UserError(self._sheet_error(error)) from error
        self._check_sheet_amounts(amounts)
        return {
            "kind_id": self._sheet_kind(line.get("kind")).id,
            "currency_id": self._sheet_currency(line.get("currency")).id,
            "outcome": self._sheet_outcome(line.get("outcome"), stages),
            **amounts,
            **self._sheet_choices(line),
            **self._sheet_lists(line),
            **self._sheet_switches(line),
            **self._sheet_dates(line),
            **self._sheet_ranges(line),
            "step_ids": self._sheet_step_commands(stages),
        }

    @api.model
    def _sheet_step_commands(self, stages):
        return [
            (0, 0, {**self.step_ids._values_of_sheet(step), "sequence": 10 * order})
            for order, stage in stages.items()
            for step in stage
        ]

    @api.model
    def _check_sheet_amounts(self, amounts):
        low, high = amounts["amount_min"], amounts["amount_max"]
        if min(amounts.values()) < 0 or (high and high <= low):
            raise UserError(
                self.env._(
                    "“Below” has to be above “From”, and nothing below 0; leave "
                    "“Below” empty for an open end."
                )
            )

    @api.model
    def _sheet_kind(self, text):
        kinds = self.env["retail.request.kind"]
        wanted = str(text or "").strip()
        kind = kinds.search([("code", "=", wanted)]) or kinds.search(
            [("name", "=ilike", wanted)]
        )
        return self._one_of_sheet(kind, wanted, self.env._("kind of request"))

    @api.model
    def _sheet_currency(self, text):
        currencies = self.env["res.currency"]
        if not text:
            return currencies
        found = currencies.search([("name", "=", str(text).strip().upper())])
        return self._one_of_sheet(found, text, self.env._("active currency"))

    @api.model
    def _one_of_sheet(self, records, text, what):
        if len(records) != 1:
            raise UserError(
                self.env._("“%(text)s” is no %(what)s we know.", text=text, what=what)
            )
        return records

    @api.model
    def _sheet_outcome(self, text, stages):
        """Return the outcome; without a text, steps or their absence say it."""
        if not text and not stages:
            raise UserError(
                self.env._("Say who approves, or write “No approval” as outcome.")
            )
        codes = {label.lower(): code for code, label in sheet.OUTCOMES.items()}
        wanted = str(text or sheet.OUTCOMES["steps"]).strip().lower()
        if wanted not in codes:
            raise UserError(
                self.env._("“%s” is no outcome: Approval, or No approval.", text)
            )
        if (codes[wanted] == "none") == bool(stages):
            raise UserError(
                self.env._("The outcome and the steps of this line do not agree.")
            )
        return codes[wanted]

    @api.model
    def _sheet_choices(self, line):
        values = {}
        for column, name in CHOICES.items():
            text = str(line.get(column) or "").strip()
            if not text or name not in self._fields:
                continue
            english = self.with_context(lang="en_US").env
            labels = dict(self._fields[name]._description_selection(english))
            codes = {label.lower(): code for code, label in labels.items()}
            code = text if text in labels else codes.get(text.lower())
            if not code:
                raise UserError(
                    self.env._(
                        "“%(text)s” is no %(column)s: %(known)s.",
                        text=text,
                        column=column,
                        known=", ".join(labels.values()),
                    )
                )
            values[name] = code
        return values

    @api.model
    def _sheet_lists(self, line):
        values = {}
        for column, (name, key) in LISTS.items():
            texts = sheet.names(line.get(column))
            if texts and name in self._fields:
                model = self.env[self._fields[name].comodel_name]
                found = [self._sheet_record(model, key, text) for text in texts]
                values[name] = [(6, 0, [record.id for record in found])]
        return values

    @api.model
    def _sheet_record(self, model, key, text):
        if key is None:
            return self.step_ids._sheet_role(text)
        found = model.search(["|", (key, "=", text), ("name", "=ilike", text)])
        return self._one_of_sheet(found, text, model._description.lower())

    @api.model
    def _sheet_switches(self, line):
        return {
            name: str(line.get(column) or "").strip().lower() in YES
            for column, name in SWITCHES.items()
            if name in self._fields
        }

    @api.model
    def _sheet_dates(self, line):
        """Return the dates; a cell is a date of the spreadsheet or 2026-12-31."""
        values = {}
        for column, name in DATES.items():
            try:
                values[name] = fields.Date.to_date(line.get(column) or False)
            except ValueError as error:
                raise UserError(
                    self.env._("“%s” is no date: write 2026-12-31.", line[column])
                ) from error
        return values

    @api.model
    def _sheet_error(self, error):
        return {
            "number": self.env._("“%s” is no number.", error.found),
            "range": self.env._(
                "“%s” is no range: write the lowest and the highest as 30 to 100.",
                error.found,
            ),
            "step": self.env._(
                "“%s” is no step: write it as 2 of Finance (8 h, escalate).",
                error.found,
            ),
            "term": self.env._(
                "“%s” is not understood: write 8 h, remind 4 h, escalate or "
                "escalate to Finance.",
                error.found,
            ),
        }[error.code]


def _called(record, key):
    return record[key] if key else record._sheet_name()
