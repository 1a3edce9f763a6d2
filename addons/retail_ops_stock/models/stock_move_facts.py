from odoo import models


class StockMove(models.Model):
    """Tells other systems what happens to the stock of stores."""

    _inherit = "stock.move"

    def _action_assign(self, force_qty=False):
        told = self.sudo().filtered(lambda move: move.location_id._retail_store())
        before = {move.id: move.quantity for move in told}
        result = super()._action_assign(force_qty=force_qty)
        for move in told.exists():
            if move.quantity > before[move.id]:
                move._publish_fact("stock.reserved", move.location_id, move.quantity)
        return result

    def _publish_done(self):
        """Publish of each what left a place of a store, and what came into one."""
        for move in self.sudo().filtered("quantity"):
            move._publish_change()

    def _publish_change(self):
        adjusts = self.is_inventory or "inventory" in (
            self.location_id.usage,
            self.location_dest_id.usage,
        )
        topic = "stock.adjusted" if adjusts else "stock.moved"
        leaving = self.location_id._retail_store()
        if leaving != self.location_dest_id._retail_store() or not leaving:
            self._publish_fact(topic, self.location_id, -self.quantity)
            self._publish_fact(topic, self.location_dest_id, self.quantity)

    def _publish_fact(self, topic, place, quantity):
        """Publish one fact about a place that a store answers for.

        :param topic: event type
        :param place: stock.location
        :param quantity: float in the unit of the move; below zero it leaves
        """
        store = place._retail_store()
        if not store:
            return
        product = self.product_id
        self.env["retail.publisher"]._publish(
            topic,
            {
                "store": store.code,
                "product": product.default_code or product.display_name,
                "quantity": quantity,
                "unit": self.product_uom.with_context(lang=None).name,
                "location": place.complete_name,
                "reference": self.reference or None,
            },
            company=self.company_id,
            correlation_id=None,
            key=f"{store.code}/{product.id}",
        )
