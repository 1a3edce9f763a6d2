from odoo import api, fields, models

from ..tools import matrix


class RetailApprovalRequest(models.Model):
    """What the matrix was asked, kept so that another matrix can be asked the same."""

    _inherit = "retail.approval.request"

    facts = fields.Json(
        string="Facts asked about",
        readonly=True,
        copy=False,
        help="What the matrix was asked, and who had a hand in the case. A back-test "
        "asks a draft the same.",
    )

    @api.model
    def _values_for(self, route):
        return {**super()._values_for(route), "facts": self._facts_of(route)}

    @api.model
    def _facts_of(self, route):
        """Return the facts of a route, without the rates, which are kept elsewhere."""
        facts = route.facts._asdict()
        facts.pop("rates")
        if not (route.matrix and route.matrix.asks_risk):
            facts["risk"] = route.document._approval_risk()  # a draft may ask for it
        if not (route.matrix and route.matrix.asks_category):
            facts["category_ids"] = route.document._approval_category_ids()
        involved = {*route.document._approval_excluded(), self.env.uid}
        return {**facts, "excluded": sorted(involved)}

    @api.model
    def _facts_from(self, kept, rates):
        """Return kept facts as the matrix takes them.

        :param kept: dict as :meth:`_facts_of` returns it
        :param rates: dict of currency id to its worth in the company's currency
        :return: :class:`..tools.matrix.Facts`
        """
        known = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in kept.items()
            if name in matrix.Facts._fields
        }
        return matrix.Facts(**known, rates=rates)
