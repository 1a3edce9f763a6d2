from odoo import fields, models

OURS = (
    "stock_breached_at",
    "stock_proposed_at",
    "stock_ran_out_at",
    "stock_lead_hours",
)


class RetailException(models.Model):
    """How early a signal came before the shelf was empty."""

    _inherit = "retail.exception"

    stock_breached_at = fields.Datetime(
        "Level passed at",
        readonly=True,
        copy=False,
        help="When the stock changed that passed the reordering rule. The look that "
        "raised the case came after.",
    )
    stock_ran_out_at = fields.Datetime(
        "Ran out at",
        readonly=True,
        copy=False,
        help="When nothing was left at the place of the level, if it came to that.",
    )
    stock_lead_hours = fields.Float(
        "Signal to stockout (hours)",
        readonly=True,
        copy=False,
        aggregator="avg",
        help="Hours between the case and the empty shelf. 0: it was empty already when "
        "it was noticed, or it never became so.",
    )

    def _has_field_access(self, field, operation):
        allowed = super()._has_field_access(field, operation)
        is_ours = field.name in OURS and operation == "write"
        return allowed and (self.env.su or not is_ours)

    def _note_stockout(self):
        """Note the moment at which nothing is left, once."""
        for case in self.filtered(lambda case: not case.stock_ran_out_at):
            level = case.stock_level_id
            if level.product_uom.compare(level.qty_on_hand, 0) <= 0:
                now = fields.Datetime.now()
                case.stock_ran_out_at = now
                early = (now - case.create_date).total_seconds()
                case.stock_lead_hours = max(early, 0.0) / 3600
