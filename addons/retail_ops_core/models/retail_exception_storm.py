from datetime import timedelta

from odoo import api, fields, models


class RetailExceptionType(models.Model):
    _inherit = "retail.exception.type"

    storm_threshold = fields.Integer(
        "Storm from",
        default=20,
        help="This many like exceptions within the storm minutes are shown as one "
        "storm with one notice. 0 never groups them.",
    )
    storm_minutes = fields.Integer(
        "Storm minutes",
        default=60,
        help="Like exceptions within this time belong to one storm, which is over once "
        "none came for as long.",
    )
    storm_by = fields.Selection(
        [
            ("store", "Of one store"),
            ("product", "Of one product"),
            ("company", "Of the whole company"),
        ],
        "Alike when",
        default="store",
        required=True,
        help="Which exceptions of this type belong to one storm.",
    )


class RetailException(models.Model):
    """Storms: like exceptions in a short time become members of one group."""

    _inherit = "retail.exception"

    storm_id = fields.Many2one(
        "retail.storm", readonly=True, copy=False, index="btree_not_null"
    )

    _recent_idx = models.Index("(type_id, company_id, opened_at)")

    @api.model
    def _has_field_access(self, field, operation):
        if operation == "write" and field.name == "storm_id":
            return self.env.su
        return super()._has_field_access(field, operation)

    def _storm_key(self):
        by = self.type_id.storm_by
        Store, Product = self.env["retail.store"], self.env["product.product"]
        return (
            self.type_id,
            self.company_id,
            self.store_id if by == "store" else Store,
            self.product_id if by == "product" else Product,
        )

    def _group_storms(self):
        """Put exceptions into the storm they are part of, when there is one."""
        stormy = self.filtered(lambda exc: exc.type_id.storm_threshold)
        for key, exceptions in stormy.grouped(lambda exc: exc._storm_key()).items():
            if not all(
                key[3] or exc.type_id.storm_by != "product" for exc in exceptions
            ):
                continue
            alike = exceptions._alike_lately(key)
            threshold = key[0].storm_threshold
            if self.sudo().search_count(alike, limit=threshold) >= threshold:
                alone = [*alike, ("storm_id", "=", False)]
                self._absorb_alone(key, self.sudo().search(alone))

    @api.model
    def _absorb_alone(self, key, alone):
        if alone:
            first = alone.sorted(lambda exc: (exc.opened_at, exc.id))[0]
            self.env["retail.storm"].sudo()._current(key, first)._absorb(alone)

    def _alike_lately(self, key):
        """Return the domain of the open exceptions of the key within its minutes."""
        kind, company, store, product = key
        newest = max(self.mapped("opened_at"))
        domain = [
            ("type_id", "=", kind.id),
            ("company_id", "=", company.id),
            ("opened_at", ">=", newest - timedelta(minutes=kind.storm_minutes)),
            ("is_open", "=", True),
        ]
        if store:
            domain.append(("store_id", "=", store.id))
        if product:
            domain.append(("product_id", "=", product.id))
        return domain
