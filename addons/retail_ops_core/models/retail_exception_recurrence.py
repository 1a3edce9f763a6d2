from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models

from .retail_sla_target import SEVERITIES


class RetailException(models.Model):
    """Repeats: the same store, type and product again within a window."""

    _inherit = "retail.exception"

    recurrence_count = fields.Integer(
        "Times in window",
        default=1,
        readonly=True,
        copy=False,
        help="How often the same store, type and product came up within the type's "
        "window, this time included.",
    )
    previous_id = fields.Many2one(
        "retail.exception",
        "Last time",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )

    _like_idx = models.Index("(store_id, type_id, opened_at)")

    @api.model
    def _has_field_access(self, field, operation):
        if operation == "write" and field.name in ("recurrence_count", "previous_id"):
            return self.env.su
        return super()._has_field_access(field, operation)

    def _likeness(self):
        product = self.product_id.id or self.product_code
        return self.store_id.id, self.type_id.id, product

    def _link_recurrence(self):
        """Note on each exception how often its like came before."""
        earlier = self._like_exceptions()
        for exception in self.sorted(lambda exc: (exc.opened_at, exc.id)):
            since = exception.opened_at - timedelta(days=exception.type_id.repeat_days)
            like = [
                other
                for other in earlier[exception._likeness()]
                if other != exception and since <= other.opened_at
                if (other.opened_at, other.id) < (exception.opened_at, exception.id)
            ]
            if like:
                exception.write(
                    {"recurrence_count": len(like) + 1, "previous_id": like[-1].id}
                )

    def _like_exceptions(self):
        """Return dict likeness -> list of exceptions, oldest first."""
        window = max(self.type_id.mapped("repeat_days"), default=0)
        first = min(self.mapped("opened_at"), default=fields.Datetime.now())
        # Of many there may be, only what tells them apart is read.
        found = (
            self.sudo()
            .with_context(prefetch_fields=False)
            .search_fetch(
                [
                    ("store_id", "in", self.store_id.ids),
                    ("type_id", "in", self.type_id.ids),
                    ("opened_at", ">=", first - timedelta(days=window)),
                    ("state", "!=", "cancelled"),
                    *self._of_same_products(),
                ],
                ["store_id", "type_id", "product_id", "product_code", "opened_at"],
                order="opened_at, id",
            )
        )
        groups = defaultdict(list)
        for exception in found:
            groups[exception._likeness()].append(exception)
        return groups

    def _of_same_products(self):
        """Return the domain of cases about the same products, known here or not."""
        unknown = [False, *self.filtered("product_code").mapped("product_code")]
        return [
            *("|", ("product_id", "in", self.product_id.ids)),
            *("&", ("product_id", "=", False), ("product_code", "in", unknown)),
        ]

    def _is_repeat_offence(self):
        limit = self.type_id.repeat_limit
        return bool(limit and self.recurrence_count >= limit)

    def _severity_by(self, classifier):
        """A repeat offender is graver than the single case."""
        severity = super()._severity_by(classifier)
        return self._one_higher(severity) if self._is_repeat_offence() else severity

    def _classification_values(self, classifier, note):
        values = super()._classification_values(classifier, note)
        if self._is_repeat_offence():
            values["classification_note"] = note + self._repeat_note(values["severity"])
        return values

    def _repeat_note(self, severity):
        return " " + self.env._(
            "Raised to %(severity)s: time number %(count)s in %(days)s days.",
            severity=self.env["retail.sla.target"]._severity_labels()[severity],
            count=self.recurrence_count,
            days=self.type_id.repeat_days,
        )

    @api.model
    def _one_higher(self, severity):
        codes = [code for code, _label in SEVERITIES]
        return codes[min(codes.index(severity) + 1, len(codes) - 1)]

    def action_open_like(self):
        """Open the cases of the same store, type and product."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "retail_ops_core.action_exception_all"
        )
        action["domain"] = [
            ("store_id", "=", self.store_id.id),
            ("type_id", "=", self.type_id.id),
            ("product_id", "=", self.product_id.id),
        ]
        if not self.product_id:
            action["domain"].append(("product_code", "=", self.product_code))
        return action


class RetailExceptionType(models.Model):
    _inherit = "retail.exception.type"

    repeat_days = fields.Integer(
        "Repeat window (days)",
        default=30,
        help="The same store, type and product again within this many days is a "
        "repeat.",
    )
    repeat_limit = fields.Integer(
        "Raise severity from",
        default=3,
        help="From this many times within the window the severity is one level "
        "higher. 0 never raises it.",
    )
