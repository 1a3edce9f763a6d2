from odoo import fields, models

EVIDENCE = [("none", "None"), ("photo", "A photo"), ("file", "A file or photo")]
COPIED_FIELDS = ("name", "instruction", "sequence", "evidence", "is_veto", "weight")


class RetailChecklistTemplateItem(models.Model):
    _name = "retail.checklist.template.item"
    _description = "Checklist Template Item"
    _order = "sequence, id"

    template_id = fields.Many2one(
        "retail.checklist.template", required=True, index=True, ondelete="cascade"
    )
    kind = fields.Selection(related="template_id.kind")
    sequence = fields.Integer(default=10)
    name = fields.Char("Item", required=True, translate=True)
    instruction = fields.Text(
        translate=True, help="How to do it, for somebody who does it the first time."
    )
    due_hours = fields.Float(
        "Working hours",
        help="Due so many of the store's working hours after the start; for a "
        "campaign, so many before the launch.",
    )
    evidence = fields.Selection(
        EVIDENCE,
        required=True,
        default="none",
        help="What must be attached before the item is done.",
    )
    is_veto = fields.Boolean(
        "Veto", help="As long as this item is not done, the store is not ready."
    )
    weight = fields.Float(
        required=True, default=1.0, help="Its share in the store's readiness."
    )

    _weight_positive = models.Constraint(
        "CHECK(weight > 0)", "An item's weight is above zero."
    )
    _due_hours_not_negative = models.Constraint(
        "CHECK(due_hours >= 0)", "An item is due zero or more working hours away."
    )

    def _item_values(self):
        """Return what a checklist's item takes over, without its due time."""
        self.ensure_one()
        copied = {name: self[name] for name in COPIED_FIELDS}
        return {"template_item_id": self.id, **copied}
