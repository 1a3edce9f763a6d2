from odoo import api, models

from ..tools import outcome


class RetailEventHandler(models.AbstractModel):
    """Turns received events into work: one method a kind of event.

    A handler gets events of one source and one type, in the integration user's
    name and the source's company, and returns one outcome for each. It raises
    when none of them can be done; each is then tried alone.
    """

    _name = "retail.event.handler"
    _description = "Event handlers"

    # === Handlers === #
    @api.model
    def _handle_stock_discrepancy_found(self, events):
        """Raise an inventory discrepancy for each event.

        :param events: retail.event; data: store, product, expected, counted,
            unit_cost, currency, reason
        :return: list of outcomes
        """
        kind = self.env.ref("retail_ops_core.type_inventory_discrepancy")
        data = [event._data() for event in events]
        products = self.env["retail.exception"]._product_by_code(
            [str(item["product"]) for item in data]
        )
        return self._raise_exceptions(
            events,
            [
                {
                    "type_id": kind.id,
                    "reason": item.get("reason"),
                    "product_code": str(item["product"]),
                    "product_id": self._id(products.get(str(item["product"]))),
                    "expected_quantity": item["expected"],
                    "counted_quantity": item["counted"],
                    "unit_cost": item.get("unit_cost", 0),
                    **self._currency_vals(item),
                }
                for item in data
            ],
        )

    @api.model
    def _handle_store_exception_reported(self, events):
        """Raise what another system reports about a store, whatever its type.

        :param events: retail.event; data: store, exception_type, summary, reason,
            amount, currency
        :return: list of outcomes
        """
        data = [event._data() for event in events]
        types = self.env["retail.exception.type"].search(
            [("code", "in", [item["exception_type"] for item in data])]
        )
        by_code = {kind.code: kind for kind in types}
        return self._raise_exceptions(
            events,
            [
                {
                    "type_id": self._id(by_code.get(item["exception_type"])),
                    "summary": item["summary"],
                    "reason": item.get("reason"),
                    "amount": item.get("amount", 0),
                    **self._currency_vals(item),
                }
                for item in data
            ],
        )

    # === Together === #
    @api.model
    def _raise_exceptions(self, events, vals_list):
        """Hand facts to the intake, and park those that name what is unknown.

        :param vals_list: list of dicts aligned with ``events``
        :return: list of outcomes
        """
        stores = self._stores_by_code(events)
        outcomes, ready = [None] * len(events), []
        for position, (event, vals) in enumerate(zip(events, vals_list, strict=True)):
            store = stores.get(str(event._data().get("store")))
            unknown = self._unknown(event, store, vals)
            if unknown:
                outcomes[position] = outcome.Parked(unknown)
            else:
                ready.append((position, self._intake_vals(event, store, vals)))
        raised = self.env["retail.exception"]._intake(
            [vals for _position, vals in ready]
        )
        for (position, _vals), exception in zip(ready, raised, strict=True):
            outcomes[position] = self._done(exception)
        return outcomes

    @api.model
    def _done(self, exception):
        if exception:
            return outcome.Done(exception.id)
        return outcome.Done(note=self.env._("Within the type's tolerance"))

    @api.model
    def _stores_by_code(self, events):
        codes = {str(event._data().get("store")) for event in events}
        stores = self.env["retail.store"].search(
            [
                ("code", "in", list(codes)),
                ("company_id", "in", events.company_id.ids),
            ]
        )
        return {store.code: store for store in stores}

    @api.model
    def _unknown(self, event, store, vals):
        """Return what the event names that nobody here knows, or None."""
        data = event._data()
        if not store:
            return self.env._(
                "Unknown store %(store)s in %(company)s",
                store=data.get("store"),
                company=event.company_id.name,
            )
        if not vals["type_id"]:
            return self.env._("Unknown exception type %s", data["exception_type"])
        if not vals.get("currency_id", True):
            return self.env._("Unknown currency %s", data["currency"])
        return None

    @api.model
    def _intake_vals(self, event, store, vals):
        return {
            **vals,
            "store_id": store.id,
            "occurred_at": event.occurred_at,
            "origin": "event",
            "intake_key": f"{event.source_id.code}:{event.event_id}",
            "correlation_id": event.correlation_id,
        }

    @api.model
    def _currency_vals(self, data):
        """Return the currency, False when its code is unknown, nothing when unsaid."""
        if not data.get("currency"):
            return {}
        currency = self.env["res.currency"].search([("name", "=", data["currency"])])
        return {"currency_id": currency.id}

    @api.model
    def _id(self, record):
        return record.id if record else False
