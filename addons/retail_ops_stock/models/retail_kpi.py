from odoo import api, fields, models
from odoo.tools import SQL

CLOSING_DAYS = 7
DISCREPANCIES = (
    "retail_ops_core.type_inventory_discrepancy",
    "retail_ops_stock.type_stock_surplus",
    "retail_ops_stock.type_stock_unexplained",
)


class RetailKpi(models.Model):
    """How right stock is, and how soon what is wrong is put right."""

    _inherit = "retail.kpi"

    @api.model
    def _kpi_discrepancy_closure(self, first, last):
        """Stock discrepancies that were resolved within a week of opening.

        Each counts on the day its week is over, so that the figure does not move
        afterwards.
        """
        types = [self.env.ref(xmlid).id for xmlid in DISCREPANCIES]
        week_over = SQL("exc.opened_at + %s * interval '1 day'", CLOSING_DAYS)
        return self._facts_of_exceptions(
            week_over,
            SQL("COALESCE(exc.resolved_at <= %s, FALSE)::int", week_over),
            SQL(
                "exc.type_id = ANY(%s) AND exc.state <> 'cancelled' AND %s <= %s",
                types,
                week_over,
                fields.Datetime.now(),
            ),
            first,
            last,
        )

    @api.model
    def _kpi_stockout_lead_time(self, first, last):
        """Hours from the signal to the empty shelf, of goods that ran out that day."""
        return self._facts_of_exceptions(
            SQL("exc.stock_ran_out_at"),
            SQL("exc.stock_lead_hours"),
            SQL("exc.state <> 'cancelled'"),
            first,
            last,
        )

    @api.model
    def _kpi_stockout_prevention(self, first, last):
        """Signals finished that day whose shelf never was empty before they were."""
        return self._facts_of_exceptions(
            SQL("exc.resolved_at"),
            SQL(
                "(exc.stock_ran_out_at IS NULL"
                " OR exc.stock_ran_out_at > exc.resolved_at)::int"
            ),
            SQL(
                "exc.state IN ('resolved', 'closed') AND exc.type_id = %s",
                self.env.ref("retail_ops_core.type_stockout_risk").id,
            ),
            first,
            last,
        )

    @api.model
    def _kpi_replenishment_response(self, first, last):
        """Hours from the level that was passed to the proposal, of that day's."""
        return self._facts_of_exceptions(
            SQL("exc.stock_proposed_at"),
            SQL(
                "EXTRACT(EPOCH FROM exc.stock_proposed_at - exc.stock_breached_at)"
                " / 3600"
            ),
            SQL(
                "exc.state <> 'cancelled' AND exc.stock_breached_at IS NOT NULL"
                " AND exc.stock_proposal <> 'none'"
            ),
            first,
            last,
        )

    @api.model
    def _kpi_inventory_accuracy(self, first, last):
        """Positions counted that day that were as the books said.

        A count that is right leaves a move of nothing behind, one that is wrong a
        move of the difference.
        """
        moment = SQL("move.date")
        return SQL(
            """
            SELECT store.id AS store_id, store.company_id, 'stock'::varchar AS family,
                   %(day)s AS day, move.date AS moment, move.id AS record_id,
                   (move.quantity = 0)::int::numeric AS numerator,
                   1::numeric AS denominator
              FROM stock_move move
              JOIN stock_location place ON place.id IN (
                       move.location_id, move.location_dest_id)
                   AND place.usage IN ('internal', 'transit')
              JOIN retail_store store ON store.warehouse_id = place.warehouse_id
             WHERE %(on_days)s AND move.is_inventory AND move.state = 'done'
               AND move.scrap_id IS NULL
            """,
            day=self._day(moment),
            on_days=self._on_days(moment, first, last),
        )
