from odoo import fields, models


class RetailRequestKind(models.Model):
    """How requests of a kind are decided and carried out."""

    _inherit = "retail.request.kind"

    # === How it is decided === #
    is_low_risk = fields.Boolean(
        string="Low risk",
        help="Several requests of this kind may be approved at once from the list. "
        "All others are opened and decided one by one.",
    )
    allows_lower_amount = fields.Boolean(
        string="Lower amount allowed",
        help="Who decides may approve less than was asked for. Leave it off where an "
        "amount cannot be cut, such as goods that are missing already.",
    )
    identity_amount = fields.Float(
        string="Password again from",
        digits=(16, 2),
        help="From this amount on a decision asks for the person's own password "
        "again, because stores share devices. In the currency of the request's "
        "company. 0: never.",
    )
    needs_evidence = fields.Boolean(
        string="Evidence demanded",
        help="Approval can be asked for only with a document attached: a photo, a "
        "quote, a report.",
    )

    # === What happens then === #
    has_period = fields.Boolean(
        string="For a time only",
        help="The request names a scope and an end date, and lapses by itself.",
    )
    action_user_id = fields.Many2one(
        "res.users",
        string="Carried out as",
        domain=[("share", "=", False)],
        ondelete="restrict",
        groups="base.group_system",
        help="The held action runs under this user, with his rights and no more. "
        "Empty: as the system.",
    )
    action_id = fields.Many2one(
        "ir.actions.server",
        string="Carried out by",
        ondelete="restrict",
        groups="base.group_system",
        help="Server action that is run on the document once it is approved.",
    )

    _limits_not_negative = models.Constraint(
        "CHECK(identity_amount >= 0)",
        "Limits cannot be below zero.",
    )

    def _audited_fields(self):
        return super()._audited_fields() | {
            "is_low_risk",
            "allows_lower_amount",
            "identity_amount",
            "needs_evidence",
            "has_period",
            "action_user_id",
            "action_id",
        }
