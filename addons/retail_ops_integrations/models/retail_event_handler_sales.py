from odoo import api, models

from ..tools import outcome

STATUSES = {
    "order.created": "placed",
    "order.confirmed": "confirmed",
    "payment.confirmed": "authorised",
    "payment.captured": "captured",
    "payment.failed": "failed",
}


class RetailEventHandler(models.AbstractModel):
    """Orders and their payments: each finds the other, whichever comes first."""

    _inherit = "retail.event.handler"

    @api.model
    def _handle_order_noted(self, events):
        """Note where orders stand, and with which payment they match.

        :param events: retail.event; data: order, store
        :return: list of outcomes
        """
        return self._note_sales(events, "order")

    @api.model
    def _handle_payment_noted(self, events):
        """Note where payments stand, and with which order they match.

        :param events: retail.event; data: payment, order, store
        :return: list of outcomes
        """
        return self._note_sales(events, "payment")

    @api.model
    def _note_sales(self, events, code):
        thing = self.env.ref(f"retail_ops_integrations.object_{code}")
        status = self.env.ref(
            f"retail_ops_integrations.status_{code}_{STATUSES[events[0].type]}"
        )
        stores = self._stores_by_code(events)
        known = self.env["retail.tracked.object"].sudo()
        company = events.source_id.company_id
        facts = [
            self._sale_fact(event, code, thing, status, stores) for event in events
        ]
        known._track(company, facts)
        tracked = known.search(
            [
                ("company_id", "=", company.id),
                ("object_id", "=", thing.id),
                ("reference", "in", [fact["reference"] for fact in facts]),
            ]
        ).grouped("reference")
        return [
            outcome.Done(note=self._match_note(tracked[fact["reference"]]))
            for fact in facts
        ]

    @api.model
    def _sale_fact(self, event, code, thing, status, stores):
        data = event._data()
        store = stores.get(str(data.get("store")))
        return {
            "object_id": thing.id,
            "reference": data[code],
            "status_id": status.id,
            "changed_at": event.occurred_at,
            "source_id": event.source_id.id,
            "store_id": self._id(store) or None,
            "correlation_id": event.correlation_id,
            "order_reference": data["order"] if code == "payment" else None,
            "payload_id": event.id,
        }

    @api.model
    def _match_note(self, tracked):
        if tracked.counterpart:
            return self.env._("Matched with %s", tracked.counterpart)
        return self.env._("Noted; what it belongs to was not heard of yet")
