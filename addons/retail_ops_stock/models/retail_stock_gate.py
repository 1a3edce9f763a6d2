from typing import Any, NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_amount

WINDOW_HOURS = 24
TYPE_OF_LOSS = {
    "count": "retail_ops_core.type_inventory_discrepancy",
    "scrap": "retail_ops_core.type_damaged_goods",
}
TYPE_OF_SURPLUS = "retail_ops_stock.type_stock_surplus"
LATELY = """
  SELECT line.product_id, place.id,
         SUM(CASE WHEN line.location_id = place.id
             THEN -line.quantity_product_uom
             ELSE line.quantity_product_uom END)
    FROM stock_move_line line
    JOIN stock_move move ON move.id = line.move_id
    JOIN stock_location place
      ON place.id IN (line.location_id, line.location_dest_id)
     AND place.id IN %(places)s
    JOIN stock_location other
      ON other.id IN (line.location_id, line.location_dest_id)
     AND other.id != place.id AND %(loses)s
    LEFT JOIN retail_store store
      ON store.warehouse_id = place.warehouse_id
   WHERE move.state = 'done'
     AND line.id > COALESCE(store.stock_opening_line, 0)
     AND line.product_id IN %(products)s
     AND line.write_date >= %(since)s
     AND NOT EXISTS (
         SELECT FROM retail_stock_hold hold
          WHERE hold.id = move.retail_hold_id
            AND hold.state = 'applied')
GROUP BY line.product_id, place.id
"""

EARLIER_DAYS = 180
EARLIER_MOST = 500
# The last hours are left out: what a change is compared with would hold the change.
EARLIER = """
  SELECT line.product_id, SUM(line.quantity_product_uom)
    FROM stock_move_line line
    JOIN stock_location place ON place.id = line.location_id
     AND place.warehouse_id = %(warehouse)s AND place.usage = 'internal'
    JOIN stock_location other ON other.id = line.location_dest_id
     AND other.usage = 'inventory'
   WHERE line.state = 'done' AND line.date >= %(since)s AND line.date < %(until)s
GROUP BY line.move_id, line.product_id
ORDER BY line.move_id DESC
   LIMIT %(most)s
"""


class Change(NamedTuple):
    """A change of stock that no trade explains."""

    kind: str  # count or scrap
    store: Any  # retail.store that answers for the place
    product: Any
    location: Any
    lot: Any
    package: Any
    owner: Any
    before: float  # on hand, in the product's unit
    difference: float  # still to come; 0 when the books have it already

    @property
    def place(self):
        """Return the key under which changes of the last hours add up."""
        return (self.product.id, self.location.id)


class Verdict(NamedTuple):
    """What the matrix says about a change."""

    waits: bool  # nobody may make it alone
    facts: dict  # values of its case
    impact: float  # company currency

    @property
    def variance(self):
        """Return what the place lost (below zero) or gained within the window."""
        return self.facts["counted_quantity"] - self.facts["expected_quantity"]


