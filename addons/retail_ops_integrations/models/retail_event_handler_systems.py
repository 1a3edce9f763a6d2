from odoo import api, models

from ..tools import outcome


class RetailEventHandler(models.AbstractModel):
    """What other systems say about themselves: receipts and heartbeats."""

    _inherit = "retail.event.handler"

    @api.model
    def _handle_delivery_receipt(self, events):
        """Note for each event what became of a delivery at the receiver.

        :param events: retail.event; data: message_id (the webhook-id), status
            (processed, failed), detail
        :return: list of outcomes
        """
        return [self._take_receipt(event, event._data()) for event in events]

    @api.model
    def _take_receipt(self, event, data):
        delivery = (
            self.env["retail.delivery"]
            .sudo()
            .search(
                [
                    ("message_id", "=", data["message_id"]),
                    ("endpoint_id.receipt_source_id", "=", event.source_id.id),
                ],
                limit=1,
            )
        )
        if not delivery:
            return outcome.Parked(
                self.env._(
                    "No delivery %(message)s went to an endpoint that %(sender)s "
                    "acknowledges",
                    message=data["message_id"],
                    sender=event.source_id.name,
                )
            )
        values = {
            "status": data["status"],
            "detail": data.get("detail"),
            "event_id": event.event_id,
            "acknowledged_at": event.occurred_at,
        }
        self.env["retail.receipt"]._acknowledge(delivery, values)
        if data["status"] == "failed":
            delivery.endpoint_id._ask_for_attention(1, data.get("detail") or "-")
        return outcome.Done(note=self.env._("Acknowledged"))

    @api.model
    def _handle_system_heartbeat(self, events):
        """Note for each event that a system is alive, and how it is doing.

        :param events: retail.event; data: system, status (ok, failing), runs,
            failed_runs, detail
        :return: list of outcomes
        """
        for event in events.sorted("occurred_at"):
            self.env["retail.heartbeat"]._beat(event)
            if self.env["retail.heartbeat"]._is_well(event._data()):
                self.env["retail.integration.alert"]._workflows_well(
                    event.source_id, event._data()["system"], event.occurred_at
                )
        return [outcome.Done(note=self.env._("Alive")) for _event in events]
