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
    pair_kind_ids = fields.Many2many(
        "retail.request.kind",
        relation="retail_request_kind_pair_rel",
        column1="kind_id",
        column2="pair_id",
        string="Other half",
        help="Who decided about one of these kinds for the same case, document or "
        "partner cannot decide about this one: nobody admits a vendor and then "
        "approves the order to him.",
    )
    paired_by_ids = fields.Many2many(
        "retail.request.kind",
        relation="retail_request_kind_pair_rel",
        column1="pair_id",
        column2="kind_id",
        string="Other half of",
        help="Kinds that name this one as their other half: a pair holds both ways.",
    )
    split_days = fields.Integer(
        string="Look for splitting (days)",
        default=7,
        help="Requests of the same person, store and partner within so many days "
        "are added up; when their sum would have met another row, the request says "
        "so. 0: not looked at.",
    )
    break_glass_hours = fields.Integer(
        string="Emergency release lasts (h)",
        default=24,
        help="An emergency release that is not used within these hours lapses.",
    )
    review_days = fields.Integer(
        string="Review within (days)",
        default=3,
        help="An emergency release or a shortened path is reviewed within so many "
        "days. After that the review is overdue, and the owners are reminded.",
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
        "CHECK(identity_amount >= 0 AND split_days >= 0 AND break_glass_hours > 0"
        " AND review_days >= 0)",
        "Limits and days cannot be below zero, and a release has to last an hour.",
    )

    def _audited_fields(self):
        return super()._audited_fields() | {
            "is_low_risk",
            "allows_lower_amount",
            "identity_amount",
            "needs_evidence",
            "pair_kind_ids",
            "split_days",
            "break_glass_hours",
            "review_days",
            "has_period",
            "action_user_id",
            "action_id",
        }

    def _halves(self):
        """Return the kinds that make a pair with this one, whichever names the other.

        :return: retail.request.kind
        """
        return self.pair_kind_ids | self.paired_by_ids
