from odoo import fields, models


class RetailRequestKind(models.Model):
    """Which requests spend the money that orders spend."""

    _inherit = "retail.request.kind"

    is_bought = fields.Boolean(
        "Adds up with purchases",
        help="Requests of this kind end in an order. With those of the other kinds "
        "ticked here, and with orders, they are parts of one need.",
    )

    def _audited_fields(self):
        return super()._audited_fields() | {"is_bought"}
