from odoo import api, models

from ..tools import masking, outcome

# Facts that are always a case of one type, by the name of their event type.
CASES = {
    "supplier.delayed": "retail_ops_core.type_delivery_delay",
    "replenishment.threshold.breached": "retail_ops_core.type_stockout_risk",
    "customer.complaint.escalated": "retail_ops_core.type_customer_complaint",
    "equipment.issue.reported": "retail_ops_core.type_equipment_failure",
}


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
        currencies = self._currencies(data)
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
                    **self._currency_vals(item, currencies),
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
        currencies = self._currencies(data)
        types = self.env["retail.exception.type"].search(
            [("code", "in", [item["exception_type"] for item in data])]
        )
        by_code = {kind.code: kind for kind in types}
        return self._raise_exceptions(
            events,
            [
                {
                    "type_id": self._id(by_code.get(item["exception_type"])),
                    "summary": masking.hide_cards(item["summary"]),
                    "reason": item.get("reason"),
                    "amount": item.get("amount", 0),
                    **self._currency_vals(item, currencies),
                }
                for item in data
            ],
        )

    @api.model
    def _handle_case_of_its_type(self, events):
        """Raise the case that a fact always is, such as a supplier's delay.

        :param events: retail.event; data: store, summary, reason, amount, currency,
            product
        :return: list of outcomes
        """
        kind = self.env.ref(CASES[events[0].type])
        data = [event._data() for event in events]
        currencies = self._currencies(data)
        products = self.env["retail.exception"]._product_by_code(
            [item["product"] for item in data if item.get("product")]
        )
        return self._raise_exceptions(
            events,
            [
                {
                    "type_id": kind.id,
                    "summary": masking.hide_cards(item["summary"]),
                    "reason": item.get("reason"),
                    "amount": item.get("amount", 0),
                    "product_code": item.get("product"),
                    "product_id": self._id(products.get(item.get("product"))),
                    **self._currency_vals(item, currencies),
                }
                for item in data
            ],
        )

    @api.model
    def _handle_object_status_changed(self, events):
        """Note where objects stand, in the words of this house.

        :param events: retail.event; data: object, reference, status, store
        :return: list of outcomes
        """
        source = events.source_id
        meanings = self.env["retail.status.word"]._meanings(source)
        objects = {
            thing.code: thing.id for thing in self.env["retail.object"].search([])
        }
        stores = self._stores_by_code(events)
        outcomes, facts, unknown = [], [], {}
        for event in events:
            fact = self._status_fact(event, objects, stores)
            word = self.env["retail.status.word"]._normalised(event._data()["status"])
            status = meanings.get((fact["object_id"], word))
            if status:
                facts.append({**fact, "status_id": status.id})
                outcomes.append(outcome.Done(note=status.name))
            elif fact["object_id"]:
                unknown[len(outcomes)] = (event, fact["object_id"], word)
                outcomes.append(None)
            else:
                outcomes.append(
                    outcome.Parked(
                        self.env._("Unknown object %s", event._data()["object"])
                    )
                )
        self.env["retail.tracked.object"]._track(source.company_id, facts)
        return self._park_unknown_words(source, outcomes, unknown)

    @api.model
    def _handle_fact_noted(self, events):
        """Keep facts that nobody here acts on yet: they stand in the log and trace.

        :param events: retail.event
        :return: list of outcomes
        """
        return [outcome.Done(note=self.env._("Noted")) for _event in events]

    # === Statuses === #
    @api.model
    def _status_fact(self, event, objects, stores):
        data = event._data()
        store = stores.get(str(data.get("store")))
        return {
            "object_id": objects.get(data["object"]),
            "reference": data["reference"],
            "changed_at": event.occurred_at,
            "source_id": event.source_id.id,
            "store_id": store.id if store else None,
            "correlation_id": event.correlation_id,
            "order_reference": None,
            "payload_id": event.id,
        }

    @api.model
    def _park_unknown_words(self, source, outcomes, unknown):
        """Park events whose word nobody knows, and raise an exception for the word.

        :param outcomes: list with None at the positions of ``unknown``
        :param unknown: dict position -> (event, id of retail.object, word)
        :return: list of outcomes
        """
        if not unknown:
            return outcomes
        words = {(object_id, word) for _event, object_id, word in unknown.values()}
        self.env["retail.status.word"]._learn(source, words)
        raised = self._raise_for_words([*unknown.values()])
        for position, exception in zip(unknown, raised, strict=True):
            _event, _object_id, word = unknown[position]
            outcomes[position] = outcome.Parked(
                self.env._("“%s” has no meaning yet: give it one and replay", word),
                exception,
            )
        return outcomes

    @api.model
    def _raise_for_words(self, unknown):
        """Raise one exception a word and store, where the store is known.

        :return: list of ids of retail.exception or None, aligned
        """
        events = self.env["retail.event"].browse([event.id for event, *_ in unknown])
        stores = self._stores_by_code(events)
        places = [stores.get(str(event._data().get("store"))) for event in events]
        keys, vals_of_key = [], {}
        for (event, object_id, word), store in zip(unknown, places, strict=True):
            vals = self._word_vals(event, store, object_id, word) if store else {}
            keys.append(vals.get("intake_key"))
            vals_of_key[vals.get("intake_key")] = vals
        vals_of_key.pop(None, None)
        raised = self.env["retail.exception"]._intake([*vals_of_key.values()])
        ids = {key: one.id for key, one in zip(vals_of_key, raised, strict=True)}
        return [ids.get(key) for key in keys]

    @api.model
    def _word_vals(self, event, store, object_id, word):
        thing = self.env["retail.object"].browse(object_id)
        source = event.source_id
        return {
            "type_id": self.env.ref("retail_ops_core.type_data_quality").id,
            "summary": self.env._(
                "%(channel)s says “%(word)s” of a %(thing)s, which has no meaning here",
                channel=source.name,
                word=word,
                thing=thing.name,
            ),
            "store_id": store.id,
            "occurred_at": event.occurred_at.replace(microsecond=0),
            "origin": "event",
            "intake_key": f"status-word:{source.code}:{thing.code}:{word}:{store.code}",
            "correlation_id": event.correlation_id,
        }

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
            "reason": masking.hide_cards(vals.get("reason")),
            "store_id": store.id,
            "occurred_at": event.occurred_at.replace(microsecond=0),
            "origin": "event",
            "intake_key": f"{event.source_id.code}:{event.event_id}",
            "correlation_id": event.correlation_id,
        }

    @api.model
    def _currencies(self, data):
        codes = {item["currency"] for item in data if item.get("currency")}
        found = self.env["res.currency"].search([("name", "in", list(codes))])
        return {currency.name: currency.id for currency in found}

    @api.model
    def _currency_vals(self, item, currencies):
        """Return the currency, False when its code is unknown, nothing when unsaid."""
        if not item.get("currency"):
            return {}
        return {"currency_id": currencies.get(item["currency"], False)}

    @api.model
    def _id(self, record):
        return record.id if record else False
