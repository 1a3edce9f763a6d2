import functools
import json

from odoo import SUPERUSER_ID
from odoo.http import Controller, request, route

from ..tools import envelope, openapi
from ..tools.problem import Problem

ROUTE = functools.partial(
    route,
    type="retail_ops",
    auth="retail_ops",
    csrf=False,
    save_session=False,
    readonly=False,
)
KNOWN = {
    "events": "POST",
    "health": "GET",
    "openapi.json": "GET",
}


class Door(Controller):
    """The address that other systems send events to."""

    @ROUTE("/retail_ops/v1/events", methods=["POST"])
    def receive(self):
        """Store the events of a request: 202 means durably stored."""
        call = request.retail_ops_call
        call.require("may_send_events")
        media_type = self._media_type(request.httprequest)
        events = request.env["retail.event"]
        if media_type == envelope.CLOUDEVENT_BATCH and not call.read:
            return self._receive_batch(call, events)
        if media_type == envelope.PLAIN and not call.read:
            call.required_id()
        receipt = events._accept(
            call.door, call.body, media_type, call.message_id, call.read
        )
        return _answer(receipt, 202, call.rate_headers())

    def _receive_batch(self, call, events):
        strict = "handling=strict" in request.httprequest.headers.get("Prefer", "")
        answers = events._accept_batch(call.door, call.body, strict)
        remaining = request.env["retail.source"]._take(call.door, len(answers) - 1)
        results = [_result(answer) for answer in answers]
        refused = [answer for answer in answers if isinstance(answer, Problem)]
        body = {
            "accepted": sum(item["status"] == "accepted" for item in results),
            "duplicates": sum(item["status"] == "duplicate" for item in results),
            "refused": len(refused),
            "results": results,
        }
        for slug in {problem.slug for problem in refused}:
            request.env["retail.refusal"]._count(call.door.id, slug)
        return _answer(body, 202, call._replace(remaining=remaining).rate_headers())

    def _media_type(self, httprequest):
        """Return the content type, which must be one that this door reads."""
        if "ce-specversion" in httprequest.headers:
            raise Problem(
                "media-type-unsupported",
                415,
                "CloudEvents in binary mode are not taken, since the signature does "
                "not cover ce-* headers: send structured mode",
            )
        charset = httprequest.mimetype_params.get("charset", "utf-8").lower()
        if httprequest.mimetype in envelope.CONTENT_TYPES and charset == "utf-8":
            return httprequest.mimetype
        raise Problem(
            "media-type-unsupported",
            415,
            f"send one of {', '.join(envelope.CONTENT_TYPES)} in UTF-8",
            headers=[("Accept", ", ".join(envelope.CONTENT_TYPES))],
        )

    @ROUTE("/retail_ops/v1/events/<path:event_id>", methods=["GET"])
    def outcome(self, event_id):
        """Tell a source what became of its own event."""
        call = request.retail_ops_call
        call.require("may_read")
        if call.names_id and call.message_id != event_id:
            raise Problem(
                "event-not-found", 404, "sign with the event's id as webhook-id"
            )
        known = request.env["retail.event"]._outcomes(call.door.id, [event_id])
        if event_id not in known:
            raise Problem("event-not-found", 404, "this source has not sent it")
        return _answer(known[event_id][1], 200, call.rate_headers())

    @ROUTE("/retail_ops/v1/health", methods=["GET"], auth="none")
    def health(self):
        """Tell that requests are served and the database answers."""
        request.env.cr.execute("SELECT 1")
        return _answer({"status": "ok"}, 200)

    @ROUTE("/retail_ops/v1/openapi.json", methods=["GET"], auth="none")
    def describe(self):
        """Describe the doors, from the event types that are in force."""
        types = request.env["retail.event.type"].with_user(SUPERUSER_ID)._described()
        return _answer(openapi.build(types), 200)

    @ROUTE("/retail_ops/v1/<path:rest>", auth="none")
    def nothing_here(self, rest):
        """Answer every other address and method with a problem, too."""
        allowed = KNOWN.get(rest, "GET" if rest.startswith("events/") else None)
        if allowed:
            raise Problem(
                "method-not-allowed",
                405,
                f"{rest} takes {allowed}",
                headers=[("Allow", allowed)],
            )
        raise Problem("not-found", 404, "see /retail_ops/v1/openapi.json")


def _result(answer):
    """Return the answer for one event of a batch."""
    if isinstance(answer, Problem):
        return {"status": "refused", "problem": answer.document}
    return answer


def _answer(content, status, headers=()):
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return request.make_response(
        body,
        headers=[("Content-Type", "application/json"), *headers],
        status=status,
    )
