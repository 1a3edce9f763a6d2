from odoo import api, models

from ..tools import outcome


class RetailEventHandler(models.AbstractModel):
    """What an orchestrator such as n8n says: facts, notices, failed workflows.

    It may speak only of cases whose correlation id it was told, and changes none.
    """

    _inherit = "retail.event.handler"

    @api.model
    def _handle_exception_enriched(self, events):
        """Note facts about cases.

        :param events: retail.event; data: reference, correlation_id, workflow, facts
        :return: list of outcomes
        """
        return [self._take_facts(event, event._data()) for event in events]

    @api.model
    def _take_facts(self, event, data):
        case = self._case_told(event, data)
        if not case:
            return self._unknown_case(data)
        common = {
            "as_of": event.occurred_at,
            "workflow": self._workflow_of(data),
            "source_id": event.source_id.id,
            "event_id": event.event_id,
        }
        noted = self.env["retail.exception.enrichment"]._note(
            case, data["facts"], common
        )
        return outcome.Done(note=self.env._("%s facts noted", len(noted)))

    @api.model
    def _handle_message_sent(self, events):
        """Note who outside was told of a case.

        :param events: retail.event; data: reference, correlation_id, audience,
            channel, workflow
        :return: list of outcomes
        """
        return [
            self._take_notice(
                event,
                {
                    "sent_at": event.occurred_at,
                    "channel": event._data().get("channel"),
                    "workflow": self._workflow_of(event._data()),
                },
            )
            for event in events
        ]

    @api.model
    def _handle_message_acknowledged(self, events):
        """Note that somebody outside knows of a case.

        :param events: retail.event; data: reference, correlation_id, audience, answer
        :return: list of outcomes
        """
        return [
            self._take_notice(
                event,
                {
                    "acknowledged_at": event.occurred_at,
                    "answer": event._data().get("answer"),
                },
            )
            for event in events
        ]

    @api.model
    def _take_notice(self, event, values):
        data = event._data()
        case = self._case_told(event, data)
        if not case:
            return self._unknown_case(data)
        self.env["retail.exception.notice"]._note(
            case, data["audience"], {**values, "source_id": event.source_id.id}
        )
        return outcome.Done(note=self.env._("Noted on %s", case.name))

    @api.model
    def _handle_workflow_failed(self, events):
        """Give each failing workflow one exception for as long as it fails.

        :param events: retail.event; data: system, workflow, node, error
        :return: list of outcomes
        """
        return [self._take_failure(event, event._data()) for event in events]

    @api.model
    def _take_failure(self, event, data):
        alert = self.env["retail.integration.alert"]._workflow_fails(
            event.source_id,
            data["system"],
            data["workflow"]["name"],
            self.env._(
                "%(workflow)s stopped at “%(node)s”: %(error)s",
                workflow=self._workflow_of(data),
                node=data.get("node") or "-",
                error=data["error"],
            ),
        )
        return outcome.Done(alert.exception_id.id)

    # === Together === #
    @api.model
    def _case_told(self, event, data):
        """Return the case of the source's company that was told under this id."""
        return (
            self.env["retail.exception"]
            .sudo()
            .search(
                [
                    ("name", "=", data["reference"]),
                    ("correlation_id", "=", data["correlation_id"]),
                    ("company_id", "=", event.company_id.id),
                ],
                limit=1,
            )
        )

    @api.model
    def _unknown_case(self, data):
        return outcome.Parked(
            self.env._(
                "No case %(name)s with the correlation id %(correlation)s",
                name=data["reference"],
                correlation=data["correlation_id"],
            )
        )

    @api.model
    def _workflow_of(self, data):
        """Return the workflow, version and run that an event names, as one text."""
        named = data.get("workflow") or {}
        text = " ".join(filter(None, (named.get("name"), named.get("version"))))
        return f"{text}, run {named['run']}" if named.get("run") else text
