from odoo import api, fields, models
from odoo.exceptions import UserError

OFFER = {"product_categ_id", "campaign_id", "margin_before", "margin_after"}


class RetailRequest(models.Model):
    """What a price, a discount or a promotion does to the margin."""

    _inherit = "retail.request"

    is_offer = fields.Boolean(related="kind_id.is_offer")
    product_categ_id = fields.Many2one(
        "product.category",
        string="Product category",
        ondelete="restrict",
        help="Of the goods it is about. A policy can have rows of its own for it.",
    )
    campaign_id = fields.Many2one(
        "retail.campaign",
        ondelete="restrict",
        help="The campaign it belongs to, if any. On other days than the campaign's "
        "it counts as outside.",
    )
    margin_before = fields.Float(
        string="Margin before (%)", help="In percent of the price, before the change."
    )
    margin_after = fields.Float(
        string="Margin after (%)",
        help="In percent of the price, after the change; below 0 it sells at a loss. A "
        "policy can ask other people below a floor.",
    )
    margin_effect = fields.Float(
        string="Margin effect (points)",
        compute="_compute_margin_effect",
        help="Margin after less margin before, in percentage points.",
    )

    @api.depends("margin_before", "margin_after")
    def _compute_margin_effect(self):
        for request in self:
            request.margin_effect = request.margin_after - request.margin_before

    def write(self, vals):
        if OFFER & set(vals):
            self._check_offer_stands()
            self._note_editor()
        return super().write(vals)

    def _check_offer_stands(self):
        """What decided who is asked stays while somebody is asked."""
        for request in self.sudo():
            if request.state not in ("draft", "refused"):
                raise UserError(
                    self.env._(
                        "Margin, category and campaign of %s decided who is asked: "
                        "withdraw it before you change them.",
                        request.display_name,
                    )
                )

    # === WHAT IT IS ABOUT === #

    def _approval_category(self):
        return self.product_categ_id

    def _approval_margin(self):
        """Return the margin after; not given at all is not known."""
        given = self.margin_before or self.margin_after
        return self.margin_after if self.is_offer and given else None

    def _approval_is_outside_campaign(self):
        campaign = self.sudo().campaign_id
        day = fields.Date.to_date(self.date_from or fields.Datetime.now())
        begun = campaign.launch_date and campaign.launch_date <= day
        return not (begun and day <= (campaign.end_date or day))

    def _approval_context_fields(self):
        names = super()._approval_context_fields()
        if not self.is_offer:
            return names
        return [
            *names,
            "product_categ_id",
            "campaign_id",
            "margin_before",
            "margin_after",
            "margin_effect",
        ]
