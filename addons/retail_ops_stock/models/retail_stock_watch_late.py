from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date


class RetailStockWatch(models.AbstractModel):
    """Receipts past their date."""

    _inherit = "retail.stock.watch"

    @api.model
    def _late(self, stores):
        of_stores = Domain(
            "picking_type_id.warehouse_id", "in", stores.warehouse_id.ids
        )
        pickings = self.env["stock.picking"].sudo()
        return self._findings_of(pickings.search(of_stores & self._is_late()))

    @api.model
    def _is_late(self):
        """Return the domain of receipts past their date."""
        return Domain(
            [
                ("picking_type_code", "=", "incoming"),
                ("state", "in", ("confirmed", "waiting", "assigned")),
                ("scheduled_date", "<", fields.Datetime.now()),
            ]
        )

    @api.model
    def _raise_late(self, pickings):
        """Raise a case for each of these receipts that is late, once until it is in.

        :param pickings: stock.picking of any store or none
        """
        running = Domain(
            "picking_type_id.warehouse_id.retail_store_ids.state",
            "in",
            ("pilot", "live"),
        )
        findings = self._findings_of(
            pickings.sudo().filtered_domain(running & self._is_late())
        )
        about = [("stock_watch_key", "in", list(findings)), ("is_open", "=", True)]
        return self._raise_new(
            findings, self.env["retail.exception"].sudo().search(about)
        )

    @api.model
    def _findings_of(self, pickings):
        return {
            f"stock.late/{picking.id}": {
                "type_id": self.env.ref("retail_ops_core.type_delivery_delay").id,
                "store_id": picking.picking_type_id.warehouse_id.retail_store_ids[
                    :1
                ].id,
                "summary": self.env._(
                    "Receipt %(picking)s from %(partner)s is late",
                    picking=picking.name,
                    partner=picking.partner_id.display_name
                    or self.env._("an unknown vendor"),
                ),
                "reason": self.env._(
                    "It was due on %(date)s: %(products)s.",
                    date=format_date(self.env, picking.scheduled_date),
                    products=", ".join(picking.product_id.mapped("display_name")),
                ),
                **self._proposal_for_late(picking),
            }
            for picking in pickings
        }

    @api.model
    def _proposal_for_late(self, picking):
        """Return whom to ask for a late receipt, as values of its case."""
        return {
            "stock_proposal": "supplier" if picking.partner_id else "none",
            "stock_proposed_at": fields.Datetime.now(),
            "stock_proposal_note": self._ask_for_late(picking),
        }

    @api.model
    def _ask_for_late(self, picking):
        if not picking.partner_id:
            return self.env._(
                "%s names no vendor: enter who sends the goods, and ask when they "
                "come.",
                picking.name,
            )
        return self.env._(
            "Ask %(vendor)s when %(picking)s comes: it was due on %(date)s.",
            vendor=picking.partner_id.display_name,
            picking=picking.name,
            date=format_date(self.env, picking.scheduled_date),
        )
