from odoo import api, fields, models

FACTS = [
    ("product_id", "Product"),
    ("expected_quantity", "Expected quantity"),
    ("counted_quantity", "Counted quantity"),
    ("unit_cost", "Unit cost"),
    ("amount", "Amount"),
    ("reason", "What was seen, and why"),
    ("occurred_at", "When it happened"),
    ("root_cause_id", "Root cause"),
]


class RetailExceptionFact(models.Model):
    """A fact of a case that a step may ask for."""

    _name = "retail.exception.fact"
    _description = "Fact of a Case"
    _order = "id"

    field_name = fields.Selection(FACTS, "Fact", required=True)

    _field_name_unique = models.Constraint(
        "UNIQUE(field_name)", "This fact is in the list already."
    )

    @api.depends("field_name")
    def _compute_display_name(self):
        labels = dict(self._fields["field_name"]._description_selection(self.env))
        for fact in self:
            fact.display_name = labels.get(fact.field_name, "")
