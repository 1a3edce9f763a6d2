from odoo import api, fields, models
from odoo.tools import format_amount
from odoo.tools.float_utils import float_repr

from odoo.addons.retail_ops_core.tools import outlier

from ..tools import matrix

EARLIER_DAYS = 180
EARLIER_MOST = 500


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

    comparison = fields.Char(
        string="Against earlier ones",
        compute="_compute_comparison",
        help="The amount against those of the same kind and store of the last 180 "
        "days, as it was when asked.",
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
        compared = route.document._approval_outlier()
        facts["outlier"] = compared.score
        facts["earlier"] = {"middle": compared.middle, "count": compared.count}
        involved = {*route.document._approval_excluded(), self.env.uid}
        return {**facts, "excluded": sorted(involved)}

    @api.model
    def _amounts_like(self, document):
        """Return the amounts asked for in the same kind and store before a document.

        :return: list of float, company currency; those withdrawn are left out
        """
        since = fields.Datetime.subtract(fields.Datetime.now(), days=EARLIER_DAYS)
        before = self.search_fetch(
            [
                ("kind_id", "=", document._approval_kind().id),
                ("store_id", "=", document._approval_store().id),
                ("create_date", ">=", since),
                ("state", "!=", "withdrawn"),
            ],
            ["res_model", "res_id", "company_amount"],
            limit=EARLIER_MOST,
            order="id DESC",
        )
        others = before.filtered(
            lambda request: (request.res_model, request.res_id)
            != (document._name, document._origin.id)
        )
        return others.mapped("company_amount")

    @api.depends("facts")
    def _compute_comparison(self):
        for request in self:
            earlier = (request.facts or {}).get("earlier")
            request.comparison = request._comparison_text(**earlier) if earlier else ""

    def _comparison_text(self, middle, count):
        if count < outlier.LEAST:
            return self.env._("Too few like it so far to tell (%s)", count)
        return self.env._(
            "%(count)s like it within %(days)s days, half of them up to %(middle)s; "
            "score %(score)s (3.5 and more is unusual)",
            count=count,
            days=EARLIER_DAYS,
            middle=format_amount(self.env, middle, self.company_currency_id),
            score=float_repr(self.facts["outlier"], 1),
        )

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
