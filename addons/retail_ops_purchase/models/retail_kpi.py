from odoo import api, models
from odoo.tools import SQL


class RetailKpi(models.Model):
    """How long a store waits for what it asked to buy."""

    _inherit = "retail.kpi"

    @api.model
    def _kpi_order_cycle_time(self, first, last):
        """Hours from the request, else the order's date, to the last receipt.

        The date of an order is also the deadline that a vendor has for his quotation:
        one that lies ahead of the order's entry says nothing about its beginning.
        """
        moment = SQL("purchase.retail_received_at")
        return SQL(
            """
            SELECT purchase.store_id, purchase.company_id, NULL::varchar AS family,
                   %(day)s AS day, %(moment)s AS moment, purchase.id AS record_id,
                   EXTRACT(EPOCH FROM %(moment)s - COALESCE(need.create_date,
                       LEAST(purchase.date_order, purchase.create_date)))
                       / 3600 AS numerator,
                   1::numeric AS denominator
              FROM purchase_order purchase
              JOIN retail_store store ON store.id = purchase.store_id
              LEFT JOIN retail_request need ON need.id = purchase.retail_request_id
             WHERE %(on_days)s AND purchase.state = 'purchase'
            """,
            day=self._day(moment),
            moment=moment,
            on_days=self._on_days(moment, first, last),
        )
