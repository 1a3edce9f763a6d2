from odoo import api, fields, models

CONTROLLED_FIELDS = {"report_id", "kind_id"}


class RetailStoreReportTender(models.Model):
    _name = "retail.store.report.tender"
    _description = "Tender of a Daily Report"
    _order = "report_id, sequence, id"

    report_id = fields.Many2one(
        "retail.store.report", required=True, index=True, ondelete="cascade"
    )
    kind_id = fields.Many2one(
        "retail.tender.kind", string="Tender", required=True, ondelete="restrict"
    )
    sequence = fields.Integer(related="kind_id.sequence", store=True)
    category = fields.Selection(related="kind_id.category")
    currency_id = fields.Many2one(related="report_id.currency_id")
    expected_amount = fields.Monetary(
        "Expected", help="What the tills say: the total of their end-of-day reports."
    )
    counted_amount = fields.Monetary(
        "Counted", help="What was counted or declared, without the opening float."
    )
    over_short = fields.Monetary(
        "Over/short",
        compute="_compute_over_short",
        store=True,
        help="Counted less expected: below zero the store is short.",
    )
    over_short_percent = fields.Float(
        "Over/short %",
        compute="_compute_over_short",
        store=True,
        help="Size of the difference in percent of what was expected.",
    )

    _kind_unique = models.Constraint(
        "UNIQUE(report_id, kind_id)",
        "Each tender stands once in a report: change the line that is there.",
    )

    @api.depends("expected_amount", "counted_amount")
    def _compute_over_short(self):
        for line in self:
            expected = line.expected_amount
            difference = line.counted_amount - expected
            line.over_short = difference
            line.over_short_percent = (
                100 * abs(difference) / abs(expected)
                if expected
                else 100.0 * bool(difference)
            )

    @api.model
    def _has_field_access(self, field, operation):
        if operation == "write" and field.name in CONTROLLED_FIELDS:
            return self.env.su
        return super()._has_field_access(field, operation)

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.report_id._check_open_for_figures()
        return lines

    def write(self, vals):
        self.browse().check_access("write")
        self.report_id._check_open_for_figures()
        result = super().write(vals)
        self.report_id._check_open_for_figures()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_while_draft(self):
        self.report_id._check_open_for_figures()
