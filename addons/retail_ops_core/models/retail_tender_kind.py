from odoo import fields, models


class RetailTenderKind(models.Model):
    _name = "retail.tender.kind"
    _description = "Tender Kind"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="Code used in files, events and reports.")
    category = fields.Selection(
        [
            ("cash", "Cash"),
            ("card", "Card"),
            ("voucher", "Voucher"),
            ("other", "Other"),
        ],
        required=True,
        default="other",
        help="Rules on deposits and negative cash look at cash only.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(
        default=True, help="Archived kinds are not asked for in new daily reports."
    )

    _code_unique = models.Constraint(
        "UNIQUE(code)", "Another tender kind has this code: choose a code of its own."
    )
