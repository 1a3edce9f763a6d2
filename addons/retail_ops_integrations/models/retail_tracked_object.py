from operator import itemgetter

from odoo import api, fields, models

from ..tools import latency

# An older fact changes nothing, in whatever order and process it arrives. Of those of
# one moment the one received last counts.
TRACK = """
    INSERT INTO retail_tracked_object AS known (
        company_id, object_id, reference, status_id, changed_at, source_id,
        store_id, correlation_id, order_reference, payload_id
    )
    SELECT %(company_id)s, told.*
      FROM unnest(%(object_id)s::int[], %(reference)s::text[], %(status_id)s::int[],
                  %(changed_at)s::timestamp[], %(source_id)s::int[],
                  %(store_id)s::int[], %(correlation_id)s::text[],
                  %(order_reference)s::text[], %(payload_id)s::int[]) AS told (
           object_id, reference, status_id, changed_at, source_id, store_id,
           correlation_id, order_reference, payload_id)
        ON CONFLICT (company_id, object_id, reference) DO UPDATE
       SET payload_id = EXCLUDED.payload_id,
           status_id = EXCLUDED.status_id, changed_at = EXCLUDED.changed_at,
           source_id = EXCLUDED.source_id, correlation_id = EXCLUDED.correlation_id,
           store_id = COALESCE(EXCLUDED.store_id, known.store_id),
           order_reference = COALESCE(EXCLUDED.order_reference, known.order_reference)
     WHERE (known.changed_at, COALESCE(known.payload_id, 0))
           <= (EXCLUDED.changed_at, EXCLUDED.payload_id)
"""
COLUMNS = (
    "object_id",
    "reference",
    "status_id",
    "changed_at",
    "source_id",
    "store_id",
    "correlation_id",
    "order_reference",
    "payload_id",
)


class RetailTrackedObject(models.Model):
    """Where an order, shipment or payment stands, in the words of this house."""

    _name = "retail.tracked.object"
    _description = "Tracked object"
    _log_access = False
    _allow_sudo_commands = False
    _order = "changed_at desc, id desc"
    _rec_name = "reference"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    object_id = fields.Many2one("retail.object", required=True, readonly=True)
    reference = fields.Char(required=True, readonly=True)
    status_id = fields.Many2one("retail.status", required=True, readonly=True)
    changed_at = fields.Datetime(
        required=True, readonly=True, help="When it happened, as its system says."
    )
    source_id = fields.Many2one("retail.source", required=True, readonly=True)
    store_id = fields.Many2one("retail.store", readonly=True)
    correlation_id = fields.Char(readonly=True)
    order_reference = fields.Char(
        string="Order", readonly=True, help="The order that a payment is for."
    )
    payload_id = fields.Integer(readonly=True)
    counterpart = fields.Char(
        string="Matched with",
        compute="_compute_counterpart",
        compute_sudo=True,
        help="The order of a payment, or the payment of an order, and the time between "
        "the two. Empty: the other one was not heard of yet.",
    )

    _reference_unique = models.UniqueIndex(
        "(company_id, object_id, reference)", "This object is tracked already."
    )

    _order_idx = models.Index(
        "(company_id, order_reference) WHERE order_reference IS NOT NULL"
    )

    @api.depends("reference", "order_reference", "changed_at")
    def _compute_counterpart(self):
        found = self._counterparts()
        for tracked in self:
            other = found.get(tracked)
            tracked.counterpart = other and self.env._(
                "%(reference)s, %(lag)s apart",
                reference=other.reference,
                lag=latency.spell(
                    abs((other.changed_at - tracked.changed_at).total_seconds())
                ),
            )

    def _counterparts(self):
        """Return the order of each payment, and the newest payment of each order.

        :return: dict of retail.tracked.object to another one, without those that
            stand alone
        """
        payments = self.filtered("order_reference")
        orders = (self - payments).filtered(lambda one: one.object_id.code == "order")
        their_orders = self._named("reference", payments.mapped("order_reference"))
        their_payments = self._named("order_reference", orders.mapped("reference"))
        pairs = {
            **{one: their_orders.get(one._of(one.order_reference)) for one in payments},
            **{one: their_payments.get(one._of(one.reference)) for one in orders},
        }
        return {one: other for one, other in pairs.items() if other}

    def _of(self, order):
        return (self.company_id, order)

    @api.model
    def _named(self, field, names):
        """Return the newest for each (company, order), found by one of its fields."""
        domain = [(field, "in", names)]
        if field == "reference":
            domain.append(("object_id.code", "=", "order"))
        found = self.sudo().search(domain) if names else self
        return {one._of(one[field]): one for one in found.sorted("changed_at")}

    @api.model
    def _track(self, company, facts):
        """Note where objects stand, unless something newer is known.

        :param company: res.company
        :param facts: list of dicts of :data:`COLUMNS`
        """
        newest = {}
        moments = itemgetter("changed_at", "payload_id")
        for fact in sorted(facts, key=moments):
            newest[fact["object_id"], fact["reference"]] = fact
        columns = {name: [fact[name] for fact in newest.values()] for name in COLUMNS}
        self.env.cr.execute(TRACK, {"company_id": company.id, **columns})
        self.invalidate_model()

    def action_open_trace(self):
        """Show every hop of the object's case."""
        self.ensure_one()
        return self.env["retail.trace"]._open(self.correlation_id)
