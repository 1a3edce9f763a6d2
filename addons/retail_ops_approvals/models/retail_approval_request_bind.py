from odoo import api, fields, models


class RetailApprovalRequest(models.Model):
    """What an approval rests on besides the fields its kind names."""

    _inherit = "retail.approval.request"

    evidence = fields.Json(
        string="Evidence shown",
        readonly=True,
        copy=False,
        help="Digests of the documents that were attached when it was asked. More may "
        "be added; none may be replaced or taken away.",
    )

    @api.model
    def _values_for(self, route):
        evidence = route.document._approval_evidence_digests()
        return {**super()._values_for(route), "evidence": evidence}

    def _says_the_same(self, document):
        return super()._says_the_same(document) and self._binds(document)

    def _binds(self, document):
        """Tell whether payer, partner, place and evidence are those that were shown.

        Whatever a kind counts as material, nothing above the amount that was asked for
        is approved.
        """
        is_more = self.currency_id.compare_amounts(
            document._approval_amount(), self.amount
        )
        return (
            is_more <= 0
            and document._approval_company() == self.company_id
            and document._approval_currency() == self.currency_id
            and document._approval_store() == self.store_id
            and self._still_names(document)
            and self._still_shows(document)
        )

    def _still_names(self, document):
        partner = document._approval_split_partner()
        return not self.partner_id or partner == self.partner_id

    def _still_shows(self, document):
        shown = set(self.evidence or [])
        return not shown or shown <= set(document._approval_evidence_digests())
