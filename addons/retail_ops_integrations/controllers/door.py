import functools
import json
from urllib.parse import quote

from odoo import SUPERUSER_ID
from odoo.http import Controller, request, route

from ..tools import api_page, envelope, openapi, prefer, prometheus
from ..tools.problem import Problem
from ..tools.scheme import is_signed

ROUTE = functools.partial(
    route,
    type="retail_ops",
    auth="retail_ops",
    csrf=False,
    save_session=False,
    readonly=False,
)
KNOWN = {
    "": "GET",
    "events": "POST, OPTIONS",
    "exceptions": "GET, POST",
    "health": "GET",
    "metrics": "GET",
    "openapi.json": "GET",
}
BELOW = ("events/", "exceptions/")
# The page brings its own style and nothing else: no script, no request.
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


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
        if media_type == envelope.PLAIN and not self._reader(call):
            call.required_id()
        receipt = events._accept(
            call.door, call.body, media_type, call.message_id, self._reader(call)
        )
        return _answer(receipt, 202, call.rate_headers())

    @ROUTE("/retail_ops/v1/events", methods=["OPTIONS"], auth="none")
    def consent(self):
        """Tell a sender that asks first that it may send, whoever it is.

        CloudEvents HTTP 1.1 Web Hooks, section 4: consent is no proof, each event is
        signed all the same. Pages in browsers get none of it: there is no CORS here.
        """
        headers = [("Allow", "POST, OPTIONS")]
        if "WebHook-Request-Origin" in request.httprequest.headers:
            headers += [("WebHook-Allowed-Origin", "*"), ("WebHook-Allowed-Rate", "*")]
        return request.make_response("", headers=headers, status=204)

    def _reader(self, call):
        """Return what reads a body that is no envelope of ours, or None."""
        httprequest = request.httprequest
        if not call.read and _is_binary(httprequest):
            return functools.partial(envelope.read_binary, headers=httprequest.headers)
        return call.read

    def _receive_batch(self, call, events):
        strict = prefer.wants_all_or_none(request.httprequest.headers.get("Prefer", ""))
        items = events._batch_items(call.body)
        remaining = request.env["retail.source"]._take(call.door, len(items) - 1)
        answers = events._accept_batch(call.door, items, strict)
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
        if _is_binary(httprequest) and is_signed(httprequest.headers):
            raise Problem(
                "media-type-unsupported",
                415,
                "signed CloudEvents in binary mode are not taken, since the signature "
                "does not cover ce-* headers: send structured mode",
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
        call = self._asking("may_read", event_id)
        known = request.env["retail.event"]._outcomes(call.door.id, [event_id])
        if event_id not in known:
            raise Problem("event-not-found", 404, "this source has not sent it")
        return _answer(known[event_id][1], 200, call.rate_headers())

    @ROUTE("/retail_ops/v1/exceptions", methods=["POST"])
    def raise_exception(self):
        """Store what another system reports about a store: 202 and where to ask."""
        call = request.retail_ops_call
        call.require("may_raise_exceptions")
        if self._media_type(request.httprequest) != envelope.PLAIN:
            raise Problem("media-type-unsupported", 415, f"send {envelope.PLAIN}")
        event_id = call.required_id()
        receipt = request.env["retail.event"]._accept_exception(
            call.door, call.body, event_id
        )
        place = ("Location", f"/retail_ops/v1/exceptions/{quote(event_id)}")
        return _answer(receipt, 202, [place, *call.rate_headers()])

    @ROUTE("/retail_ops/v1/exceptions", methods=["GET"])
    def own_exceptions(self):
        """List the exceptions that a source's own events led to."""
        call = self._asking("may_read", "exceptions")
        exceptions, following = request.env["retail.event"]._own_exceptions(
            call.door.id, **_page(request.httprequest.args)
        )
        body = {"exceptions": exceptions, "next": following}
        return _answer(body, 200, call.rate_headers())

    @ROUTE("/retail_ops/v1/exceptions/<path:event_id>", methods=["GET"])
    def own_exception(self, event_id):
        """Show the exception that one event of a source led to."""
        call = self._asking("may_read", event_id)
        found = request.env["retail.event"]._own_exception(call.door.id, event_id)
        if not found:
            raise Problem(
                "event-not-found",
                404,
                "this source has sent no event of this id that led to an exception",
            )
        return _answer(found, 200, call.rate_headers())

    @ROUTE("/retail_ops/v1/metrics", methods=["GET"])
    def metrics(self):
        """Give the figures of the doors to whoever may scrape them."""
        call = self._asking("may_read_metrics", "metrics")
        families = (
            request.env["retail.door.metrics"].sudo()._families(call.door.company_id)
        )
        return request.make_response(
            prometheus.write(families),
            headers=[
                ("Content-Type", prometheus.CONTENT_TYPE),
                ("Cache-Control", "no-store"),
            ],
        )

    def _asking(self, scope, subject):
        """Return the call of a question that may be asked.

        :param scope: what it needs
        :param subject: what a signature must name as webhook-id
        :raise Problem: 403 or 404
        """
        call = request.retail_ops_call
        call.require(scope)
        if not envelope.is_event_id(subject):
            raise Problem("event-not-found", 404, "no event can have such an id")
        if call.names_id and call.message_id != subject:
            raise Problem("event-not-found", 404, f"sign with {subject} as webhook-id")
        return call

    @ROUTE("/retail_ops/v1/health", methods=["GET"], auth="none")
    def health(self):
        """Tell that requests are served and the database answers."""
        request.env.cr.execute("SELECT 1")
        return _answer({"status": "ok"}, 200)

    @ROUTE("/retail_ops/v1/openapi.json", methods=["GET"], auth="none")
    def describe(self):
        """Describe the doors, from the event types that are in force."""
        return _answer(self._description(), 200)

    @ROUTE(["/retail_ops/v1", "/retail_ops/v1/"], methods=["GET"], auth="none")
    def page(self):
        """Show the same description to a person."""
        return request.make_response(
            api_page.build(self._description()),
            headers=[
                ("Content-Type", "text/html; charset=utf-8"),
                ("Content-Security-Policy", PAGE_POLICY),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )

    def _description(self):
        types = request.env["retail.event.type"].with_user(SUPERUSER_ID)._described()
        return openapi.build(types)

    @ROUTE(["/retail_ops/v1", "/retail_ops/v1/"], auth="none")
    def page_otherwise(self):
        """Answer other methods on the page with a problem."""
        return self.nothing_here("")

    @ROUTE("/retail_ops/v1/<path:rest>", auth="none")
    def nothing_here(self, rest):
        """Answer every other address and method with a problem, too."""
        allowed = KNOWN.get(rest, "GET" if rest.startswith(BELOW) else None)
        if allowed and request.httprequest.method not in allowed.split(", "):
            raise Problem(
                "method-not-allowed",
                405,
                f"{rest or 'this page'} takes {allowed}",
                headers=[("Allow", allowed)],
            )
        raise Problem("not-found", 404, "see /retail_ops/v1/openapi.json")


def _is_binary(httprequest):
    return "ce-specversion" in httprequest.headers


def _page(arguments):
    """Return the page that the address asks for.

    :raise Problem: 400, an argument is not what it must be
    """
    page = {}
    for name, key in (("limit", "limit"), ("next", "before")):
        text = arguments.get(name)
        if text is not None:
            if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) < 2**31):
                raise _wrong_argument(name, "a whole number from 1")
            page[key] = int(text[:9])
    state = arguments.get("state")
    if state not in (None, "open", "closed"):
        raise _wrong_argument("state", "open or closed")
    return page | ({"is_open": state == "open"} if state else {})


def _wrong_argument(name, wanted):
    return Problem(
        "argument-invalid",
        400,
        f"{name} must be {wanted}",
        errors=[{"parameter": name, "detail": f"must be {wanted}"}],
    )


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
