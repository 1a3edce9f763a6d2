from odoo import fields, models


class RetailReportItem(models.Model):
    _name = "retail.report.item"
    _description = "Compliance Item of the Daily Report"
    _order = "sequence, id"

    name = fields.Char(
        required=True,
        translate=True,
        help="What the store ticks at the end of the day, such as “Fridge "
        "temperatures noted”.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(
        default=True, help="Archived items are not asked for in new daily reports."
    )
