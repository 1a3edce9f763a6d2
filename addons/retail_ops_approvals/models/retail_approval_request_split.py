from collections import Counter, defaultdict

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import formatLang


class RetailApprovalRequest(models.Model):
    """One need cut into several requests is found and shown."""

    _inherit = "retail.approval.request"

    partner_id = fields.Many2one(
        "res.partner", string="Vendor or customer", readonly=True
    )
    is_split = fields.Boolean(
        string="Maybe split",
        readonly=True,
        help="Together with earlier requests of the same person, store and partner it "
        "would have met another row.",
    )
    split_text = fields.Char(string="Splitting", compute="_compute_split_text")

    _split_idx = models.Index("(requester_id, store_id, kind_id, requested_at)")

    @api.depends("explanation")
    def _compute_split_text(self):
        for request in self:
            split = (request.explanation or {}).get("split")
            request.split_text = split and request._split_sentence(split)

    def _split_sentence(self, split):
        return self.env._(
            "Together with %(others)s it makes %(total)s in %(days)s days, and that "
            "meets: %(line)s",
            others=", ".join(split["requests"]),
            total=formatLang(
                self.env, split["total"], currency_obj=self.company_currency_id
            ),
            days=split["days"],
            line=split["line"] or self.env._("no row, and so the policy's owner"),
        )

    @api.model
    def _open(self, routes):
        self._meet_other_parts(routes)
        return super()._open(routes)

    @api.model
    def _meet_other_parts(self, routes):
        """Let parts asked about at the same instant meet in the row of their store.

        Who comes second fails to serialize; Odoo replays it on what the first left.
        """
        stores = self.env["retail.store"].union(
            *(
                route.document._approval_store()
                for route in routes
                if route.counts_split and route.document._approval_can_be_split()
            )
        )
        if stores:
            self.env.cr.execute(
                "UPDATE retail_store SET write_date = write_date WHERE id IN (SELECT id"
                " FROM retail_store WHERE id IN %s ORDER BY id FOR NO KEY UPDATE)",
                [tuple(stores.ids)],
            )

    @api.model
    def _values_for(self, route):
        values = super()._values_for(route)
        split = self._split_of(route)
        return {
            **values,
            "partner_id": route.document._approval_split_partner().id,
            "is_split": bool(split),
            "explanation": {**values["explanation"], **split},
        }

    @api.model
    def _split_of(self, route):
        """Return what the explanation says about splitting; empty when it is none."""
        others = route.document._approval_siblings(route.kind)
        if not others or not route.matrix:
            return {}
        total = route.facts.amount + sum(others.mapped("company_amount"))
        alone = route.matrix.match(route.facts)
        row = route.matrix.match(route.facts._replace(amount=total))
        if row == alone:
            return {}
        rules = self.env["retail.approval.rule"].sudo()
        return {
            "split": {
                "total": total,
                "days": route.kind.split_days,
                "requests": others.mapped("name"),
                "line": rules.browse(row.id).line if row else None,
            }
        }


class RetailApprovalMixin(models.AbstractModel):
    _inherit = "retail.approval.mixin"

    def _approval_waves(self):
        """Let what may be parts of one need be asked about one after the other.

        Asked about at once, the parts would not see each other.
        """
        waves = defaultdict(self.browse)
        seen = Counter()
        for document in self:
            key = document._approval_split_key()
            waves[seen[key]] |= document
            seen[key] += bool(key)
        return list(waves.values())

    def _approval_split_key(self):
        """Return what parts of one need have in common; empty when it cannot be cut."""
        if not self._approval_can_be_split():
            return ()
        kinds = self._approval_part_kinds(self._approval_kind())
        return (
            tuple(sorted(kinds.ids)),
            self._approval_store().id,
            self._approval_company().id,
            self._approval_split_partner().id,
        )

    def _approval_split_partner(self):
        """Return the company behind a vendor's contacts."""
        return self._approval_partner().commercial_partner_id

    def _row_by_sum(self, kind, rows, facts):
        """Return the row that the sum meets, when it counts what was split."""
        others = self._approval_siblings(kind)
        total = facts.amount + sum(others.mapped("company_amount"))
        row = rows.match(facts._replace(amount=total))
        return row if row and row.counts_split else None

    def _approval_siblings(self, kind):
        """Return earlier requests that may be parts of the same need.

        :param kind: retail.request.kind
        :return: retail.approval.request, alive, of the same requester, store and
            partner, within the kind's window
        """
        requests = self.env["retail.approval.request"].sudo()
        if not kind.split_days or not self._approval_can_be_split():
            return requests
        since = fields.Datetime.subtract(fields.Datetime.now(), days=kind.split_days)
        parts = requests.search(
            [
                ("requester_id", "=", self.env.uid),
                ("store_id", "=", self._approval_store().id),
                ("kind_id", "in", self._approval_part_kinds(kind).ids),
                ("partner_id", "=", self._approval_split_partner().id),
                ("company_id", "=", self._approval_company().id),
                ("requested_at", ">=", since),
                ("state", "in", ("pending", "approved")),
                "|",
                ("res_model", "!=", self._name),
                ("res_id", "!=", self._origin.id),
            ]
        )
        return self._approval_parts_alive(parts)

    def _approval_part_kinds(self, kind):
        """Return the retail.request.kind whose requests may be parts of one need."""
        return kind

    def _approval_parts_alive(self, requests):
        """Return the ``requests`` whose documents still stand for what was asked."""
        return requests

    def _approval_can_be_split(self):
        """Tell whether a person chose the amount, so that he could have cut it."""
        return self.env.uid != SUPERUSER_ID