class RetailStockGate(models.AbstractModel):
    """Decides, by the matrix, which changes of stock wait for an approval.

    What a place lost or gained within a day counts as one change, so that a large
    one is not made in small parts.
    """

    _name = "retail.stock.gate"
    _description = "Gate on Stock Changes"

    @api.model
    def _verdicts(self, changes):
        """Ask the matrix about each change.

        :param changes: list of :class:`Change`
        :return: list of :class:`Verdict`, aligned with ``changes``
        """
        if not changes:
            return []
        lately = self._lately(changes)
        facts = [
            self._facts(change, lately.get(change.place, 0.0)) for change in changes
        ]
        cases = self.env["retail.exception"].sudo()
        drafts = [cases.new(values) for values in facts]
        routes = cases.concat(*drafts)._approval_routes()
        held = {route.document for route in routes if not route.is_automatic}
        return [
            Verdict(draft in held, values, draft.impact_amount)
            for draft, values in zip(drafts, facts, strict=True)
        ]

    @api.model
    def _facts(self, change, lately):
        loses = change.difference + lately <= 0
        xmlid = TYPE_OF_LOSS[change.kind] if loses else TYPE_OF_SURPLUS
        return {
            "type_id": self.env.ref(xmlid).id,
            "store_id": change.store.id,
            "product_id": change.product.id,
            "expected_quantity": change.before - lately,
            "counted_quantity": change.before + change.difference,
        }

    @api.model
    def _lately(self, changes):
        """Return what the last hours changed at these places without approval.

        :return: dict of :attr:`Change.place` to a quantity in the product's unit
        """
        self.env["stock.move.line"].flush_model()
        self.env["stock.move"].flush_model()
        self.env["retail.store"].flush_model()
        self.env["retail.stock.hold"].flush_model()
        rows = self.env.execute_query(
            SQL(
                LATELY,
                places=tuple({change.location.id for change in changes}),
                products=tuple({change.product.id for change in changes}),
                since=fields.Datetime.subtract(
                    fields.Datetime.now(), hours=WINDOW_HOURS
                ),
                loses=self._loses(),
            )
        )
        return {(product, place): total for product, place, total in rows}

    @api.model
    def _loses(self):
        """Return the SQL that tells moves which no trade and no order explains."""
        names = self.env["stock.move"]._manufacture_fields()
        orders = [SQL("move.%s IS NOT NULL", SQL.identifier(name)) for name in names]
        made = SQL(" OR ").join(orders or [SQL("FALSE")])
        used = SQL("other.usage = 'production' AND NOT (%s)", made)
        return SQL("(other.usage = 'inventory' OR %s)", used)

    @api.model
    def _earlier_losses(self, warehouse):
        """Return what a warehouse lost by counts and scraps, loss by loss.

        :param warehouse: stock.warehouse
        :return: list of float, today's cost in company currency, of the last 180 days
        """
        kept = self.env.cr.cache.setdefault("retail_earlier_losses", {})
        if warehouse.id not in kept:
            kept[warehouse.id] = self._priced(warehouse, self._lost(warehouse))
        return kept[warehouse.id]

    @api.model
    def _lost(self, warehouse):
        self.env["stock.move.line"].flush_model()
        now = fields.Datetime.now()
        return self.env.execute_query(
            SQL(
                EARLIER,
                warehouse=warehouse.id,
                since=fields.Datetime.subtract(now, days=EARLIER_DAYS),
                until=fields.Datetime.subtract(now, hours=WINDOW_HOURS),
                most=EARLIER_MOST,
            )
        )

    @api.model
    def _priced(self, warehouse, lost):
        products = self.env["product.product"].sudo().with_company(warehouse.company_id)
        costs = {
            product.id: product.standard_price
            for product in products.browse({product_id for product_id, _lost in lost})
        }
        return [quantity * costs[product_id] for product_id, quantity in lost]

    @api.model
    def _check_lines(self, lines):
        """Refuse done lines that changed stock without the approval it needs.

        The catch under every path: reads the database, never the context.

        :param lines: stock.move.line, any
        :raise UserError: naming the first
        """
        loose = lines.sudo().filtered(
            lambda line: line._retail_place() and line.quantity
        )
        if not loose:
            return
        loose = loose.filtered(
            lambda line: not line.move_id.retail_hold_id._allows(line.move_id)
        )
        places = self._places_of(loose)
        if places:
            self._check_places(places)

    @api.model
    def _check_places(self, places):
        changes = self._changes_made(places)
        verdicts = self._verdicts(changes)
        for change, verdict in zip(changes, verdicts, strict=True):
            if verdict.waits:
                raise UserError(self._refusal(change, verdict))
        self._note_unasked([line.move_id for line in places.values()], verdicts)

    @api.model
    def _note_unasked(self, moves, verdicts):
        """Note moves by ways that ask nothing, where the matrix only watches."""
        unasked = [
            ((move, move.display_name), verdict)
            for move, verdict in zip(moves, verdicts, strict=True)
            if not move._was_asked_about()
        ]
        if unasked:
            self._note_watched(*zip(*unasked, strict=True))

    @api.model
    def _note_watched(self, documents, verdicts):
        """Note what the matrix would do where it only watches; no case is raised.

        :param documents: ``(record, name)`` of what changes the stock, each
        :param verdicts: :class:`Verdict`, aligned
        """
        if not self.env["retail.workflow"]._ids_in_waves():
            return
        cases = self.env["retail.exception"].sudo()
        rows = []
        for (record, name), verdict in zip(documents, verdicts, strict=True):
            about = {"res_model": record._name, "res_id": record.id}
            watched = cases.new(verdict.facts)._watched_routes()
            rows += [{**route, **about, "document_name": name} for route in watched]
        shadows = self.env["retail.rollout.shadow"]
        shadows._note(shadows._done_by(rows, self.env.user))

    @api.model
    def _places_of(self, lines):
        """Return the last line of each product and place that a store answers for.

        :return: dict of ``(product, place)`` to stock.move.line
        """
        places = {(line.product_id, line._retail_place()): line for line in lines}
        stores = {place: place._retail_store() for _product, place in places}
        return {key: line for key, line in places.items() if stores[key[1]]}

    @api.model
    def _changes_made(self, places):
        on_hand = self._on_hand(places)
        nothing = self.env["stock.lot"]
        return [
            Change(
                "scrap" if line.move_id.scrap_id else "count",
                place._retail_store(),
                *(product, place),
                *(nothing, nothing, nothing),
                before=on_hand.get((product, place), 0.0),
                difference=0.0,
            )
            for (product, place), line in places.items()
        ]

    @api.model
    def _on_hand(self, places):
        groups = (
            self.env["stock.quant"]
            .sudo()
            ._read_group(
                [
                    ("product_id", "in", [product.id for product, _place in places]),
                    ("location_id", "in", [place.id for _product, place in places]),
                ],
                ["product_id", "location_id"],
                ["quantity:sum"],
            )
        )
        return {(product, place): quantity for product, place, quantity in groups}

    @api.model
    def _refusal(self, change, verdict):
        return self.env._(
            "%(quantity)s of %(product)s at %(store)s (%(impact)s) need an approval "
            "before the stock changes. Count the goods in Physical Inventory, or scrap "
            "them: pressing Apply or Validate asks for it.",
            quantity=abs(verdict.variance),
            product=change.product.display_name,
            store=change.store.display_name,
            impact=format_amount(self.env, verdict.impact, change.store.currency_id),
        )
